// One version of a pair: its players, two versions in step, and waiting for a clip that is being made.
import { buildComparison } from "../site/compare.js";
import { buildPlayers } from "../site/player.js";
import { askUntilDone } from "../site/asking.js";

buildPlayers();
for (const region of document.querySelectorAll("[data-compare]")) buildComparison(region);

const line = document.querySelector("[data-waits-for]");
if (line && /^(queued|running):/.test(line.dataset.key)) {
  askUntilDone(() => line.dataset.waitsFor, (state) => {
    if (state.status === "ready") {
      location.reload();
      return true;
    }
    if (line.dataset.key !== state.key) {
      line.dataset.key = state.key;
      line.innerHTML = state.html;
    }
    return !["queued", "running"].includes(state.status);
  });
}
