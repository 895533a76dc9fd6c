// What is rated while the clip plays: the mark's place ten times a second of the clip, by the clip's own position.
//
// A sample is the place where the mark stood when the clip came by: it is taken before each move, so no timer has to run
// and a pause or a hidden page takes none. Every playing begins with the mark unset. The last playing counts that went
// from the beginning to the end with the mark moved; before there is one, what there is of the present one.
import { makeSlider } from "./affect.js";
import { buildPad } from "./pad-answer.js";
import { recallCourse } from "./memory.js";

const HERTZ = 10;
const WHOLE = 1000;
const JUMP = 5; // samples that a browser may be off where a reloaded page goes on
const BEGINNING = 0.2; // seconds: the same as of a play that counts
const DIMENSIONS = { plane: ["valence", "arousal"], valence: ["valence"], arousal: ["arousal"] };

export function followClip(form, texts, signal) {
  const place = form.querySelector("[data-following]");
  const audio = form.querySelector("audio");
  if (!place || !audio) return null;
  const field = form.elements.course;
  const names = DIMENSIONS[field.dataset.course];
  const memory = recallCourse(form);
  let { playing, whole } = memory.recalled;
  let mark = playing && playing.mark;
  let wasSought = false;

  const count = Math.floor(Math.round(Number(audio.closest("[data-player]").dataset.duration) * HERTZ * 1e6) / 1e6) + 1;
  const fresh = () => ({ ...Object.fromEntries(names.map((name) => [name, []])), isBroken: false, isOver: false, mark: null });
  const taken = () => playing[names[0]].length;
  const isRunning = () => playing !== null && !playing.isOver;
  const isRated = (one) => one !== null && one[names[0]].some((sample) => sample !== null);

  const control = names.length > 1 ? makePad() : makeOne();

  function makePad() {
    return buildPad(place.querySelector("[data-answer-pad]"), texts, (at) => move({ ...at }));
  }

  function makeOne() {
    const scale = place.querySelector("[data-follow-slider]");
    const { low, high } = scale.dataset;
    const { slider, clear } = makeSlider(scale, { low, high, name: "follow-name" }, texts, (percent) => {
      if (isRunning()) move({ [names[0]]: percent / 100 });
      else clear();
    });
    slider.setAttribute("aria-describedby", "follow-hint");
    scale.querySelector("[data-follow-row]").append(slider);
    scale.hidden = false;
    return {
      handle: slider,
      lock(isLocked) { slider.setAttribute("aria-disabled", isLocked); scale.classList.toggle("is-locked", isLocked); },
      put(at) {
        clear();
        if (!at) return;
        slider.value = Math.round(at[names[0]] * 100);
        slider.dispatchEvent(new Event("input"));
      },
    };
  }

  function move(at) {
    if (!isRunning()) return;
    take();
    mark = at;
    playing.mark = at;
    keep();
  }

  // The samples up to where the clip is now, all of the place where the mark has stood.
  function take(upTo = Math.min(count, Math.floor(audio.currentTime * HERTZ) + 1)) {
    if (!isRunning() || playing.isBroken) return;
    if (wasSought) {
      wasSought = false;
      if (Math.abs(upTo - taken()) > JUMP) { playing.isBroken = true; return; }
    }
    while (taken() < upTo) {
      for (const name of names) playing[name].push(mark === null ? null : Math.round(mark[name] * WHOLE));
    }
  }

  const keep = () => memory.keep({ playing, whole });
  const show = () => control.lock(!isRunning());
  const on = (name, act) => audio.addEventListener(name, act, { signal });

  on("play", () => {
    if (audio.currentTime < BEGINNING) {
      playing = fresh();
      mark = null;
      wasSought = false;
      control.put(null);
    } else if (!isRunning()) {
      playing = { ...fresh(), isBroken: true }; // the beginning was heard where nothing kept it
    }
    show();
    keep();
    // Whoever sees the button alone would have to look for the place to mark while the music runs.
    (control.handle.closest("svg") ?? control.handle.closest(".affective")).scrollIntoView({ block: "nearest" });
  });
  on("seeking", () => { wasSought = true; });
  on("timeupdate", () => { if (!audio.seeking) { take(); keep(); } });
  on("pause", () => { take(); keep(); });
  on("ended", () => {
    if (!isRunning()) return;
    take(Math.abs(count - taken()) > 2 * HERTZ ? undefined : count);
    playing.isOver = true;
    if (!playing.isBroken && taken() === count && isRated(playing)) whole = playing;
    show();
    keep();
  });

  let reminded = false;
  form.addEventListener("submit", (event) => {
    if (reminded || isRated(whole) || isRated(playing) || !canPlay()) return;
    reminded = true;
    event.preventDefault();
    event.stopImmediatePropagation();
    form.querySelector("[data-form-status]").textContent = texts.unfollowed;
    control.handle.focus();
  });
  const canPlay = () => !form.querySelector(".player-button")?.hasAttribute("aria-disabled");

  place.querySelector("[data-without-script]").remove();
  place.querySelector("[data-follow-hint]").hidden = false;
  control.put(mark);
  show();

  return {
    fill() {
      take();
      const told = whole ?? playing;
      if (!isRated(told)) { field.value = ""; return; }
      const full = (samples) => [...samples, ...Array(count).fill(null)].slice(0, count);
      const values = Object.fromEntries(names.map((name) => [name, full(told[name])]));
      field.value = JSON.stringify({ hertz: HERTZ, whole: told === whole, ...values });
    },
  };
}
