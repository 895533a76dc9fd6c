// One version of a pair: playhead, one clip at a time, and waiting for a clip that is being made.
import { followPlayer, onlyOneAtATime } from "./playhead.js";
import { askUntilDone } from "./waiting.js";

for (const player of document.querySelectorAll("[data-player]")) {
  const roll = document.querySelector(`[data-roll="${player.dataset.player}"]`);
  if (roll) followPlayer(player, roll);
}
onlyOneAtATime([...document.querySelectorAll("audio")]);

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
