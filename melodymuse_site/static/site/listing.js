// Pages that list clips: going on to the next one by itself, and playing what is in the middle of the screen. Both are
// off until somebody chooses them.
import { make } from "./frame.js";
import { shownPlayers } from "./player.js";
import { prefer, preferences, whenPreferred } from "./preferences.js";

const REST = 300; // milliseconds without scrolling before a clip begins
const CHOICES = {
  next: "Play the next clip when one ends",
  scroll: "While scrolling, play the clip in the middle of the screen",
};

// Sound that begins by itself is nothing for people who want less motion, or pay for what is loaded.
const isSparing = () => matchMedia("(prefers-reduced-motion: reduce)").matches || navigator.connection?.saveData === true;

function buildChoice(name) {
  const box = make("input", { type: "checkbox" });
  let isNew = true;
  box.addEventListener("change", () => prefer({ [name]: box.checked }));
  const forget = whenPreferred(() => {
    box.checked = preferences()[name];
    if (!isNew && !box.isConnected) forget(); // a list that was fetched anew brings choices of its own
    isNew = false;
  });
  return make("label", {}, box, ` ${CHOICES[name]}`);
}

function playNext(player, list) {
  if (!preferences().next || player.isRepeating()) return;
  const shown = shownPlayers().filter(({ box }) => list.contains(box));
  const next = shown[shown.findIndex(({ box }) => box === player.box) + 1];
  if (!next) return;
  next.box.scrollIntoView({ block: "nearest" });
  next.toggle();
}

function distanceToMiddle({ box }) {
  const { left, right, top, bottom } = box.getBoundingClientRect();
  return Math.hypot((left + right - innerWidth) / 2, (top + bottom - innerHeight) / 2);
}

function playWhileScrolling() {
  let last = null;
  let timer = 0;
  const look = () => {
    if (!preferences().scroll || isSparing()) return;
    const middle = shownPlayers()
      .filter(({ box }) => box.getBoundingClientRect().bottom > 0 && box.getBoundingClientRect().top < innerHeight)
      .sort((one, other) => distanceToMiddle(one) - distanceToMiddle(other))[0];
    if (!middle || middle === last) return;
    last = middle;
    if (middle.media.paused) middle.toggle();
  };
  addEventListener("scroll", () => { clearTimeout(timer); timer = setTimeout(look, REST); }, { passive: true });
}

// `place` names its choices: data-player-choices="next scroll". They are about the list that it stands in.
export function offerChoices(place, all) {
  const list = place.parentElement;
  const players = all.filter(({ box }) => list.contains(box));
  const names = place.dataset.playerChoices.split(" ").filter((name) => name !== "scroll" || !isSparing());
  if (players.length < 2) return;
  place.append(...names.map(buildChoice));
  place.hidden = false;
  if (names.includes("scroll")) playWhileScrolling();
  for (const player of players) player.media.addEventListener("ended", () => playNext(player, list));
}
