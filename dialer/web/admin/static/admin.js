// The administrator's forms: <form data-send="PUT /agents/{number}"> becomes a call to /api/v1, and the page is looked at anew.
import { Refusal, api, explain, toast } from "./api.js";
import { word } from "./words.js";

const TOLD = "dialer.told";

/** What a form holds, as the API takes it: boxes are true or false, [data-many] a list, [data-json] a value as it is. */
function collected(form) {
  const body = {};
  for (const field of form.elements) {
    if (!field.name || field.disabled) continue;
    if ("many" in field.dataset) {
      body[field.name] ??= [];
      if (field.checked) body[field.name].push(field.value);
    } else if (field.type === "checkbox") {
      body[field.name] = field.checked;
    } else if ("json" in field.dataset) {
      body[field.name] = JSON.parse(field.value);
    } else if (field.name === "team" && form.dataset.send.includes("/agents/")) {
      body.team = field.value.trim() || null; // an agent without a team has none; an account's "" takes it away
    } else {
      body[field.name] = field.value.trim();
    }
  }
  return body;
}

function asked(form) {
  const [method, template] = form.dataset.send.split(" ");
  if ("upload" in form.dataset) return [method, template, new FormData(form)];
  const body = collected(form);
  const path = template.replace(/{(\w+)}/g, (_, name) => {
    const value = encodeURIComponent(body[name]);
    delete body[name];
    return value;
  });
  return [method, path, body];
}

/** The rows of a list that the server does not take. */
function listed(form, problems, sentence = "") {
  const list = form.querySelector("[data-problems]");
  if (!list) return;
  const where = (each) => (each.row ? `${word("row")} ${each.row}${each.column && ` · ${each.column}`}` : each.where);
  const rows = problems.map((each) => [where(each), each.value, each.reason].filter(Boolean).join(" · "));
  const told = sentence ? [sentence, ...rows] : [];
  list.hidden = told.length === 0;
  list.replaceChildren(...told.map((text) => {
    const row = document.createElement("li");
    row.textContent = text;
    return row;
  }));
}

function lookAnew(told, next) {
  sessionStorage.setItem(TOLD, told || word("done"));
  if (next) location.assign(next);
  else location.reload();
}

/** Show once what nobody can look up again, and whose it is. */
function reveal(value, whose) {
  const dialog = document.getElementById("shown-once");
  const shown = dialog.querySelector("[data-value]");
  dialog.querySelector("[data-whose]").textContent = whose;
  shown.textContent = value;
  dialog.addEventListener("close", () => {
    shown.textContent = "";
    location.reload();
  });
  dialog.showModal();
}

async function send(form) {
  if (form.dataset.sure && !window.confirm(form.dataset.sure)) return;
  const [method, path, body] = asked(form);
  const buttons = form.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  try {
    const told = await api(method, path, body, { quiet: "upload" in form.dataset, form });
    listed(form, []);
    const secret = form.dataset.reveal;
    if (secret) reveal(told[secret] ?? body[secret], [told.number, told.name].filter(Boolean).join(" "));
    else lookAnew(form.dataset.told, form.dataset.next);
  } catch (error) {
    if (error instanceof Refusal) listed(form, error.problems, explain(error));
    else if (!(error instanceof TypeError)) throw error;
    else if ("upload" in form.dataset) toast(word("failed"), "bad");
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-send]");
  if (!form) return;
  event.preventDefault();
  send(form);
});

document.addEventListener("api-done", (event) => {
  if (event.target.closest("[data-reload]")) lookAnew();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const value = button.closest("dialog").querySelector("[data-value]");
  getSelection().selectAllChildren(value);
  try {
    await navigator.clipboard.writeText(value.textContent); // only over TLS or on this machine
    toast(word("copied"));
  } catch {
    if (document.execCommand("copy")) toast(word("copied"));
  }
});

// Only an administrator's right to hear recordings is a matter of choice.
for (const choice of document.querySelectorAll("[data-role-choice]")) {
  const box = choice.form.elements.namedItem("recordings");
  const follow = () => { if (box) box.closest("label").hidden = choice.value !== "administrator"; };
  choice.addEventListener("change", follow);
  follow();
}

const told = sessionStorage.getItem(TOLD);
if (told) {
  sessionStorage.removeItem(TOLD);
  toast(told);
}
