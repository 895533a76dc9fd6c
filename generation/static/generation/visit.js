// A visitor's piece: asked for until it is there.
import { buildPlayers } from "../site/player.js";
import { askUntilDone } from "./waiting.js";

const place = document.querySelector("[data-visit]");
let shown = "";

if ("done" in place.dataset) {
  buildPlayers(place);
} else {
  askUntilDone(() => place.dataset.visit, (state) => {
    if (state.status !== shown) place.innerHTML = state.html;
    shown = state.status;
    if (state.done) buildPlayers(place);
    return state.done;
  });
}
