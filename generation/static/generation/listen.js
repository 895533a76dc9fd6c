// A pair of clips: one plays at a time, what was really played is counted, and the answer waits until both were heard.
import { buildPlayers } from "../site/player.js";

const STEP_LIMIT = 0.75; // seconds between two time updates that still count as playing on; seeking makes longer ones

const form = document.querySelector("[data-listen]");
const players = [...form.querySelectorAll("[data-clip]")];
const fields = [...form.querySelectorAll("[data-seconds]")];
const button = form.querySelector("[data-send]");
const words = form.querySelector("[data-words]");
const least = Number(form.dataset.least);
const heard = players.map(() => 0);
const isSilent = (player) => player.muted || player.volume === 0;
let lost = false; // a clip could not be loaded

function show() {
  const missing = heard.some((seconds) => seconds < least);
  button.disabled = missing;
  if (lost) words.textContent = "A clip cannot be played: load the page again. If that does not help, tell whoever runs this site.";
  else if (missing && players.some(isSilent)) words.textContent = "The sound is off: seconds without it do not count.";
  else words.textContent = missing ? `Listen to at least ${least} seconds of both clips, then answer.` : "";
}

players.forEach((player, place) => {
  let last = 0;
  if (player.error) lost = true; // it came before this script
  player.addEventListener("error", () => {
    lost = true;
    show();
  });
  player.addEventListener("volumechange", show);
  player.addEventListener("timeupdate", () => {
    const step = player.currentTime - last;
    last = player.currentTime;
    if (isSilent(player) || player.seeking || step <= 0 || step > STEP_LIMIT) return;
    heard[place] += step;
    fields[place].value = heard[place].toFixed(2);
    show();
  });
});

document.addEventListener("keydown", (event) => {
  const player = players[["1", "2"].indexOf(event.key)];
  if (!player || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  if (event.repeat) return; // a key that is held is one press
  if (player.paused) player.play();
  else player.pause();
});

form.addEventListener("submit", () => {
  for (const player of players) player.pause();
  button.disabled = true; // a second press would only be told that the first answer stays
});

window.addEventListener("pageshow", show); // also where the browser brings the page back from its memory
for (const hint of form.querySelectorAll("[data-key]")) hint.hidden = false;
for (const field of fields) field.value = "0";
buildPlayers(form, { remembers: false }); // a mute from another page would pass for listening
show();
