// Remarks that are never lost: kept in this browser from the first letter on, sent as they are typed, and sent again
// after a reload or a lost connection. Other windows of this browser show each letter at once.
import { api, Refusal } from "./api.js";
import { word } from "./words.js";

const QUIET_MS = 400; // after the last letter
const AGAIN_MS = 3000;

export class Remarks {
  constructor(field, state, staff) {
    this.field = field;
    this.state = state;
    this.prefix = `remarks:${staff}:`;
    this.attempt = "";
    this.timer = 0;
    this.sending = null;
    this.channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(this.prefix);
    field.addEventListener("input", () => this.typed());
    field.addEventListener("blur", () => this.flush());
    if (this.channel) this.channel.onmessage = ({ data }) => this.heard(data);
    window.addEventListener("pagehide", () => this.lastChance());
  }

  get text() {
    return this.field.value;
  }

  draft(attempt) {
    return localStorage.getItem(this.prefix + attempt);
  }

  /** Which call the field is for, and what the server has for it; a draft that it has not got yet goes before that. */
  of(attempt, text, at) {
    const draft = this.draft(attempt);
    if (attempt !== this.attempt) {
      this.flush();
      this.attempt = attempt;
      this.field.value = draft ?? text;
      this.say(draft !== null ? "unsaved" : at ? "saved" : "");
    } else if (draft === null && document.activeElement !== this.field && this.field.value !== text && !this.sending) {
      this.field.value = text;
    }
  }

  typed() {
    if (!this.attempt) return;
    localStorage.setItem(this.prefix + this.attempt, this.field.value);
    this.channel?.postMessage({ attempt: this.attempt, text: this.field.value });
    this.say("saving");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), QUIET_MS);
  }

  heard({ attempt, text }) {
    if (attempt === this.attempt && document.activeElement !== this.field) this.field.value = text;
    else if (attempt === this.attempt && !document.hasFocus()) this.field.value = text;
  }

  /** Send what the server has not got of the present call. */
  async flush() {
    clearTimeout(this.timer);
    while (this.sending) await this.sending;
    if (this.attempt && this.draft(this.attempt) !== null) await this.send(this.attempt);
  }

  /** Send every draft that lies here, also of earlier calls. */
  async sendAll() {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(this.prefix));
    for (const name of names) await this.send(name.slice(this.prefix.length));
  }

  async send(attempt) {
    const text = this.draft(attempt);
    if (text === null) return;
    this.sending = this.put(attempt, text);
    try {
      await this.sending;
    } finally {
      this.sending = null;
    }
  }

  async put(attempt, text) {
    try {
      await api("PUT", `/attempts/${attempt}/remarks`, { text }, { quiet: true });
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) return void localStorage.removeItem(this.prefix + attempt);
      this.say("unsaved");
      if (error instanceof Refusal && error.status < 500) return; // kept; another try is worth it after a reload only
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.sendAll(), AGAIN_MS);
      return;
    }
    if (this.draft(attempt) === text) {
      localStorage.removeItem(this.prefix + attempt);
      if (attempt === this.attempt) this.say("saved");
    } else if (attempt === this.attempt) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.flush(), QUIET_MS);
    }
  }

  /** The page goes away: the draft stays here in any case, and mostly still reaches the server. */
  lastChance() {
    const text = this.attempt ? this.draft(this.attempt) : null;
    if (text === null) return;
    const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
    fetch(`/api/v1/attempts/${this.attempt}/remarks`, {
      method: "PUT", keepalive: true, credentials: "same-origin", body: JSON.stringify({ text }),
      headers: { "Content-Type": "application/json", "X-CSRF-Token": token },
    }).catch(() => {}); // the draft is sent when the page is opened again
  }

  say(what) {
    this.state.textContent = what ? word(what) : "";
  }
}
