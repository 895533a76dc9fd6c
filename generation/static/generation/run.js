// The form of a run: how many pictures are selected, and how many clips the run makes, said as it changes.
import { countSelection } from "./selection.js";

const REST_MS = 250;

function saySize(fieldset) {
  const form = fieldset.closest("form");
  const words = fieldset.querySelector("[data-run-size-words]");
  let waiting = 0;
  let asked = 0;
  const ask = async () => {
    const body = new FormData();
    const sent = new FormData(form);
    for (const name of ["csrfmiddlewaretoken", "composer", "seeds_per_picture", "cues"]) {
      for (const value of sent.getAll(name)) body.append(name, value);
    }
    body.append("pictures", fieldset.dataset.runSize);
    asked += 1;
    const turn = asked;
    try {
      const response = await fetch(location.pathname, { method: "POST", body, headers: { Accept: "application/json" } });
      const answer = await response.json();
      if (turn === asked && answer.words) words.textContent = answer.words; // of two answers the later question counts
    } catch {
      words.textContent = "How many clips this makes could not be asked; is the network away?";
    }
  };
  fieldset.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, REST_MS);
  });
}

for (const fieldset of document.querySelectorAll("[data-selection]")) countSelection(fieldset);
for (const fieldset of document.querySelectorAll("[data-run-size]")) saySize(fieldset);
