// Follows a lesson; without JavaScript the page is loaded anew.
import { followJob } from "../site/asking.js";

const place = document.querySelector("[data-lesson]");
const phase = place.querySelector("[data-lesson-phase]");

followJob(place.dataset.lesson, (state) => {
  if (state.phase) phase.textContent = state.phase;
});
