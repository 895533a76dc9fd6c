// The visitors' form: a pad beside the choice of an emotion. Where the pad is moved its place is what the music is made
// for; where an emotion is chosen the pad goes there. What is sent is the form, as without a script.
import { EmotionPad, readEmotions } from "./emotion-pad.js";

const NAMES = ["valence", "arousal", "dominance"];
const form = document.querySelector("[data-visit-begin]");
const { atPoint, atPointLabel } = form.querySelector("[data-at-point]").dataset;
const { wanted } = form.elements;
const emotions = readEmotions();
form.querySelector("[data-pad-figure]").hidden = false;
const pad = new EmotionPad(form.querySelector("[data-pad]"), emotions);

const isOffered = () => [...wanted.options].some((option) => option.value === atPoint);
if (!isOffered()) wanted.add(new Option(atPointLabel, atPoint));

function keepPlace() {
  const place = { ...pad.place, dominance: pad.dominance() };
  for (const name of NAMES) form.elements[name].value = place[name];
}

// After an answer of the server, or on the way back, the form stands as it was sent.
function restore() {
  const [valence, arousal] = NAMES.map((name) => form.elements[name].value).map((text) => (text === "" ? NaN : Number(text)));
  if (wanted.value === atPoint && Number.isFinite(valence + arousal)) pad.put({ valence, arousal });
  else if (emotions[wanted.value]) pad.put(emotions[wanted.value]);
  keepPlace();
}

pad.drawing.addEventListener("pad-move", () => { wanted.value = atPoint; keepPlace(); });
wanted.addEventListener("change", () => {
  if (emotions[wanted.value]) pad.put(emotions[wanted.value]);
  keepPlace();
});
restore();
