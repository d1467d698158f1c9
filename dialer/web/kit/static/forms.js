// Forms that ask the API, ticking a table's rows, choices that take effect at once, printing.
import { api, Refusal, toast } from "./api.js";
import { refresh } from "./live.js";
import { word } from "./words.js";

function bodyOf(form) {
  const body = {};
  for (const field of form.elements) {
    if (!field.name) continue;
    if ("json" in field.dataset) body[field.name] = JSON.parse(field.value);
    else if ("time" in field.dataset) body[field.name] = field.value.trim() || null;
    else body[field.name] = field.value.trim();
  }
  return body;
}

// <form data-form="POST /visits/1/withdraw" data-refresh="#story" data-done="Done.">
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-form]");
  if (!form) return;
  event.preventDefault();
  const [method, path] = form.dataset.form.split(" ");
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const told = await api(method, path, bodyOf(form), { form });
    if (told?.changed === false) toast(form.dataset.same, "warn");
    else toast(form.dataset.done || word("done"));
    if (!("keep" in form.dataset)) form.reset();
    form.closest("details.menu")?.removeAttribute("open");
    if (form.dataset.refresh) refresh(form.dataset.refresh);
    else for (const each of document.querySelectorAll("[data-live]")) refresh(each);
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof TypeError)) throw error;
  } finally {
    button.disabled = false;
  }
});

document.addEventListener("change", (event) => {
  const { target } = event;
  if ("submit" in target.dataset) target.form.requestSubmit();
  if ("tickAll" in target.dataset) {
    for (const box of target.closest("table").querySelectorAll('tbody input[type="checkbox"]')) box.checked = target.checked;
  }
  if (target.matches('tbody input[type="checkbox"], [data-tick-all]')) {
    const ticked = target.form?.querySelector('input[name="which"][value="ticked"]');
    if (ticked) ticked.checked = true;
  }
});

document.addEventListener("api-done", (event) => {
  if (event.target.closest?.("[data-reload]")) location.reload();
  refresh(event.target.closest?.("[data-live]"));
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
