// The pad as participants answer on it: without the emotions, hollow until it is marked, and put into words of its ends.
import { AffectPad } from "../site/pad.js";

const percent = (value) => `${Math.round(Math.abs(value) * 100)} %`;

// `told` hears every place that somebody puts the mark on: by pointer or arrow keys, or by Enter where it stands.
export function buildPad(figure, texts, told) {
  let isSet = false;
  const pad = new AffectPad(figure.querySelector("[data-pad]"), ({ valence, arousal }) => {
    if (!isSet) return texts.notSet;
    const across = valence && `${valence < 0 ? texts.left : texts.right} ${percent(valence)}`;
    const up = arousal && `${arousal < 0 ? texts.bottom : texts.top} ${percent(arousal)}`;
    return [across, up].filter(Boolean).join(", ") || texts.middle;
  });

  function mark() {
    isSet = true;
    figure.classList.add("is-set");
    pad.put(pad.place);
    told(pad.place);
  }
  pad.drawing.addEventListener("pad-move", mark);
  pad.handle.addEventListener("keydown", (event) => {
    if (pad.isLocked || (event.key !== " " && event.key !== "Enter")) return;
    event.preventDefault();
    mark();
  });
  figure.hidden = false;

  return {
    handle: pad.handle,
    lock(isLocked) {
      pad.isLocked = isLocked;
      figure.classList.toggle("is-locked", isLocked);
      pad.handle.setAttribute("aria-disabled", isLocked);
    },
    put(place) {
      isSet = place !== null;
      figure.classList.toggle("is-set", isSet);
      pad.put(place ?? { valence: 0, arousal: 0 });
    },
  };
}
