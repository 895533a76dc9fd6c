// What every player of the site is made of: a button, the course of the sound, the time. Without scripts the browser's
// own player stays.
const SVG = "http://www.w3.org/2000/svg";

export function make(name, attributes = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

export function draw(name, attributes = {}) {
  const drawn = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) drawn.setAttribute(key, value);
  return drawn;
}

export function buildFrame() {
  const button = make("button", { type: "button", class: "player-button" });
  const time = make("span", { class: "player-time", "aria-hidden": "true" });
  const line = make("div", { class: "player-line" }, time);
  const course = make("div", { class: "player-course" }, line);
  const row = make("div", { class: "player-row" }, button, course);
  return { row, button, course, line, time };
}

// The frame takes the place of the browser's controls; the element goes on as what plays.
export function replaceControls(audio, frame) {
  audio.controls = false;
  audio.hidden = true;
  audio.before(frame.row);
}
