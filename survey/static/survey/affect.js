// Sliders, and the pad in place of two of them. Without scripts steps are there instead; what nobody moved is no answer.
import { buildPad } from "./pad-answer.js";

export function buildSliders(form, texts) {
  const pads = [...form.querySelectorAll("[data-on-pad]")].map((place) => buildPadOf(place, texts));
  const scales = [...form.querySelectorAll("[data-affective]")].map((scale) => buildSlider(scale, texts));
  const asked = [...pads, ...scales];
  if (!asked.length) return;
  const status = form.querySelector("[data-form-status]");
  let reminded = false;
  form.addEventListener("submit", (event) => {
    const unset = asked.find(({ field }) => field.value === "");
    if (!unset || reminded) return;
    reminded = true;
    event.preventDefault();
    event.stopImmediatePropagation();
    status.textContent = unset.reminder;
    unset.slider.focus();
  });
}

const makeField = (name) => Object.assign(document.createElement("input"), { type: "hidden", name, value: "" });

// Valence and arousal at once; the steps of both go, and their fields stay.
function buildPadOf(place, texts) {
  const fields = Object.fromEntries(["valence", "arousal"].map((name) => [name, makeField(name)]));
  place.querySelectorAll("[data-affective]").forEach((scale) => scale.remove());
  const pad = buildPad(place.querySelector("[data-answer-pad]"), texts, (at) => {
    for (const [name, field] of Object.entries(fields)) field.value = at[name].toFixed(2);
  });
  place.querySelector("[data-pad-hint]").hidden = false;
  place.append(...Object.values(fields));
  return { slider: pad.handle, field: fields.valence, reminder: texts.unsetPad };
}

function buildSlider(scale, texts) {
  const { affective: name, low, high } = scale.dataset;
  const [least, most] = [Number(scale.dataset.least), Number(scale.dataset.most)];
  const field = makeField(name);
  const { slider } = makeSlider(scale, { low, high, name: `${name}-name` }, texts, (percent) => {
    field.value = (least + ((most - least) * (percent + 100)) / 200).toFixed(2);
  });
  scale.querySelector("[data-steps]").replaceChildren(slider, field);
  scale.classList.add("is-sliding");
  return { slider, field, reminder: texts.unset };
}

// A slider from −100 to 100 in words of its two ends; `told` hears where it was put.
export function makeSlider(place, { low, high, name }, texts, told) {
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: -100, max: 100, step: 1, value: 0, className: "affective-slider" });
  slider.setAttribute("aria-labelledby", name);

  function clear() {
    slider.value = 0;
    slider.setAttribute("aria-valuetext", texts.notSet);
    place.classList.remove("is-set");
  }

  const set = () => {
    const percent = Number(slider.value);
    place.classList.add("is-set");
    const end = percent < 0 ? low : high;
    slider.setAttribute("aria-valuetext", percent ? `${end} ${Math.abs(percent)} %` : texts.middle);
    told(percent);
  };
  slider.addEventListener("input", set);
  // The middle is an answer too: a tap on the marker where it stands, or Enter or the space bar.
  slider.addEventListener("pointerup", set);
  slider.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    set();
  });
  clear();
  return { slider, clear };
}
