// Follows a lesson; without JavaScript the page is loaded anew.
import { follow } from "./following.js";

const place = document.querySelector("[data-lesson]");
const phase = place.querySelector("[data-lesson-phase]");

follow(place.dataset.lesson, (state) => {
  if (state.phase) phase.textContent = state.phase;
});
