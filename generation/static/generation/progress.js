// A run's page: every pair's state as it changes.
import { askUntilDone } from "../site/asking.js";

function update(section, progress) {
  section.querySelector("[data-progress-bar]").value = progress.finished;
  const words = section.querySelector("[data-progress-words]");
  const text = `${progress.finished} of ${progress.total} finished`;
  if (words.textContent !== text) words.textContent = text;
  for (const [status, number] of Object.entries(progress.counts)) {
    section.querySelector(`[data-count="${status}"]`).textContent = number;
  }
  for (const part of section.querySelectorAll("[data-shown-while]")) {
    part.hidden = !part.dataset.shownWhile.split(" ").some((status) => progress.counts[status]);
  }
  for (const state of progress.rows) {
    const row = document.querySelector(`[data-row="${state.id}"]`);
    if (!row || row.dataset.key === state.key) continue;
    row.dataset.key = state.key;
    row.querySelector("[data-state]").innerHTML = state.html;
  }
  return progress.is_finished;
}

for (const section of document.querySelectorAll("[data-progress]:not([data-finished])")) {
  askUntilDone(() => section.dataset.progress, (progress) => update(section, progress));
}
