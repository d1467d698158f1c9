// What is typed into <form data-draft="note:7"> stays in this browser until the form is reset: over a reload, another
// page, a sign-out. Hidden fields stay with what was typed, and go with it.
const place = (form) => `draft:${document.body.dataset.staff}:${form.dataset.draft}`;

function keep({ target }) {
  const { form } = target;
  if (!form?.dataset.draft) return;
  const typed = [...form.elements].some((field) => field.name && field.type !== "hidden" && field.value);
  if (typed) localStorage.setItem(place(form), JSON.stringify(Object.fromEntries(new FormData(form))));
  else localStorage.removeItem(place(form));
}

document.addEventListener("input", keep);
document.addEventListener("reset", ({ target }) => {
  if (target.dataset.draft) localStorage.removeItem(place(target));
});
for (const form of document.querySelectorAll("form[data-draft]")) {
  const kept = JSON.parse(localStorage.getItem(place(form)) ?? "{}");
  for (const [name, value] of Object.entries(kept)) form.elements.namedItem(name).value = value;
}
