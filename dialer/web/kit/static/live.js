// Server-sent events: who wants to hear one, fragments that are fetched anew, and an honest word when the line is lost.
import { word } from "./words.js";

const NAMES = ["visit", "attempt", "agent", "alarm", "notice", "order", "campaign", "list", "test_call", "reset"];
const SETTLE_MS = 120; // several events of one step make one fetch
const AT_MOST_MS = 500; // between two fetches of one fragment, unless its data-least says otherwise
const LOST_AFTER_MS = 2500; // a short break is nobody's business
const AGAIN_MS = 3000;

const listeners = new Map();
const fragments = new Map();
let source = null;
let lostTimer = 0;
let wasLost = false;

/** Hear an event of the stream: its name, and what to do with its object. "reset": look at everything anew. */
export function on(name, handler) {
  if (!listeners.has(name)) listeners.set(name, new Set());
  listeners.get(name).add(handler);
  return () => listeners.get(name).delete(handler);
}

/** Fetch a fragment now: its element, or its selector. */
export function refresh(which) {
  const element = typeof which === "string" ? document.querySelector(which) : which;
  if (element?.dataset.live) fetchSoon(element, 0);
}

function state(name) {
  const dot = document.getElementById("link-state");
  if (dot) dot.dataset.state = name;
  document.documentElement.dataset.link = name;
}

function lost() {
  lostTimer = 0;
  wasLost = true;
  state("lost");
  const strip = document.getElementById("connection-lost");
  if (strip) {
    strip.textContent = word("lost");
    strip.hidden = false;
  }
  tell("lost", null);
}

function found() {
  clearTimeout(lostTimer);
  lostTimer = 0;
  state("up");
  const strip = document.getElementById("connection-lost");
  if (strip) strip.hidden = true;
  if (wasLost) {
    wasLost = false;
    tell("back", null);
    refreshAll();
  }
}

function tell(name, data) {
  for (const handler of listeners.get(name) ?? []) {
    try {
      handler(data);
    } catch (error) {
      console.error(error); // one listener's defect is not the others'
    }
  }
}

function connect() {
  source?.close();
  source = new EventSource("/api/v1/events");
  source.addEventListener("hello", found);
  source.onerror = () => {
    if (!lostTimer && !wasLost) lostTimer = setTimeout(lost, LOST_AFTER_MS);
    if (source.readyState === EventSource.CLOSED) setTimeout(comeBack, AGAIN_MS); // refused: the browser gives up
  };
  for (const name of NAMES) {
    source.addEventListener(name, (event) => {
      tell(name, JSON.parse(event.data));
      if (name === "reset") refreshAll();
      else for (const element of live()) if (wants(element, name)) fetchSoon(element, SETTLE_MS);
    });
  }
}

/** The stream was refused: either the session has ended, or the server is busy with starting. */
async function comeBack() {
  try {
    const response = await fetch("/pages/strip", { headers: { "Dialer-Fragment": "1" }, credentials: "same-origin" });
    if (response.status === 401) return signIn();
  } catch {
    // still away: try again below
  }
  connect();
}

function signIn() {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

// Who signs out has not been signed out: the end of the stream must not be quicker than the page that follows.
document.addEventListener("submit", ({ target, defaultPrevented }) => { if (!defaultPrevented && target.matches('[action="/sign-out"]')) source?.close(); });

const least = (element) => Number(element.dataset.least ?? AT_MOST_MS);
const live = () => document.querySelectorAll("[data-live]");
const wants = (element, name) => name === "list" || (element.dataset.on ?? "").split(/\s+/).includes(name);

function refreshAll() {
  for (const element of live()) fetchSoon(element, 0);
}

function fetchSoon(element, ms) {
  const known = fragments.get(element) ?? { last: 0, timer: 0, busy: false, again: false };
  fragments.set(element, known);
  if (known.timer) return;
  if (known.busy) {
    known.again = true;
    return;
  }
  const wait = Math.max(ms, known.last + least(element) - performance.now());
  known.timer = setTimeout(() => fetchNow(element, known), Math.max(wait, 0));
}

async function fetchNow(element, known) {
  known.timer = 0;
  if (!element.isConnected) return void fragments.delete(element);
  known.busy = true;
  const asked = element.dataset.live;
  try {
    const response = await fetch(asked, { headers: { "Dialer-Fragment": "1" }, credentials: "same-origin" });
    if (response.status === 401) return signIn();
    const text = response.ok ? await response.text() : null;
    if (element.dataset.live !== asked) known.again = true; // the page wants another one by now
    else if (text !== null) replace(element, text);
  } catch {
    // the stream tells that the server is away, and everything is fetched when it is back
  } finally {
    known.busy = false;
    known.last = performance.now();
    if (known.again) {
      known.again = false;
      fetchSoon(element, Math.min(SETTLE_MS, least(element)));
    }
  }
}

/** Put new content in place of the old; what has not changed is not touched, so focus, text and scrolling stay. */
function replace(element, html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  merge(element, made.content);
  element.dispatchEvent(new CustomEvent("live-replaced", { bubbles: true }));
}

function merge(old, made) {
  const keyed = new Map([...old.children].filter((c) => c.id).map((c) => [c.id, c]));
  let at = old.firstChild;
  for (const next of [...made.childNodes]) {
    const same = next.id && keyed.has(next.id) ? keyed.get(next.id) : at;
    if (same && alike(same, next)) {
      if (same !== at) old.insertBefore(same, at);
      else at = at.nextSibling;
      update(same, next);
    } else {
      old.insertBefore(next, at);
    }
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function alike(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id ?? "") === (b.id ?? "");
}

function update(old, next) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== next.nodeValue) old.nodeValue = next.nodeValue;
    return;
  }
  if (old.isEqualNode(next)) return;
  const typing = old.matches("input, textarea, select");
  for (const { name, value } of [...next.attributes]) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  if (!typing) merge(old, next);
}

// Running clocks: <time data-since="ISO"> counts up, <time data-until="ISO"> down. Office PCs' clocks are wrong by minutes,
// so it is the server's time that counts: the page says when it was made.
const skew = (() => {
  const made = Date.parse(document.documentElement.dataset.now ?? "");
  const came = performance.timeOrigin + (performance.getEntriesByType("navigation")[0]?.responseStart ?? 0);
  return Number.isNaN(made) ? 0 : made - came;
})();

/** The time now by the server's clock, in ms. */
export const now = () => Date.now() + skew;

function shown(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

export function tick() {
  const at = now();
  for (const clock of document.querySelectorAll("time[data-since], time[data-until]")) {
    const { since, until } = clock.dataset;
    const text = shown((since ? at - Date.parse(since) : Date.parse(until) - at) / 1000);
    if (clock.textContent !== text) clock.textContent = text;
  }
}

export function start() {
  state("wait");
  connect();
  for (const element of live()) {
    if (!element.hasChildNodes()) fetchSoon(element, 0);
    const every = Number(element.dataset.every ?? 0);
    if (every) setInterval(() => fetchSoon(element, 0), every * 1000);
  }
  setInterval(tick, 500);
  document.addEventListener("live-replaced", tick);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refreshAll(); });
  tick();
}
