// What the player looks like: one large button, a bar, the time. The browser's own controls stay for pages without scripts.
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

export function buildPlayer(audio, texts) {
  const row = document.createElement("div");
  row.className = "player-row";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "player-button";
  const bar = document.createElement("progress");
  bar.className = "player-bar";
  bar.max = 1;
  const time = document.createElement("span");
  time.className = "player-time";
  time.setAttribute("aria-hidden", "true");
  const course = document.createElement("div");
  course.className = "player-course";
  course.append(bar, time);
  row.append(button, course);
  audio.controls = false;
  audio.hidden = true;
  audio.before(row);
  ignoreMediaKeys();

  return {
    button,
    // `state` is the word on the button: play, pause, again, try.
    label(state, isOpen) {
      button.dataset.state = state;
      if (button.textContent !== texts[state]) button.textContent = texts[state];
      if (isOpen) button.removeAttribute("aria-disabled");
      else button.setAttribute("aria-disabled", "true");
    },
    isOpen: () => !button.hasAttribute("aria-disabled"),
    showLoading(share) {
      bar.classList.add("loading");
      bar.setAttribute("aria-label", texts.loading);
      bar.value = share;
      time.textContent = `${Math.round(100 * share)} %`;
    },
    showTime(now, whole) {
      bar.classList.remove("loading");
      bar.setAttribute("aria-label", texts.clip);
      bar.value = whole ? Math.min(now / whole, 1) : 0;
      time.textContent = whole ? `${clock(now)} / ${clock(Math.round(whole))}` : "";
    },
  };
}

// Keys and headsets may start and pause, not jump: what is heard stays what is counted.
function ignoreMediaKeys() {
  for (const action of ["seekto", "seekbackward", "seekforward", "previoustrack", "nexttrack"]) {
    try { navigator.mediaSession.setActionHandler(action, () => {}); } catch { /* not known here */ }
  }
}
