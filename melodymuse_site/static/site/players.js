// For pages that need no more than players: builds all of them, and the choices of a page that lists clips. What comes
// to the page later says so by the event `content-added`.
import { offerChoices } from "./listing.js";
import { buildPlayers } from "./player.js";

function build(root) {
  const players = buildPlayers(root);
  for (const place of root.querySelectorAll("[data-player-choices]")) offerChoices(place, players);
}

document.addEventListener("content-added", (event) => build(event.detail.root));
build(document);
