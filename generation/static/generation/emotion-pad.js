// The pad with the eight emotions at their places: it says which one is nearest.
import { AffectPad, signed, within } from "../site/pad.js";

const away = (one, other) => Math.hypot(one.valence - other.valence, one.arousal - other.arousal);

export class EmotionPad extends AffectPad {
  constructor(drawing, emotions) {
    const near = (place) => Object.values(emotions).sort((a, b) => away(a, place) - away(b, place));
    super(drawing, (place) => (
      `valence ${signed(place.valence)}, arousal ${signed(place.arousal)}, nearest to ${near(place)[0].label.toLowerCase()}`
    ));
    this.emotions = emotions; // {slug: {label, valence, arousal, dominance}}
  }

  // Dominance is no side of the square: that of the emotions around, the nearer the more (inverse squared distance).
  dominance() {
    let sum = 0;
    let weights = 0;
    for (const emotion of Object.values(this.emotions)) {
      const weight = 1 / (away(emotion, this.place) ** 2 + 0.01);
      sum += weight * emotion.dominance;
      weights += weight;
    }
    return within(sum / weights);
  }
}

// The eight emotions as the page has them, in the elements that `emotions_on_pad` fills.
export function readEmotions() {
  const [points, labels] = ["emotion-points", "emotion-labels"].map((id) => JSON.parse(document.getElementById(id).textContent));
  return Object.fromEntries(Object.entries(points).map(
    ([slug, [valence, arousal, dominance]]) => [slug, { label: labels[slug], valence, arousal, dominance }],
  ));
}
