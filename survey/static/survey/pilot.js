// Follows simulated people through a draft; without JavaScript the page is loaded anew.
import { follow } from "./following.js";

const place = document.querySelector("[data-pilot]");
const done = place.querySelector("[data-pilot-done]");
const bar = place.querySelector("progress");

follow(place.dataset.pilot, (state) => {
  done.textContent = state.done;
  bar.value = state.done;
});
