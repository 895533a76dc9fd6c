// The site's player as participants get it: one large button, a bar, the time. Nothing seeks, repeats or hints, and what
// a researcher chose for other pages (volume, going on by itself) counts for none of it.
import { clock, clockAt } from "../site/clock.js";
import { buildFrame, make, replaceControls } from "../site/frame.js";

// Of several players on a page each says of which clip it speaks: `name`.
export function buildPlayer(audio, texts, name = "") {
  const frame = buildFrame();
  const { button, course, time } = frame;
  const bar = make("progress", { class: "player-bar", max: 1 });
  course.prepend(bar);
  replaceControls(audio, frame);
  ignoreMediaKeys();

  return {
    button,
    // `state` is the word on the button: play, pause, again, try.
    label(state, isOpen) {
      button.dataset.state = state;
      if (button.textContent !== texts[state]) {
        button.textContent = texts[state];
        if (name) button.setAttribute("aria-label", texts.of.replace("{what}", texts[state]).replace("{clip}", name));
      }
      if (isOpen) button.removeAttribute("aria-disabled");
      else button.setAttribute("aria-disabled", "true");
    },
    isOpen: () => !button.hasAttribute("aria-disabled"),
    showLoading(share) {
      bar.classList.add("loading");
      bar.setAttribute("aria-label", name || texts.loading);
      bar.value = share;
      time.textContent = `${Math.round(100 * share)} %`;
    },
    showTime(now, whole) {
      bar.classList.remove("loading");
      bar.setAttribute("aria-label", name || texts.clip);
      bar.value = whole ? Math.min(now / whole, 1) : 0;
      time.textContent = whole ? `${clockAt(now, whole)} / ${clock(whole)}` : "";
    },
  };
}

// Keys and headsets may start and pause, not jump: what is heard stays what is counted.
function ignoreMediaKeys() {
  for (const action of ["seekto", "seekbackward", "seekforward", "previoustrack", "nexttrack"]) {
    try { navigator.mediaSession.setActionHandler(action, () => {}); } catch { /* not known here */ }
  }
}
