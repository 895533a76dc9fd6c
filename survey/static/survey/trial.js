// One trial: the player, the listening gate, and an answer that is not lost on the way.
// Everything here is an enhancement: without it the page is a plain form with the browser's own player.
import { buildSliders } from "./affect.js";
import { preload } from "./preload.js";
import { keepAnswer } from "./delivery.js";
import { recordEvents } from "./events.js";
import { watchListening } from "./listening.js";

const form = document.getElementById("trial-form");
const texts = document.querySelector("[data-texts]").dataset;
const opened = performance.now();
const events = recordEvents(form, opened);
const listening = watchListening(form, texts, events);
buildSliders(form, texts);

let firstChoice = null;
let hiddenSince = null;
let hiddenSeconds = 0;

form.addEventListener("change", (event) => {
  if (event.target.name !== "chosen" && event.target.name !== "confidence") return;
  if (event.target.name === "chosen" && firstChoice === null) firstChoice = (performance.now() - opened) / 1000;
  events.add("choose");
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    hiddenSince = performance.now();
    events.add("hidden");
  } else if (hiddenSince !== null) {
    hiddenSeconds += (performance.now() - hiddenSince) / 1000;
    hiddenSince = null;
    events.add("visible");
  }
});

function fillMeasures() {
  const fields = form.elements;
  if (listening) {
    fields.played_seconds.value = listening.playedSeconds().toFixed(2);
    fields.plays.value = listening.plays();
  }
  fields.hidden_seconds.value = hiddenSeconds.toFixed(2);
  fields.first_choice_seconds.value = firstChoice === null ? "" : firstChoice.toFixed(2);
}

keepAnswer(form, texts, { before: () => { fillMeasures(); events.send(); } });

const pageLoaded = new Promise((done) => { window.addEventListener("load", () => done(true)); });
preload(form, listening ? listening.whole : pageLoaded);

// A page taken from the browser's back-forward memory may be a trial that is answered already.
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
