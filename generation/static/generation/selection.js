// Says how many rows are selected, and selects all.
export function countSelection(form) {
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const words = form.querySelector("[data-selection-count]");
  const all = form.querySelector("[data-select-all]");
  const say = () => {
    const number = boxes.filter((box) => box.checked).length;
    words.textContent = number ? `${number} selected` : "";
  };
  form.addEventListener("change", say);
  if (all) {
    all.hidden = false;
    all.addEventListener("click", () => {
      const every = boxes.every((box) => box.checked);
      for (const box of boxes) box.checked = !every;
      say();
    });
  }
  say();
}
