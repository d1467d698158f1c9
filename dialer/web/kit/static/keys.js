// Keys: data-key="o" (or "alt+o", "f2", "enter", "escape") presses a button, opens a link or focuses a field.
// In a field, Ctrl+Enter saves its form, and Esc presses a button or leaves the field, but never the page.
const NAMES = { arrowleft: "←", arrowright: "→", arrowup: "↑", arrowdown: "↓", escape: "Esc", enter: "Enter", " ": "␣" };

function named(event) {
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push("ctrl");
  if (event.altKey) parts.push("alt");
  parts.push(event.altKey && /^(Key|Digit)/.test(event.code) ? event.code.replace(/^(Key|Digit)/, "").toLowerCase() : event.key.toLowerCase());
  return parts.join("+");
}

export function shownKey(key) {
  return key.split("+").map((part) => NAMES[part] ?? (part.length > 1 ? part[0].toUpperCase() + part.slice(1) : part.toUpperCase())).join("+");
}

function isTyping(element) {
  return element?.closest?.("textarea, select, [contenteditable], input:not([type=button], [type=submit], [type=checkbox], [type=radio])") != null;
}

const usable = (element) => !element.disabled && element.closest("[hidden], [inert]") === null && element.getClientRects().length > 0;

function wanted(key) {
  const open = document.querySelector("dialog[open]");
  const all = [...(open ?? document).querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
  return all.find(usable);
}

function press(element) {
  if (element.matches("input, textarea, select")) {
    element.focus();
    element.select?.();
  } else {
    element.focus({ preventScroll: true });
    element.click();
  }
}

function list() {
  const dialog = document.getElementById("keys");
  const rows = document.getElementById("keys-list");
  if (!dialog || !rows || dialog.open) return;
  rows.replaceChildren();
  for (const element of document.querySelectorAll("[data-key]")) {
    if (!usable(element)) continue;
    const key = document.createElement("dt");
    const made = document.createElement("kbd");
    made.textContent = shownKey(element.dataset.key);
    key.append(made);
    const what = document.createElement("dd");
    const shown = (element.labels?.[0] ?? element).cloneNode(true);
    for (const each of shown.querySelectorAll("kbd")) each.remove(); // the key stands beside it already
    what.textContent = (element.dataset.keyName ?? element.getAttribute("aria-label") ?? shown.textContent).replace(/\s+/g, " ").trim();
    rows.append(key, what);
  }
  dialog.showModal();
}

export function start() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    const key = named(event);
    const typing = isTyping(event.target);
    const always = event.altKey || event.ctrlKey || /^f\d+$/.test(key) || key === "escape";
    if (typing && !always) return;
    if (key === "enter" && event.target.closest?.("a, button, summary")) return;
    if (typing && key === "ctrl+enter" && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit(event.target.form.querySelector("button:not([type=button], [disabled])"));
      return;
    }
    const element = wanted(key);
    if (typing && key === "escape" && (!element || element.matches("a"))) {
      event.preventDefault();
      event.target.blur();
    } else if (element) {
      event.preventDefault();
      press(element);
    } else if (key === "f1" || key === "?") {
      event.preventDefault();
      list();
    }
  });
}
