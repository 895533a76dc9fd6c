// Starts on a tap, counts the seconds really played (seeking does not count), and unlocks the form. Ends with `signal`.
import { make } from "../site/frame.js";
import { fetchWhole } from "./loading.js";
import { buildPlayer } from "./player.js";
import { recallListening } from "./memory.js";
import { countPlaying, covers } from "./playing.js";

export function watchListening(form, texts, events, signal) {
  const boxes = [...form.querySelectorAll("[data-player]")].filter((box) => box.querySelector("audio"));
  if (!boxes.length) return null;
  const name = (box) => (boxes.length > 1 ? box.querySelector("audio").getAttribute("aria-label") : "");
  const clips = boxes.map((box, place) => watchClip(form, box, { number: place + 1, name: name(box) }, texts, events, signal));
  const submit = form.querySelector("[data-submit]");
  const isOpen = () => clips.every((clip) => clip.isOpen());
  const show = () => { submit.disabled = !isOpen(); };
  form.addEventListener("listening", show);
  show();
  neverTogether(boxes.map((box) => box.querySelector("audio")), signal);
  return { clips, isOpen, whole: Promise.all(clips.map((clip) => clip.whole)).then((all) => all.every(Boolean)) };
}

// Of two clips one is heard at a time: whichever starts stops the other.
function neverTogether(sounds, signal) {
  for (const sound of sounds) {
    sound.addEventListener("play", () => {
      for (const other of sounds) if (other !== sound) other.pause();
    }, { signal });
  }
}

// One clip of the trial: `number` counts from 1, and `name` is what it is called beside another one.
function watchClip(form, box, { number, name }, texts, told, signal) {
  const audio = box.querySelector("audio");
  const events = { add: (kind, seconds) => told.add(kind, seconds, number) };
  const sources = audio.querySelectorAll("source");
  const duration = Number(box.dataset.duration) || 0;
  const gated = form.dataset.gate === "1";
  const cap = Number(form.dataset.replayCap) || Infinity;
  const status = box.querySelector("[data-player-status]");
  const player = buildPlayer(audio, texts, name);
  const memory = recallListening(form, number);
  let { plays, position } = memory.recalled;
  const counter = countPlaying(audio, memory.recalled.played);
  let state = "loading"; // then "ready", or "broken"
  let isByAddress = false;
  let inMemory = null; // the address of the clip in the browser's memory
  let becomeWhole;
  const whole = new Promise((done) => { becomeWhole = done; });

  const length = () => duration || (Number.isFinite(audio.duration) ? audio.duration : 0);
  const isCovered = () => covers(counter.seconds(), length());
  const isOpen = () => (gated ? isCovered() : counter.seconds() > 0);
  const isUsedUp = () => plays >= cap && (audio.ended || position === null);
  const say = (text) => { if (status.textContent !== spoken(text)) status.replaceChildren(...named(), text); };
  const before = name ? texts.of.replace("{what}", name).replace("{clip}", "") : "";
  const named = () => (before ? [make("span", { class: "visually-hidden" }, before)] : []);
  const spoken = (text) => before + text;

  function show() {
    const isPlaying = !audio.paused;
    if (state === "broken") player.label("try", true);
    else if (isPlaying) player.label("pause", true);
    else player.label(plays && (audio.ended || position === null) ? "again" : "play", state === "ready" && !isUsedUp());
    form.dispatchEvent(new Event("listening"));
    if (state !== "ready") return;
    player.showTime(audio.ended ? length() : audio.currentTime || position || 0, length());
    if (!isOpen()) say(gated ? texts.listen : texts.start);
    else if (isUsedUp()) say(texts.heardLast);
    else if (isCovered()) say(plays < cap ? texts.heard : texts.heardOnce);
    else say("");
  }

  function count() {
    counter.step();
    if (plays) position = audio.ended ? null : audio.currentTime;
    memory.keep({ played: counter.seconds(), plays, position });
    show();
  }

  async function load() {
    state = "loading";
    say(texts.loading);
    player.showLoading(0);
    show();
    const failed = (again) => {
      events.add("error");
      if (again) { events.add("retry"); say(texts.retry); }
    };
    const clip = await fetchWhole(sources[0].src, { tell: player.showLoading, failed, signal });
    if (signal.aborted) return;
    if (!clip) { fail(); return; }
    isByAddress = false;
    forget();
    inMemory = URL.createObjectURL(clip);
    audio.src = inMemory;
    ready();
  }

  function forget() {
    if (inMemory) URL.revokeObjectURL(inMemory);
    inMemory = null;
  }

  function ready() {
    state = "ready";
    events.add("loaded");
    becomeWhole(true);
    show();
  }

  function fail() {
    state = "broken";
    say(texts.broken);
    show();
  }

  // A browser that does not play from memory, or not this format: let it choose and load by itself.
  function loadByAddress() {
    isByAddress = true;
    forget();
    audio.preload = "auto";
    audio.removeAttribute("src");
    audio.load();
    show();
  }

  player.button.addEventListener("click", () => {
    if (state === "broken") { load(); return; }
    if (!player.isOpen()) return;
    if (!audio.paused) { audio.pause(); return; }
    if (plays && position > 0 && audio.currentTime === 0) audio.currentTime = position;
    audio.play().catch(show);
  });
  const on = (name, act) => audio.addEventListener(name, act, { signal });
  on("play", () => {
    if (audio.currentTime < 0.2) plays += 1;
    position = audio.currentTime;
    events.add("play", audio.currentTime);
    count();
  });
  on("pause", () => { events.add("pause", audio.currentTime); count(); });
  on("timeupdate", count);
  on("seeking", () => { counter.skip(); events.add("seek", audio.currentTime); });
  on("ended", () => { events.add("ended", audio.currentTime); count(); counter.skip(); });
  on("stalled", () => events.add("stall", audio.currentTime));
  on("error", () => { events.add("error"); if (isByAddress) fail(); else loadByAddress(); });
  // With <source> elements the last of them tells that nothing could be loaded.
  sources[sources.length - 1].addEventListener("error", () => { events.add("error"); fail(); }, { signal });
  signal.addEventListener("abort", () => {
    audio.pause();
    // Without any source the browser lets go of what it had decoded.
    audio.replaceChildren();
    audio.removeAttribute("src");
    audio.load();
    forget();
  });

  load();
  return { playedSeconds: counter.seconds, plays: () => plays, isOpen, whole };
}
