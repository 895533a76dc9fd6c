// Sound check and headphone test: how long each sound was really played goes with the form, which waits for all of
// them. An enhancement: without it the browser's own controls play, and the server's clock alone decides.
import { buildPlayer } from "./player.js";
import { countPlaying, covers } from "./playing.js";

const form = document.querySelector("[data-hearing]");
const texts = document.querySelector("[data-texts]").dataset;
const length = Number(form.dataset.seconds);

function watch(box) {
  const audio = box.querySelector("audio");
  const status = box.querySelector("[data-player-status]");
  const field = form.elements[box.dataset.sound];
  const counter = countPlaying(audio, Number(field.value) || 0);
  const player = buildPlayer(audio, texts);
  let isBroken = false;
  const isHeard = () => covers(counter.seconds(), length);
  const say = (text) => { if (status.textContent !== text) status.textContent = text; };

  function show() {
    if (isBroken) player.label("try", true);
    else if (!audio.paused) player.label("pause", true);
    else player.label(isHeard() ? "again" : "play", true);
    player.showTime(audio.currentTime, length);
    if (isHeard()) box.dataset.heard = "";
  }

  function count() {
    counter.step();
    field.value = counter.seconds().toFixed(2);
    show();
    if (isHeard()) say(texts.heard);
  }

  player.button.addEventListener("click", () => {
    delete box.dataset.asked;
    say("");
    if (isBroken) { isBroken = false; audio.load(); }
    if (!audio.paused) { audio.pause(); return; }
    for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
    audio.play().catch(show);
  });
  for (const name of ["play", "pause", "timeupdate", "ended"]) audio.addEventListener(name, count);
  audio.addEventListener("seeking", counter.skip);
  audio.addEventListener("ended", counter.skip);
  audio.addEventListener("error", () => { isBroken = true; say(texts.broken); show(); });
  show();
  field.value = counter.seconds().toFixed(2);
  return { isHeard, ask() { box.dataset.asked = ""; say(box.dataset.first); player.button.focus(); } };
}

const sounds = [...document.querySelectorAll("[data-sound]")].map(watch);

form.addEventListener("submit", (event) => {
  const silent = sounds.find((sound) => !sound.isHeard());
  if (!silent) return;
  event.preventDefault();
  silent.ask();
});
