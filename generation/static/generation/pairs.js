// The gallery: its players, and how many pairs are selected.
import "../site/players.js";
import { countSelection } from "./selection.js";

for (const form of document.querySelectorAll("[data-selection]")) countSelection(form);
