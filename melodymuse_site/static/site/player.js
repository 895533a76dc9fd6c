// The site's player: an enhancement of `<audio controls>` in a box with `data-player`. Its course is the clip's piano
// roll where one is on the page. One sound of the page plays at a time; volume and choices are remembered.
import { clock, clockAt } from "./clock.js";
import { followDrags } from "./dragging.js";
import { buildFrame, draw as drawShape, make, replaceControls } from "./frame.js";
import { makeUnremembered, remembered } from "./preferences.js";
import { followRoll } from "./roll.js";

const STEP = 1; // seconds of an arrow key, and with Shift:
const LONG_STEP = 5;
const QUIET_SECONDS = 5; // between two places that a focused slider tells of while it plays
const SHORTEST_PART = 0.2; // seconds; what is shorter was a click
const SHAPES = {
  play: "M6 3.5v17l14-8.5z",
  pause: "M5 3.5h5v17H5zM14 3.5h5v17h-5z",
  try: "M12 4V0L6 6l6 6V8a5 5 0 1 1-5 5H3a9 9 0 1 0 9-9z",
  loud: "M3 9v6h4l6 5V4L7 9zM15 8.5a5 5 0 0 1 0 7M17.5 6a8.5 8.5 0 0 1 0 12",
  muted: "M3 9v6h4l6 5V4L7 9zM16 9.5l5 5M21 9.5l-5 5",
};
const sounds = new Set(); // all that can play on this page
let players = []; // those in boxes, in the order in which they were built

function buildIcon(name) {
  const path = drawShape("path", { d: SHAPES[name] });
  const svg = drawShape("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "player-icon" });
  svg.append(path);
  return { svg, show: (other) => path.setAttribute("d", SHAPES[other]) };
}

function buildVolume(media, { prefer, preferences, whenPreferred }) {
  const icon = buildIcon("loud");
  const button = make("button", { type: "button", class: "player-tool", "aria-label": "Mute" }, icon.svg);
  const range = make("input", { type: "range", class: "player-volume", min: 0, max: 1, step: 0.05, "aria-label": "Volume" });
  const mute = () => {
    const { muted, volume } = preferences();
    prefer(volume === 0 ? { muted: false, volume: 0.5 } : { muted: !muted });
  };
  button.addEventListener("click", mute);
  range.addEventListener("input", () => prefer({ volume: Number(range.value), muted: false }));
  const forget = whenPreferred(() => {
    const { volume, muted } = preferences();
    media.volume = volume;
    media.muted = muted;
    range.value = volume;
    button.setAttribute("aria-pressed", String(muted || volume === 0));
    icon.show(muted || volume === 0 ? "muted" : "loud");
  });
  return { parts: [button, range], mute, forget };
}

// `media` is an audio element, or whatever else plays, seeks and tells of it in the same words; `choices` say how loud.
export function buildControls(media, frame, { label, seconds = 0, roll = null, marks = false, choices = remembered }) {
  const { row, button, course, line, time } = frame;
  const fill = make("span", { class: "player-fill" });
  const part = make("span", { class: "player-part", hidden: "" });
  const slider = make("div", { class: "player-slider", role: "slider", tabindex: 0, "aria-label": "Place in the clip" }, fill, part);
  const track = make("div", { class: "player-track" }, slider);
  const said = make("p", { class: "player-said", role: "status" });
  const icon = buildIcon("play");
  const volume = buildVolume(media, choices);
  const watchers = [];
  let marked = null; // the part that is repeated
  let begun = null; // where it is to begin, while its end is not marked yet
  let isBroken = false;
  let nextFrame = 0;
  let toldAt = -Infinity; // the place that the slider told of last

  row.setAttribute("role", "group");
  row.setAttribute("aria-label", label);
  row.classList.add("player-whole");
  button.append(icon.svg);
  course.prepend(track);
  line.append(...volume.parts);
  course.append(said);
  if (roll) showRoll(roll);

  const length = () => seconds || (Number.isFinite(media.duration) ? media.duration : 0);
  const place = () => (media.ended ? length() : Math.min(media.currentTime, length() || Infinity));

  function showRoll(svg) {
    track.querySelector(".small-roll")?.remove();
    track.prepend(svg);
    track.classList.add("has-roll");
  }

  function show() {
    const state = isBroken ? "try" : media.paused ? "play" : "pause";
    if (button.dataset.state === state) return;
    button.dataset.state = state;
    icon.show(state);
    button.setAttribute("aria-label", { try: "Try again", play: label, pause: label.replace(/^Play /, "Pause ") }[state]);
  }

  function draw() {
    const whole = length();
    const now = place();
    fill.style.width = `${whole ? (100 * now) / whole : 0}%`;
    const told = `${clockAt(now, whole)} / ${clock(whole)}`;
    if (time.textContent !== told) time.textContent = told;
    if (mayTell(now)) tellPlace();
    for (const watch of watchers) watch(now, marked);
  }

  // Screen readers read every change of a focused slider aloud, over the music: so now and then while it plays on.
  function mayTell(now) {
    const isHeard = document.activeElement === slider && !media.paused;
    return !isHeard || Math.abs(now - toldAt) >= QUIET_SECONDS;
  }

  function tellPlace() {
    const whole = length();
    const now = place();
    toldAt = now;
    const told = `${clockAt(now, whole)} of ${clock(whole)}`;
    if (slider.getAttribute("aria-valuetext") === told) return;
    slider.setAttribute("aria-valuemin", 0);
    slider.setAttribute("aria-valuemax", Math.floor(whole + 0.5));
    slider.setAttribute("aria-valuenow", Math.floor(Math.min(now, whole + 0.5)));
    slider.setAttribute("aria-valuetext", told);
  }

  function showPart() {
    part.hidden = !marked;
    row.toggleAttribute("data-repeats", Boolean(marked));
    if (marked) {
      part.style.left = `${(100 * marked.from) / length()}%`;
      part.style.width = `${(100 * (marked.to - marked.from)) / length()}%`;
    }
    draw();
  }

  function say(text) { if (said.textContent !== text) said.textContent = text; }

  // While it is being drawn it is not said yet.
  function mark(from, to, isDone = true) {
    const end = Math.min(to, length());
    const start = Math.max(from, 0);
    if (end - start < SHORTEST_PART) return;
    marked = { from: start, to: end };
    begun = null;
    if (place() < start || place() >= end) media.currentTime = start;
    if (isDone) say(`${clockAt(start, length())} to ${clockAt(end, length())} is repeated.`);
    showPart();
  }

  function unmark() {
    if (!marked && begun === null) return;
    marked = null;
    begun = null;
    say("");
    showPart();
  }

  function markFrom() {
    begun = place();
    if (marked && begun < marked.to) mark(begun, marked.to);
    else say(`Repeated from ${clockAt(begun, length())}; now mark where it ends.`);
  }

  const markTo = () => mark(begun ?? marked?.from ?? 0, place());

  function seek(to) {
    const aim = Math.min(Math.max(to, 0), length() || Infinity);
    if (marked && (aim < marked.from || aim > marked.to)) unmark();
    media.currentTime = aim;
    draw();
    tellPlace();
  }

  function remember() {
    const before = { place: place(), marked, begun, said: said.textContent };
    return () => {
      ({ marked, begun } = before);
      media.currentTime = before.place;
      say(before.said);
      showPart();
    };
  }

  function toggle() {
    if (isBroken) {
      isBroken = false;
      say("");
      media.load();
    }
    if (media.paused) return media.play()?.catch(show);
    media.pause();
    return null;
  }

  function repeat() {
    if (marked && !media.paused && media.currentTime >= marked.to) media.currentTime = marked.from;
  }

  function run() {
    cancelAnimationFrame(nextFrame);
    repeat();
    draw();
    if (!media.paused && !media.ended) nextFrame = requestAnimationFrame(run);
  }

  function press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input, select, textarea")) return;
    const isButton = Boolean(event.target.closest("button, a"));
    const step = event.shiftKey ? LONG_STEP : STEP;
    const once = (act) => () => { if (!event.repeat) act(); };
    const acts = {
      ArrowLeft: () => seek(place() - step),
      ArrowRight: () => seek(place() + step),
      Home: () => seek(0),
      End: () => seek(length()),
      m: once(volume.mute),
      i: once(markFrom),
      o: once(markTo),
      l: once(unmark),
    };
    if (!isButton) acts[" "] = once(toggle);
    if (event.target === slider) Object.assign(acts, { ArrowDown: acts.ArrowLeft, ArrowUp: acts.ArrowRight });
    const act = acts[event.key.length > 1 ? event.key : event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }

  if (marks) {
    const tool = (text, act) => {
      const made = make("button", { type: "button", class: "player-tool player-words" }, text);
      made.addEventListener("click", act);
      return made;
    };
    const drop = tool("Repeat no part", unmark);
    drop.classList.add("player-drop");
    line.append(tool("Repeat from here", markFrom), tool("to here", markTo), drop);
  }
  followDrags(slider, {
    secondsAt(event) {
      const box = slider.getBoundingClientRect();
      return ((event.clientX - box.left) / box.width) * length();
    },
    seek,
    mark,
    remember,
  });
  slider.addEventListener("focus", tellPlace);
  row.addEventListener("keydown", press);
  button.addEventListener("click", toggle);
  sounds.add(media);
  const on = (name, act) => media.addEventListener(name, act);
  on("play", () => {
    for (const other of sounds) if (other !== media) other.pause();
    show();
    run();
  });
  on("pause", () => { show(); draw(); });
  on("ended", () => {
    show();
    draw();
    if (!marked) return;
    media.currentTime = marked.from;
    media.play();
  });
  on("timeupdate", () => { repeat(); draw(); });
  for (const name of ["seeked", "durationchange", "loadedmetadata"]) on(name, draw);
  const fail = () => {
    isBroken = true;
    say("This clip cannot be played. Check your connection and try again.");
    show();
  };
  on("error", fail);
  // The error may have come before this script; an element that is new to the page has no source for a moment either.
  setTimeout(() => { if (media.error || media.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) fail(); });
  show();
  draw();
  return {
    media, seek, mark, remember, press, toggle, showRoll, draw,
    isRepeating: () => Boolean(marked),
    watch(tell) { watchers.push(tell); draw(); },
    drop() { sounds.delete(media); volume.forget(); },
  };
}

// The player of one box: of its audio element, with the small roll beside it and the large one that has its name.
function buildPlayer(box, choices) {
  const audio = box.querySelector("audio");
  const beside = box.nextElementSibling;
  const frame = buildFrame();
  replaceControls(audio, frame);
  const controls = buildControls(audio, frame, {
    label: audio.getAttribute("aria-label"),
    seconds: Number(box.dataset.seconds) || 0,
    roll: beside?.matches(".small-roll") ? beside : null,
    marks: "marks" in box.dataset,
    choices,
  });
  // With <source> elements the last of them tells that nothing could be loaded.
  const sources = audio.querySelectorAll("source");
  sources[sources.length - 1]?.addEventListener("error", () => audio.dispatchEvent(new Event("error")));
  const { player: name } = box.dataset;
  const large = name && document.querySelector(`[data-roll="${CSS.escape(name)}"]`);
  if (large) followRoll(large, controls);
  box.dataset.built = "";
  return { box, ...controls };
}

// `remembers` is whether they are as loud as the person left the last one.
export function buildPlayers(within = document, { remembers = true } = {}) {
  for (const { box, drop } of players) if (!box.isConnected) drop();
  players = players.filter(({ box }) => box.isConnected);
  const choices = remembers ? remembered : makeUnremembered();
  const built = [...within.querySelectorAll("[data-player]:not([data-built])")].map((box) => buildPlayer(box, choices));
  players.push(...built);
  return built;
}

const isBefore = (one, other) => one.box.compareDocumentPosition(other.box) & Node.DOCUMENT_POSITION_FOLLOWING;

// Those that can be seen now, in the order of the page.
export const shownPlayers = () => players
  .filter(({ box }) => box.checkVisibility())
  .sort((one, other) => (isBefore(one, other) ? -1 : 1));
