// Sliders. Without scripts steps are there instead; a slider nobody moved is no answer.
export function buildSliders(form, texts) {
  const scales = [...form.querySelectorAll("[data-affective]")].map((scale) => buildSlider(scale, texts));
  if (!scales.length) return;
  const status = form.querySelector("[data-form-status]");
  let reminded = false;
  form.addEventListener("submit", (event) => {
    const unset = scales.find(({ field }) => field.value === "");
    if (!unset || reminded) return;
    reminded = true;
    event.preventDefault();
    event.stopImmediatePropagation();
    status.textContent = texts.unset;
    unset.slider.focus();
  });
}

function buildSlider(scale, texts) {
  const { affective: name, low, high } = scale.dataset;
  const [least, most] = [Number(scale.dataset.least), Number(scale.dataset.most)];
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: -100, max: 100, step: 1, value: 0, className: "affective-slider" });
  slider.setAttribute("aria-labelledby", `${name}-name`);
  slider.setAttribute("aria-valuetext", texts.notSet);
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name, value: "" });

  const set = () => {
    const percent = Number(slider.value);
    field.value = (least + ((most - least) * (percent + 100)) / 200).toFixed(2);
    scale.classList.add("is-set");
    const end = percent < 0 ? low : high;
    slider.setAttribute("aria-valuetext", percent ? `${end} ${Math.abs(percent)} %` : texts.middle);
  };
  slider.addEventListener("input", set);
  // The middle is an answer too: a tap on the marker where it stands, or Enter or the space bar.
  slider.addEventListener("pointerup", set);
  slider.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    set();
  });
  scale.querySelector("[data-steps]").replaceChildren(slider, field);
  scale.classList.add("is-sliding");
  return { slider, field };
}
