// The gallery: one clip at a time, and how many are selected.
import { onlyOneAtATime } from "./playhead.js";
import { countSelection } from "./selection.js";

onlyOneAtATime([...document.querySelectorAll("audio")]);
for (const form of document.querySelectorAll("[data-selection]")) countSelection(form);
