// The clips of one's own answers, played again: the participants' player, one sound at a time, and nothing is counted.
import { buildPlayer } from "./player.js";

const texts = document.querySelector("[data-own-texts]").dataset;
const boxes = [...document.querySelectorAll("[data-player]")];
const sounds = boxes.map((box) => box.querySelector("audio"));

function watch(box, audio) {
  const status = box.querySelector("[data-player-status]");
  const sources = audio.querySelectorAll("source");
  const length = Number(box.dataset.duration) || 0;
  const player = buildPlayer(audio, texts, audio.getAttribute("aria-label"));
  let isBroken = false;

  function show() {
    const state = isBroken ? "try" : !audio.paused ? "pause" : audio.ended ? "again" : "play";
    player.label(state, true);
    player.showTime(audio.ended ? length : audio.currentTime, length);
    const told = isBroken ? texts.broken : "";
    if (status.textContent !== told) status.textContent = told;
  }

  function fail() {
    isBroken = true;
    show();
  }

  player.button.addEventListener("click", () => {
    // What could not be loaded counts as playing.
    if (isBroken) {
      isBroken = false;
      audio.load();
    } else if (!audio.paused) {
      audio.pause();
      return;
    }
    audio.play().catch(show);
  });
  audio.addEventListener("play", () => {
    for (const other of sounds) if (other !== audio) other.pause();
  });
  for (const name of ["play", "pause", "timeupdate", "ended"]) audio.addEventListener(name, show);
  // With <source> elements the last of them tells that nothing could be loaded.
  sources[sources.length - 1].addEventListener("error", fail);
  audio.addEventListener("error", fail);
  show();
}

boxes.forEach((box, place) => watch(box, sounds[place]));
