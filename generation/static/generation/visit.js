// A visitor's piece: asked for until it is there.
import { buildPlayers } from "../site/player.js";
import { askUntilDone } from "../site/asking.js";

const place = document.querySelector("[data-visit]");
const said = place.querySelector("[data-visit-said]");
const piece = place.querySelector("[data-visit-piece]");
let shown = place.dataset.status;

if ("done" in place.dataset) {
  buildPlayers(piece);
} else {
  askUntilDone(() => place.dataset.visit, (state) => {
    if (state.status !== shown) {
      said.innerHTML = state.said;
      piece.innerHTML = state.html;
    }
    shown = state.status;
    if (state.done) buildPlayers(piece);
    return state.done;
  });
}
