// What was begun in a result's form is never lost: each letter is kept in this browser, and which form is open, until the
// result is saved. A reload, the next sign-in and other windows of this browser show the same.

const KEPT_MS = 7 * 24 * 3600 * 1000;

export class Drafts {
  /** changed: called when another window has typed, opened or closed a form. */
  constructor(staff, changed) {
    this.prefix = `result:${staff}:`;
    this.name = `open-form:${staff}`;
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(this.prefix) && Date.now() - read(key).at > KEPT_MS) localStorage.removeItem(key);
    }
    window.addEventListener("storage", ({ key }) => {
      if (key === null || key === this.name || key.startsWith(this.prefix)) changed();
    });
  }

  /** The form that is open: {attempt, result}, or null. */
  get open() {
    return read(this.name);
  }

  set open(form) {
    if (form) localStorage.setItem(this.name, JSON.stringify(form));
    else localStorage.removeItem(this.name);
  }

  /** The forms that were begun for a call: result -> its fields by name. */
  of(attempt) {
    return read(this.prefix + attempt)?.forms ?? {};
  }

  keep(attempt, result, fields) {
    const forms = { ...this.of(attempt), [result]: fields };
    localStorage.setItem(this.prefix + attempt, JSON.stringify({ at: Date.now(), forms }));
  }

  drop(attempt) {
    localStorage.removeItem(this.prefix + attempt);
  }
}

function read(key) {
  return JSON.parse(localStorage.getItem(key) ?? "null");
}
