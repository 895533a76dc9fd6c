// For pages that need no more than players: builds all of them, and the choices of a page that lists clips.
import { offerChoices } from "./listing.js";
import { buildPlayers } from "./player.js";

const players = buildPlayers();
for (const place of document.querySelectorAll("[data-player-choices]")) offerChoices(place, players);
