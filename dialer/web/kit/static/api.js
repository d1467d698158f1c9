// Calls to /api/v1 with the session and its token, and short notices to the person.
import { filled, refused, word } from "./words.js";

const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const SHOWN_MS = 6000;

export class Refusal extends Error {
  constructor(status, told) {
    super(told?.message ?? `HTTP ${status}`);
    this.status = status;
    this.code = told?.error ?? "";
    this.problems = told?.problems ?? [];
  }
}

/** Show a notice for some seconds; kind: good, warn or bad. Bad ones stay until they are closed. */
export function toast(text, kind = "good") {
  const made = document.createElement("div");
  made.className = `toast ${kind}`;
  if (kind === "bad") made.setAttribute("role", "alert");
  const said = document.createElement("span");
  said.textContent = text;
  const close = document.createElement("button");
  close.className = "quiet";
  close.textContent = "×";
  close.setAttribute("aria-label", word("close"));
  close.addEventListener("click", () => made.remove());
  made.append(said, close);
  document.getElementById("toasts")?.append(made);
  if (kind !== "bad") setTimeout(() => made.remove(), SHOWN_MS);
}

/**
 * Ask the API: api("PUT", "/agents/001/presence", {presence: "ready"}). body: an object (JSON), a FormData or a Blob.
 * Resolves to the JSON of the answer, or null. On a refusal marks the fields of the form that it is about, shows a toast
 * (unless quiet) and throws a Refusal.
 */
export async function api(method, path, body, { quiet = false, signal, form } = {}) {
  const headers = { "X-CSRF-Token": token, "Accept-Language": document.documentElement.lang.slice(0, 2) };
  const raw = body instanceof FormData || body instanceof Blob;
  if (body !== undefined && !raw) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method, headers, signal, body: body === undefined || raw ? body : JSON.stringify(body), credentials: "same-origin",
    });
  } catch (error) {
    if (error.name !== "AbortError" && !quiet) toast(word("failed"), "bad");
    throw error;
  }
  const text = await response.text();
  const told = text && response.headers.get("Content-Type")?.includes("json") ? JSON.parse(text) : null;
  blame(form, told?.problems ?? []);
  if (response.ok) return told;
  const refusal = new Refusal(response.status, told);
  if (response.status === 401) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  else if (!quiet) toast(explain(refusal, form), "bad");
  throw refusal;
}

/** The field of a form that a problem is about, if it is one. */
function fieldOf(form, { where }) {
  const found = form?.elements.namedItem(where?.replace(/^body\.?/, "") ?? "");
  return found instanceof RadioNodeList ? found[0] : found;
}

function blame(form, problems) {
  for (const field of form?.querySelectorAll("[aria-invalid]") ?? []) field.removeAttribute("aria-invalid");
  const wrong = problems.map((each) => fieldOf(form, each)).filter(Boolean);
  for (const field of wrong) field.setAttribute("aria-invalid", "true");
  wrong[0]?.focus();
}

const wishes = new Set();

/** A press is one wish: while what it asked for is under way, the same is not asked for again. */
export async function wish(name, ask) {
  if (wishes.has(name)) return;
  wishes.add(name);
  try {
    await ask();
  } finally {
    wishes.delete(name);
  }
}

/** A refusal in the person's language, with what exactly is wrong; of a form by the names of its fields. */
export function explain(refusal, form) {
  const said = refused(refusal.code);
  const reasons = refusal.problems.filter((each) => !each.row).map((each) => {
    const field = fieldOf(form, each);
    const name = (field?.closest("fieldset")?.querySelector("legend") ?? field?.labels?.[0])?.textContent.trim();
    return name ? filled("field", { name, why: each.reason }) : each.reason;
  });
  const why = reasons.join(" · ") || refusal.message;
  const foreign = document.documentElement.lang !== "en" && !/[^\x00-\x7f]/.test(why); // nobody has translated it
  return why && !foreign ? filled("because", { said, why }) : said;
}

// <button data-api="POST /campaign/resume" data-body='{}' data-confirm="Sure?" data-done="Resumed.">
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-api]");
  if (!button || button.disabled) return;
  event.preventDefault();
  if (button.dataset.confirm && !window.confirm(button.dataset.confirm)) return;
  const [method, path] = button.dataset.api.split(" ");
  const place = button.closest("[data-live]"); // a refresh meanwhile may put another button in its place
  button.disabled = true;
  try {
    const body = button.dataset.body === undefined ? undefined : JSON.parse(button.dataset.body);
    const told = await api(method, path, body);
    toast(button.dataset.done || word("done"));
    const asked = button.isConnected ? button : place?.isConnected ? place : document;
    asked.dispatchEvent(new CustomEvent("api-done", { bubbles: true, detail: told }));
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof TypeError)) throw error;
  } finally {
    button.disabled = false;
  }
});
