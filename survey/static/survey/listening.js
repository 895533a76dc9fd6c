// The player: starts on a tap, counts the seconds really played (seeking does not count), and unlocks the form.
const RETRIES = 3;
const STEP_LIMIT = 0.75; // seconds between two time updates that still count as playing on

export function watchListening(form, texts, events) {
  const audio = form.querySelector("audio");
  if (!audio) return null;
  const duration = Number(form.dataset.duration) || 0;
  const gated = form.dataset.gate === "1";
  const cap = Number(form.dataset.replayCap) || Infinity;
  const submit = form.querySelector("[data-submit]");
  const status = form.querySelector("[data-player-status]");
  const { button, bar } = buildPlayer(audio, texts);
  let played = 0;
  let plays = 0;
  let last = null;
  let retries = 0;
  let broken = false;

  const enough = () => {
    const length = Number.isFinite(audio.duration) && audio.duration > 0 ? audio.duration : duration;
    return played >= Math.min(0.97 * (duration || length), (duration || length) - 0.3);
  };
  const say = (text) => { if (status.textContent !== text) status.textContent = text; };
  const unlock = () => {
    const open = !gated || enough();
    submit.disabled = !open;
    if (open && gated) say(plays < cap ? texts.heard : texts.heardLast);
  };

  function count() {
    const now = audio.currentTime;
    if (last !== null && !audio.paused && !audio.seeking) {
      const step = now - last;
      if (step > 0 && step < STEP_LIMIT) played += step;
    }
    last = now;
    bar.max = audio.duration || duration || 1;
    bar.value = now;
    unlock();
  }

  function label() {
    if (broken) button.textContent = texts.try;
    else if (!audio.paused) button.textContent = texts.pause;
    else button.textContent = plays && (audio.ended || audio.currentTime === 0) ? texts.again : texts.play;
    button.disabled = audio.paused && audio.ended && plays >= cap;
  }

  function load() {
    broken = false;
    say(texts.loading);
    audio.load();
  }

  function fail() {
    events.add("error");
    if (retries < RETRIES) {
      retries += 1;
      say(texts.retry);
      events.add("retry");
      window.setTimeout(load, 700 * 2 ** (retries - 1));
    } else {
      broken = true;
      say(texts.broken);
    }
    label();
  }

  button.addEventListener("click", () => {
    if (broken) { retries = 0; load(); label(); return; }
    if (audio.paused) audio.play().catch(() => label());
    else audio.pause();
  });
  audio.addEventListener("loadedmetadata", () => { retries = 0; events.add("loaded"); });
  audio.addEventListener("canplay", () => { if (!plays) say(gated ? texts.listen : ""); });
  audio.addEventListener("play", () => {
    if (audio.currentTime < 0.2) plays += 1;
    events.add("play", audio.currentTime);
    label();
  });
  audio.addEventListener("pause", () => { count(); events.add("pause", audio.currentTime); label(); });
  audio.addEventListener("timeupdate", count);
  audio.addEventListener("seeking", () => { last = null; events.add("seek", audio.currentTime); });
  audio.addEventListener("ended", () => { count(); last = null; events.add("ended", audio.currentTime); label(); unlock(); });
  audio.addEventListener("stalled", () => events.add("stall", audio.currentTime));
  // With <source> elements the last of them tells that nothing could be loaded.
  const sources = audio.querySelectorAll("source");
  (sources.length ? sources[sources.length - 1] : audio).addEventListener("error", fail);
  audio.addEventListener("error", fail);

  if (audio.readyState >= 1) events.add("loaded");
  say(audio.readyState >= 3 ? (gated ? texts.listen : "") : texts.loading);
  // The clip may have failed before this script ran: then no event tells.
  if (audio.error || audio.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) fail();
  label();
  unlock();
  return { playedSeconds: () => played, plays: () => plays };
}

function buildPlayer(audio, texts) {
  const row = document.createElement("div");
  row.className = "player-row";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "player-button";
  button.textContent = texts.play;
  const bar = document.createElement("progress");
  bar.className = "player-bar";
  bar.setAttribute("aria-label", texts.clip);
  bar.value = 0;
  row.append(button, bar);
  audio.controls = false;
  audio.hidden = true;
  audio.before(row);
  return { button, bar };
}
