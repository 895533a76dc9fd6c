// Two clips in step: both are in memory and run by one clock, one of them is heard. Switching keeps the place, without
// a gap, because nothing is started or stopped.
import { buildFrame, make } from "./frame.js";
import { buildControls } from "./player.js";

const NAMES = ["A", "B"];
const FADE = 0.01; // seconds from one to the other: too short to hear, long enough not to click
const LEAD = 0.02; // seconds until both begin, so that both are ready for it
const TELL_EVERY = 100; // milliseconds

// What an audio element does, for two sounds at once.
export class InStep extends EventTarget {
  paused = true;
  ended = false;
  error = null;
  heard = 0;
  #addresses = [null, null];
  #sounds = [null, null];
  #context = null;
  #gains = [];
  #all = null;
  #sources = null;
  #place = 0;
  #begun = 0;
  #asked = 0;
  #clock = 0;
  #volume = 1;
  #isMuted = false;

  get duration() { return Math.max(0, ...this.#sounds.map((sound) => sound?.duration ?? 0)); }

  get currentTime() {
    if (!this.#sources) return this.#place;
    return Math.min(this.#place + Math.max(this.#context.currentTime - this.#begun, 0), this.duration);
  }

  set currentTime(seconds) {
    this.ended = false;
    const isRunning = Boolean(this.#sources);
    this.#stop();
    this.#place = seconds;
    if (isRunning) this.#start();
    this.dispatchEvent(new Event("seeked"));
  }

  set volume(volume) { this.#volume = volume; this.#setVolume(); }

  set muted(isMuted) { this.#isMuted = isMuted; this.#setVolume(); }

  // What is to be heard as A (0) or B (1).
  take(index, address) {
    if (this.#addresses[index] === address) return;
    this.#addresses[index] = address;
    this.#sounds[index] = null;
    if (!this.paused) {
      const place = this.currentTime;
      this.#stop();
      this.#place = place;
      this.#begin();
    }
  }

  choose(index) {
    this.heard = index;
    this.#gains.forEach((gain, which) => {
      const { currentTime } = this.#context;
      gain.gain.cancelScheduledValues(currentTime);
      gain.gain.setValueAtTime(gain.gain.value, currentTime);
      gain.gain.linearRampToValueAtTime(which === index ? 1 : 0, currentTime + FADE);
    });
  }

  load() { this.error = null; }

  async play() {
    if (!this.paused) return;
    this.paused = false;
    if (this.ended) this.#place = 0;
    this.ended = false;
    this.#connect();
    this.dispatchEvent(new Event("play"));
    await this.#begin();
  }

  pause() {
    if (this.paused) return;
    this.#place = this.currentTime;
    this.#stop();
    this.paused = true;
    this.#asked += 1;
    this.dispatchEvent(new Event("pause"));
  }

  #connect() {
    if (this.#context) return;
    this.#context = new AudioContext();
    this.#all = new GainNode(this.#context);
    this.#all.connect(this.#context.destination);
    this.#gains = NAMES.map((_, index) => new GainNode(this.#context, { gain: index === this.heard ? 1 : 0 }));
    for (const gain of this.#gains) gain.connect(this.#all);
    this.#setVolume();
  }

  #setVolume() { if (this.#all) this.#all.gain.value = this.#isMuted ? 0 : this.#volume; }

  async #begin() {
    this.#asked += 1;
    const asked = this.#asked;
    try {
      this.dispatchEvent(new Event("waiting"));
      await Promise.all([this.#fetch(0), this.#fetch(1), this.#context.resume()]);
    } catch (error) {
      if (asked !== this.#asked) return;
      this.error = error;
      this.pause();
      this.dispatchEvent(new Event("error"));
      return;
    }
    if (asked !== this.#asked) return; // paused meanwhile, or another clip was chosen
    this.dispatchEvent(new Event("durationchange"));
    this.dispatchEvent(new Event("playing"));
    this.#start();
  }

  async #fetch(index) {
    const address = this.#addresses[index];
    if (this.#sounds[index]) return;
    const response = await fetch(address);
    if (!response.ok) throw new Error(String(response.status));
    const sound = await this.#context.decodeAudioData(await response.arrayBuffer());
    if (this.#addresses[index] === address) this.#sounds[index] = sound;
  }

  #start() {
    this.#begun = this.#context.currentTime + LEAD;
    this.#sources = this.#sounds.map((buffer, index) => {
      const source = new AudioBufferSourceNode(this.#context, { buffer });
      source.connect(this.#gains[index]);
      source.start(this.#begun, this.#place);
      return source;
    });
    this.#clock = setInterval(() => {
      if (this.currentTime >= this.duration) this.#end();
      else this.dispatchEvent(new Event("timeupdate"));
    }, TELL_EVERY);
  }

  #stop() {
    clearInterval(this.#clock);
    const running = this.#sources;
    this.#sources = null;
    for (const source of running ?? []) source.stop();
  }

  #end() {
    this.#stop();
    this.#place = this.duration;
    this.paused = true;
    this.ended = true;
    this.dispatchEvent(new Event("pause"));
    this.dispatchEvent(new Event("ended"));
  }
}

// The player of each version stands on the page; from there come its address, its length and its roll.
function findClip(link) {
  const box = document.querySelector(`[data-clip="${CSS.escape(link.dataset.compareClip)}"]`);
  return {
    name: link.dataset.name,
    address: box.querySelector("source").src,
    seconds: Number(box.dataset.seconds) || 0,
    roll: box.querySelector(".small-roll"),
  };
}

export function buildComparison(region) {
  const clips = [...region.querySelectorAll("[data-compare-clip]")].map(findClip);
  const media = new InStep();
  const frame = buildFrame();
  const seconds = Math.max(...clips.map((clip) => clip.seconds));
  const controls = buildControls(media, frame, { label: "Play both in step", seconds, marks: true });
  const status = region.querySelector("[data-compare-status]");

  const choosers = NAMES.map((name, index) => {
    const select = make("select", { "aria-label": `Version heard as ${name}` });
    select.append(...clips.map((clip, which) => make("option", { value: which }, clip.name)));
    select.value = index;
    const button = make("button", { type: "button", class: "button-quiet compare-button", "aria-label": `Hear ${name}` }, name);
    button.addEventListener("click", () => choose(index));
    select.addEventListener("change", () => { take(index); choose(index); });
    return { button, select };
  });

  const clipOf = (index) => clips[choosers[index].select.value];

  function take(index) {
    const { address } = clipOf(index);
    media.take(index, address);
  }

  function choose(index) {
    media.choose(index);
    choosers.forEach(({ button }, which) => button.setAttribute("aria-pressed", String(which === index)));
    const { roll } = clipOf(index);
    if (roll) controls.showRoll(roll.cloneNode(true));
  }

  media.addEventListener("waiting", () => { status.textContent = "Loading both clips …"; });
  for (const name of ["playing", "pause"]) media.addEventListener(name, () => { status.textContent = ""; });
  // Also where a button or a link of the region has the focus; at a link, arrows, Home and End scroll the page.
  region.addEventListener("keydown", (event) => {
    if (event.key.length === 1 || !event.target.closest("a")) controls.press(event);
  });
  region.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input")) return;
    const index = NAMES.indexOf(event.key.toUpperCase());
    if (index < 0) return;
    event.preventDefault();
    choose(index);
  });
  NAMES.forEach((_, index) => take(index));
  const pairs = choosers.map(({ button, select }) => make("div", { class: "compare-pair" }, button, select));
  const place = region.querySelector("[data-compare-player]");
  place.append(make("div", { class: "compare-choosers" }, ...pairs), frame.row);
  choose(0);
  region.querySelector("[data-compare-hint]").hidden = false;
  return media;
}
