// One trial after the other: the player, the listening gate, and an answer that is not lost on the way.
// Everything here is an enhancement: without it the page is a plain form with the browser's own player.
import { buildSliders } from "./affect.js";
import { preload } from "./preload.js";
import { keepAnswer } from "./delivery.js";
import { recordEvents } from "./events.js";
import { followClip } from "./following.js";
import { explainWords } from "./glosses.js";
import { chooseByKeys } from "./keys.js";
import { watchListening } from "./listening.js";
import { readPage, showPage } from "./page.js";
import { sayWhyNextWaits } from "./waiting.js";

const DOUBLE_CLICK = 1000;

// Begins the trial of the page that is shown. All that outlives its form, listeners and timers, ends with `ending`.
function beginTrial() {
  const ending = new AbortController();
  const { signal } = ending;
  const form = document.getElementById("trial-form");
  const texts = document.querySelector("[data-texts]").dataset;
  const opened = performance.now();
  const events = recordEvents(form, opened, signal);
  const listening = watchListening(form, texts, events, signal);
  const following = followClip(form, texts, signal);
  buildSliders(form, texts);
  chooseByKeys(form, texts, signal);
  explainWords(form);
  sayWhyNextWaits(form, texts, listening);

  let firstChoice = null;
  let hiddenSince = null;
  let hiddenSeconds = 0;
  if (document.hidden) hide();

  form.addEventListener("change", (event) => {
    if (event.target.name !== "chosen" && event.target.name !== "confidence") return;
    if (event.target.name === "chosen" && firstChoice === null) firstChoice = (performance.now() - opened) / 1000;
    events.add("choose");
  });

  // The second half of a double click on "Next" may meet the page after it: it chooses nothing there.
  form.addEventListener("click", (event) => {
    if (event.detail > 1 && performance.now() - opened < DOUBLE_CLICK) event.preventDefault();
  });

  function hide() {
    hiddenSince ??= performance.now();
    events.add("hidden");
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      hide();
    } else if (hiddenSince !== null) {
      hiddenSeconds += (performance.now() - hiddenSince) / 1000;
      hiddenSince = null;
      events.add("visible");
    }
  }, { signal });

  function fillMeasures() {
    const fields = form.elements;
    if (listening) {
      const [first, second] = listening.clips;
      fields.played_seconds.value = first.playedSeconds().toFixed(2);
      fields.plays.value = first.plays();
      if (second) {
        fields.second_played_seconds.value = second.playedSeconds().toFixed(2);
        fields.second_plays.value = second.plays();
      }
    }
    following?.fill();
    fields.hidden_seconds.value = hiddenSeconds.toFixed(2);
    fields.first_choice_seconds.value = firstChoice === null ? "" : firstChoice.toFixed(2);
  }

  // The reply brings the next page, or only its address: from an older server, or where it is no clip.
  function goOn({ next, page }) {
    ending.abort();
    const coming = page ? readPage(page) : null;
    if (!coming) {
      window.location.replace(next);
      return;
    }
    showPage(coming, next);
    beginTrial();
  }

  keepAnswer(form, texts, { before: () => { fillMeasures(); events.send(); }, goOn });
  preload(form, listening ? listening.whole : whenSeen(form.querySelector("img")), signal);
}

// Whether the picture is there or not to be had, nothing more of the page is waited for.
const whenSeen = (picture) => (picture ? picture.decode() : Promise.resolve()).then(() => true, () => true);

beginTrial();

// A page taken from the browser's back-forward memory may be a trial that is answered already.
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
