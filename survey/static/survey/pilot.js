// Follows simulated people through a draft; without JavaScript the page is loaded anew.
import { followJob } from "../site/asking.js";

const place = document.querySelector("[data-pilot]");
const done = place.querySelector("[data-pilot-done]");
const bar = place.querySelector("progress");

followJob(place.dataset.pilot, (state) => {
  done.textContent = state.done;
  bar.value = state.done;
});
