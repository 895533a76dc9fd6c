// The create page: drop a picture, a pad and sliders that follow the chosen emotion, and takes that appear when they are
// ready: a quick one of a single candidate first, then the best of several in the same place.
import { draw } from "../site/frame.js";
import { signed } from "../site/pad.js";
import { buildPlayers } from "../site/player.js";
import { EmotionPad, readEmotions } from "./emotion-pad.js";
import { askUntilDone } from "../site/asking.js";

const STEPS = ["queued", "composing", "writing", "rendering", "encoding", "measuring"];
const NAMES = ["valence", "arousal", "dominance"];

function welcomeDrop(form) {
  const input = form.querySelector("input[type=file]");
  const zone = form.querySelector("[data-drop]");
  const sends = form.dataset.dropOne !== "stay"; // where more is chosen beside the picture the button sends
  form.querySelector("[data-drop-words]").hidden = false;
  const over = (event) => { event.preventDefault(); zone.classList.add("drop-over"); };
  zone.addEventListener("dragenter", over);
  zone.addEventListener("dragover", over);
  zone.addEventListener("dragleave", () => zone.classList.remove("drop-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("drop-over");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    if (sends) form.requestSubmit();
  });
  if (sends) input.addEventListener("change", () => { if (input.files.length) form.requestSubmit(); });
}

function moveSliders(form, point) {
  NAMES.forEach((name, index) => {
    const value = Array.isArray(point) ? point[index] : point[name];
    if (typeof value === "number") form.elements[name].value = value;
  });
  showValues(form);
}

function showValues(form) {
  for (const name of NAMES) {
    form.querySelector(`[data-shows="${name}"]`).textContent = signed(Number(form.elements[name].value));
  }
}

// The choices say which emotions are likely once the label is there; what was chosen stays chosen.
function offerWanted(form, html) {
  const chosen = form.elements.wanted.value;
  form.querySelector("[data-wanted]").innerHTML = html;
  const again = form.querySelector(`input[name=wanted][value="${chosen}"]`);
  if (again) again.checked = true;
}

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const byName = (form) => Object.fromEntries(NAMES.map((name) => [name, Number(form.elements[name].value)]));

function tieSliders(form, pad) {
  const points = read("emotion-points");
  let implied = read("implied-point");
  form.addEventListener("change", (event) => {
    if (event.target.name !== "wanted") return;
    moveSliders(form, ["picture", "point"].includes(event.target.value) ? implied : points[event.target.value] ?? {});
    pad.put(byName(form));
  });
  form.addEventListener("input", (event) => {
    if (!NAMES.includes(event.target.name)) return;
    form.querySelector("input[name=wanted][value=sliders]").checked = true;
    showValues(form);
    pad.put(byName(form));
  });
  showValues(form);
  pad.put(byName(form));
  return (answer) => {
    implied = answer.implied;
    offerWanted(form, answer.wanted);
    form.querySelector("[data-pad-read]").innerHTML = answer.pad;
    form.querySelector("[data-pad-words]").textContent = answer.place ? `: ${answer.place}` : "";
    if (form.elements.wanted.value === "picture") moveSliders(form, implied);
    pad.put(byName(form));
  };
}

function makePad(form) {
  form.querySelector("[data-pad-figure]").hidden = false;
  form.querySelector("[data-pad-auto]").hidden = false;
  form.querySelector("[data-sliders]").open = false;
  form.closest(".create").classList.add("with-pad"); // which shows what the plane beside the picture shows
  return new EmotionPad(form.querySelector("[data-pad]"), readEmotions());
}

// Where the pad is moved the sliders go, and once it rests music is made for the place.
function followPad(form, pad, piece) {
  const auto = form.querySelector("[data-pad-auto] input");
  pad.drawing.addEventListener("pad-move", ({ detail }) => {
    form.querySelector("input[name=wanted][value=sliders]").checked = true;
    moveSliders(form, { ...detail, dominance: pad.dominance() });
  });
  pad.drawing.addEventListener("pad-set", () => { if (auto.checked) ask(form, piece, { quick: true }); });
  // While three others are being made the newest wish waits, and is asked for when one of them is there.
  document.addEventListener("take-ended", () => {
    if (!waitsForRoom) return;
    const wish = waitsForRoom;
    waitsForRoom = null;
    ask(form, piece, wish);
  });
}

// A number for every take that is shown, on the list and on the pad, oldest first.
function numberTakes(takes, pad) {
  const all = [...takes.querySelectorAll("[data-take]")].reverse();
  takes.hidden = !all.length;
  const places = new Map(); // of takes in one place the newest is marked
  all.forEach((take, index) => {
    const number = String(index + 1);
    const heading = take.querySelector("h3");
    const shown = heading.querySelector(".take-number") ?? document.createElement("span");
    shown.className = "take-number";
    shown.textContent = `${number} `;
    heading.prepend(shown);
    const { valence, arousal } = take.dataset;
    places.set(`${valence} ${arousal}`, { valence: Number(valence), arousal: Number(arousal), number });
  });
  const marks = [...places.values()].map((place) => mark(place.number, pad.toDrawing(place)));
  pad.drawing.querySelector("[data-pad-takes]").replaceChildren(...marks);
}

function mark(number, { x, y }) {
  const group = draw("g", { transform: `translate(${x} ${y})`, "aria-hidden": "true" });
  const text = draw("text", { class: "pad-take-number", "text-anchor": "middle", dy: "3" });
  text.textContent = number;
  group.append(draw("circle", { class: "pad-take", r: "7" }), text);
  return group;
}

function waitForLabel(holder, learn) {
  const label = holder.querySelector("[data-waiting]");
  if (!label) return;
  askUntilDone(() => holder.dataset.labels, (labels) => {
    const answer = labels[label.dataset.picture];
    if (!answer?.done) return false;
    label.innerHTML = answer.html;
    label.removeAttribute("data-waiting");
    learn(answer);
    label.dispatchEvent(new CustomEvent("labelled", { bubbles: true, detail: answer }));
    return true;
  });
}

function addTake(html, pad) {
  const takes = document.querySelector("[data-takes]");
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  const take = holder.content.firstElementChild;
  takes.querySelector(`[data-take="${take.dataset.take}"]`)?.remove();
  takes.querySelector("[data-takes-list]").prepend(take);
  numberTakes(takes, pad);
  buildPlayers(take);
}

// A piece that waits; `whenReady` gets its state. One that is asked for by moving plays by itself.
function waitForPiece(piece, address, whenReady = () => {}, whenLost = () => {}) {
  const progress = piece.querySelector("[data-piece-progress]");
  const bar = piece.querySelector("[data-piece-bar]");
  const words = piece.querySelector("[data-piece-words]");
  const body = piece.querySelector("[data-piece-body]");
  let key = "";
  askUntilDone(() => address, (state) => {
    if (piece.dataset.state !== address) { // a newer piece has been asked for: this one joins the takes
      addWhenReady(address);
      return true;
    }
    if (state.status === "ready") {
      body.innerHTML = state.html;
      progress.hidden = true;
      buildPlayers(body);
      addTake(state.take, pad);
      whenReady(state);
      document.dispatchEvent(new Event("take-ended"));
      return true;
    }
    bar.value = Math.max(STEPS.indexOf(state.step || state.status), 0);
    if (state.key !== key) words.innerHTML = state.html;
    key = state.key;
    bar.hidden = !isOpen(state);
    if (bar.hidden) {
      whenLost();
      document.dispatchEvent(new Event("take-ended")); // also a piece that fails makes room
    }
    return bar.hidden;
  });
}

function sayWaiting(form, text) {
  const line = document.createElement("p");
  line.className = "message message-warning";
  line.textContent = text;
  form.querySelector("[data-sketch-waiting]").replaceChildren(...(text ? [line] : []));
}

// The picture's own emotion was asked for before it was known: ask again by itself, unless something else is chosen.
let waitsForLabel = false;
function askOnceLabelled(form, piece) {
  if (waitsForLabel) return;
  const label = document.querySelector("[data-labels] [data-waiting]");
  if (!label) { location.reload(); return; }
  waitsForLabel = true;
  label.addEventListener("labelled", () => {
    waitsForLabel = false;
    if (form.elements.wanted.value === "picture") ask(form, piece);
    else sayWaiting(form, "");
  }, { once: true });
}

// What a form wishes, whichever way it is asked for.
function wishOf(sent) {
  const wished = [...sent].filter(([name]) => !["csrfmiddlewaretoken", "quick"].includes(name));
  return JSON.stringify(wished);
}

// `quick`: a first take of one candidate, that plays as soon as it is there while a better one is made. Of several wishes
// on their way the latest counts.
let asked = 0;
let waitsForRoom = null;
let makes = ""; // what is wished of the piece that is on its way
async function ask(form, piece, { quick = false } = {}) {
  const sent = new FormData(form);
  const wish = wishOf(sent);
  if (wish === makes) { // asked for already: its first take comes, and the better one after it
    if (!quick) piece.scrollIntoView({ block: "nearest" });
    return;
  }
  const mine = ++asked;
  makes = wish;
  waitsForRoom = null;
  if (quick) sent.set("quick", "on");
  const errors = form.querySelector("[data-sketch-errors]");
  const button = form.querySelector("button[type=submit]");
  const say = (text) => {
    const line = document.createElement("p");
    line.className = "message message-error";
    line.textContent = text;
    errors.append(line);
  };
  const ended = () => { if (mine === asked) makes = ""; };
  errors.replaceChildren();
  sayWaiting(form, "");
  button.disabled = true;
  try {
    const response = await fetch(form.action, {
      method: "POST", body: sent, headers: { Accept: "application/json" },
    });
    const answer = await response.json();
    if (mine !== asked) {
      if (answer.state) addWhenReady(answer.state); // a take all the same
      return;
    }
    if (answer.waiting) {
      makes = "";
      sayWaiting(form, answer.waiting);
      if (answer.busy) waitsForRoom = { quick };
      if (answer.again) askOnceLabelled(form, piece);
    } else if (answer.errors) {
      makes = "";
      answer.errors.forEach(say);
    } else {
      history.replaceState(null, "", answer.page);
      piece.hidden = false;
      piece.dataset.state = answer.state;
      piece.querySelector("[data-piece-body]").replaceChildren();
      piece.querySelector("[data-piece-better]").textContent = "";
      piece.querySelector("[data-piece-offer]").hidden = true;
      piece.querySelector("[data-piece-progress]").hidden = false;
      piece.querySelector("[data-piece-bar]").removeAttribute("value");
      piece.querySelector("[data-piece-words]").textContent = "Asked for…";
      if (!quick) piece.scrollIntoView({ block: "nearest" }); // the pad that is being moved stays in sight
      waitForPiece(piece, answer.state, (state) => {
        if (!quick) { ended(); piece.querySelector("h2").focus(); return; }
        piece.querySelector("audio")?.play().catch(() => {}); // a browser that plays nothing by itself waits for a press
        if (state.candidates === 1 && mine === asked && !waitsForRoom) askBetter(form, piece, sent, answer).finally(ended);
        else ended();
      }, ended);
    }
  } catch {
    ended();
    say("It could not be sent. Are you still logged in, and is the network there? Reload the page and try again.");
  }
  if (mine === asked) button.disabled = false;
}

const isOpen = (state) => ["queued", "running"].includes(state.status);

// What is asked for and shown nowhere else joins the takes.
function addWhenReady(address, whenEnded = () => {}) {
  askUntilDone(() => address, (state) => {
    if (isOpen(state)) return false;
    if (state.status === "ready") addTake(state.take, pad);
    whenEnded(state);
    document.dispatchEvent(new Event("take-ended"));
    return true;
  });
}

// The best of several for the same place and seed, while the first take plays. It joins the takes and interrupts nothing.
async function askBetter(form, piece, sent, first) {
  const words = piece.querySelector("[data-piece-better]");
  sent.delete("quick");
  sent.set("seed", first.seed);
  try {
    const response = await fetch(form.action, { method: "POST", body: sent, headers: { Accept: "application/json" } });
    const answer = await response.json();
    if (!answer.state) return; // refused, as while three others are made: the first take is there
    const isShown = () => piece.dataset.state === first.state;
    if (isShown()) words.textContent = words.dataset.says;
    await new Promise((resolve) => {
      addWhenReady(answer.state, (state) => {
        resolve();
        if (!isShown()) return;
        words.textContent = state.status === "ready" ? words.dataset.ready : "";
        if (state.status === "ready") offerBetter(piece, state, answer.page);
      });
    });
  } catch {
    if (piece.dataset.state === first.state) words.textContent = ""; // the network is away: the first take is there
  }
}

function offerBetter(piece, state, page) {
  const offer = piece.querySelector("[data-piece-offer]");
  const button = offer.querySelector("button");
  offer.hidden = false;
  button.onclick = () => {
    const body = piece.querySelector("[data-piece-body]");
    const before = body.querySelector("audio");
    const goesOn = before && !before.paused;
    body.innerHTML = state.html;
    offer.hidden = true;
    piece.querySelector("[data-piece-better]").textContent = "";
    buildPlayers(body);
    history.replaceState(null, "", page);
    piece.querySelector("h2").focus();
    if (goesOn) body.querySelector("audio")?.play().catch(() => {});
  };
}

for (const form of document.querySelectorAll("[data-drop-one]")) welcomeDrop(form);
const form = document.querySelector("[data-sketch]");
const piece = document.querySelector("[data-piece]");
let pad = null;
if (form && piece) {
  pad = makePad(form);
  waitForLabel(document.querySelector("[data-labels]"), tieSliders(form, pad));
  followPad(form, pad, piece);
  numberTakes(document.querySelector("[data-takes]"), pad);
  form.addEventListener("submit", (event) => { event.preventDefault(); ask(form, piece); });
  buildPlayers();
  if (/queued|running/.test(piece.dataset.status ?? "")) waitForPiece(piece, piece.dataset.state);
}
