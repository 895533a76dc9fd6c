// Choosing many clips at once; without this the checkboxes do the same one by one.
const form = document.querySelector("[data-clips]");
if (form) {
  const boxes = [...form.querySelectorAll('input[name="main"]')];
  const count = form.querySelector("[data-clip-count]");
  const tell = () => { count.textContent = `${boxes.filter((box) => box.checked).length} main clips chosen`; };
  const setAll = (checked) => { for (const box of boxes) box.checked = checked; tell(); };
  form.querySelector("[data-clip-tools]").hidden = false;
  form.querySelector("[data-choose-all]").addEventListener("click", () => setAll(true));
  form.querySelector("[data-choose-none]").addEventListener("click", () => setAll(false));
  form.addEventListener("change", tell);
  tell();
}
