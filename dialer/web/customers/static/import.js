// The import of a list: the file stays chosen; first a preview, then the same file for good.
import { explain, Refusal, toast } from "./api.js";
import { word } from "./words.js";

const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const form = document.getElementById("import");
const result = document.getElementById("import-result");

async function send(button) {
  const asked = button.dataset;
  const file = form.elements.file.files[0];
  if (!file) return;
  const query = new URLSearchParams({
    do: asked.do, skip: asked.skip ?? "", withdraw: asked.withdraw ?? "", filename: file.name, day: form.elements.day.value, list: form.elements.list.value,
    sheet: result.querySelector("[data-sheet]")?.value ?? "",
  });
  button.disabled = true;
  result.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(`/pages/floor/import?${query}`, {
      method: "POST",
      body: file,
      credentials: "same-origin",
      headers: { "X-CSRF-Token": token, "Dialer-Fragment": "1", "Content-Type": "application/octet-stream" },
    });
    if (!response.ok) throw new Refusal(response.status, await response.json());
    result.innerHTML = await response.text();
    result.querySelector("h2")?.scrollIntoView({ block: "nearest" });
  } catch (error) {
    toast(error instanceof Refusal ? explain(error) : word("failed"), "bad");
  } finally {
    button.disabled = false;
    result.removeAttribute("aria-busy");
  }
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  send(form.querySelector("button"));
});
form?.addEventListener("change", () => result.replaceChildren());
result?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) send(button);
});
