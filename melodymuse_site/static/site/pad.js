// The pad: a square of valence (left to right) and arousal (bottom to top), −1…1 each, with one handle. Dragged with a
// pointer or moved with the arrow keys; it tells where it is through events and never asks a server. It shows no
// emotion, as their names would hint to participants: `generation/emotion-pad.js` knows them and where they lie.
//
//   pad.addEventListener("pad-move", event => event.detail)   {valence, arousal} while it moves
//   pad.addEventListener("pad-set", event => event.detail)    the same, once it rests
//
// `data-low` and `data-side` of the drawing say where the square lies in its coordinates.
const STEP = 0.05;
const LARGE_STEP = 0.25;
const REST_MILLISECONDS = 600; // after the last key
const ENDS = { Home: ["valence", -1], End: ["valence", 1], PageUp: ["arousal", LARGE_STEP], PageDown: ["arousal", -LARGE_STEP] };
const KEYS = { ArrowLeft: ["valence", -1], ArrowRight: ["valence", 1], ArrowUp: ["arousal", 1], ArrowDown: ["arousal", -1] };

export const within = (value) => Math.min(1, Math.max(-1, Math.round(value * 100) / 100));
export const signed = (value) => `${value < 0 ? "−" : ""}${Math.abs(value).toFixed(2)}`;

export class AffectPad {
  // `say` puts a place into words, for those who hear the page.
  constructor(drawing, say) {
    this.drawing = drawing;
    this.handle = drawing.querySelector("[data-pad-handle]");
    this.say = say;
    this.isLocked = false; // then it takes neither pointer nor keys
    this.low = Number(drawing.dataset.low);
    this.side = Number(drawing.dataset.side);
    this.timer = 0;
    this.place = { valence: 0, arousal: 0 };
    this.#followPointer();
    this.#followKeys();
    this.put(this.place);
  }

  // Moves the handle without telling anybody: for whoever keeps the same numbers elsewhere.
  put({ valence, arousal }) {
    this.place = { valence: within(valence), arousal: within(arousal) };
    const { x, y } = this.toDrawing(this.place);
    this.handle.setAttribute("transform", `translate(${x} ${y})`);
    this.handle.setAttribute("aria-valuenow", this.place.valence);
    this.handle.setAttribute("aria-valuetext", this.say(this.place));
  }

  toDrawing({ valence, arousal }) {
    return { x: this.low + ((valence + 1) / 2) * this.side, y: this.low + ((1 - arousal) / 2) * this.side };
  }

  #fromPointer(event) {
    const box = this.drawing.getBoundingClientRect();
    const scale = this.drawing.viewBox.baseVal.width / box.width;
    const x = (event.clientX - box.left) * scale;
    const y = (event.clientY - box.top) * scale;
    return { valence: ((x - this.low) / this.side) * 2 - 1, arousal: 1 - ((y - this.low) / this.side) * 2 };
  }

  #followPointer() {
    const move = (event) => { this.put(this.#fromPointer(event)); this.#tell("pad-move"); };
    this.drawing.addEventListener("pointerdown", (event) => {
      if (this.isLocked || event.button || !event.isPrimary) return;
      event.preventDefault();
      clearTimeout(this.timer);
      this.drawing.setPointerCapture(event.pointerId);
      this.handle.focus({ preventScroll: true });
      move(event);
      this.drawing.addEventListener("pointermove", move);
      const end = (last) => {
        this.drawing.removeEventListener("pointermove", move);
        this.drawing.removeEventListener("pointerup", end);
        this.drawing.removeEventListener("pointercancel", end);
        if (last.type === "pointerup") this.#tell("pad-set");
      };
      this.drawing.addEventListener("pointerup", end);
      this.drawing.addEventListener("pointercancel", end);
    });
  }

  #followKeys() {
    this.handle.addEventListener("keydown", (event) => {
      if (this.isLocked || event.altKey || event.ctrlKey || event.metaKey) return;
      const { valence, arousal } = this.place;
      if (KEYS[event.key]) {
        const [name, sign] = KEYS[event.key];
        this.put({ valence, arousal, [name]: this.place[name] + sign * (event.shiftKey ? LARGE_STEP : STEP) });
      } else if (ENDS[event.key]) {
        const [name, by] = ENDS[event.key];
        this.put({ valence, arousal, [name]: name === "valence" ? by : arousal + by });
      } else {
        return;
      }
      event.preventDefault();
      this.#tell("pad-move");
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#tell("pad-set"), REST_MILLISECONDS);
    });
  }

  #tell(name) {
    this.drawing.dispatchEvent(new CustomEvent(name, { bubbles: true, detail: { ...this.place } }));
  }
}
