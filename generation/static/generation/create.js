// The create page: drop a picture, sliders that follow the chosen emotion, a piece that appears when it is ready.
import { buildPlayers } from "../site/player.js";
import { askUntilDone } from "./waiting.js";

const STEPS = ["queued", "composing", "writing", "rendering", "encoding", "measuring"];
const NAMES = ["valence", "arousal", "dominance"];

function welcomeDrop(form) {
  const input = form.querySelector("input[type=file]");
  const zone = form.querySelector("[data-drop]");
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
    form.requestSubmit();
  });
  input.addEventListener("change", () => { if (input.files.length) form.requestSubmit(); });
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
    const value = Number(form.elements[name].value);
    form.querySelector(`[data-shows="${name}"]`).textContent = `${value < 0 ? "−" : ""}${Math.abs(value).toFixed(2)}`;
  }
}

// The choices say which emotions are likely once the label is there; what was chosen stays chosen.
function offerWanted(form, html) {
  const chosen = form.elements.wanted.value;
  form.querySelector("[data-wanted]").innerHTML = html;
  const again = form.querySelector(`input[name=wanted][value="${chosen}"]`);
  if (again) again.checked = true;
}

function tieSliders(form) {
  const points = JSON.parse(document.getElementById("emotion-points").textContent);
  let implied = JSON.parse(document.getElementById("implied-point").textContent);
  form.addEventListener("change", (event) => {
    if (event.target.name !== "wanted") return;
    moveSliders(form, ["picture", "point"].includes(event.target.value) ? implied : points[event.target.value] ?? {});
  });
  form.addEventListener("input", (event) => {
    if (!NAMES.includes(event.target.name)) return;
    form.querySelector("input[name=wanted][value=sliders]").checked = true;
    showValues(form);
  });
  showValues(form);
  return (answer) => {
    implied = answer.implied;
    offerWanted(form, answer.wanted);
    if (form.elements.wanted.value === "picture") moveSliders(form, implied);
  };
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

function waitForPiece(piece, address) {
  const progress = piece.querySelector("[data-piece-progress]");
  const bar = piece.querySelector("[data-piece-bar]");
  const words = piece.querySelector("[data-piece-words]");
  const body = piece.querySelector("[data-piece-body]");
  let key = "";
  askUntilDone(() => address, (state) => {
    if (piece.dataset.state !== address) return true; // a newer piece has been asked for
    if (state.status === "ready") {
      body.innerHTML = state.html;
      progress.hidden = true;
      buildPlayers(piece);
      piece.querySelector("h2").focus();
      return true;
    }
    bar.value = Math.max(STEPS.indexOf(state.step || state.status), 0);
    if (state.key !== key) words.innerHTML = state.html;
    key = state.key;
    bar.hidden = !["queued", "running"].includes(state.status);
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

async function ask(form, piece) {
  const errors = form.querySelector("[data-sketch-errors]");
  const button = form.querySelector("button[type=submit]");
  const say = (text) => {
    const line = document.createElement("p");
    line.className = "message message-error";
    line.textContent = text;
    errors.append(line);
  };
  errors.replaceChildren();
  sayWaiting(form, "");
  button.disabled = true;
  try {
    const response = await fetch(form.action, {
      method: "POST", body: new FormData(form), headers: { Accept: "application/json" },
    });
    const answer = await response.json();
    if (answer.waiting) {
      sayWaiting(form, answer.waiting);
      if (answer.again) askOnceLabelled(form, piece);
    } else if (answer.errors) {
      answer.errors.forEach(say);
    } else {
      history.replaceState(null, "", answer.page);
      piece.hidden = false;
      piece.dataset.state = answer.state;
      piece.querySelector("[data-piece-body]").replaceChildren();
      piece.querySelector("[data-piece-progress]").hidden = false;
      piece.querySelector("[data-piece-bar]").removeAttribute("value");
      piece.querySelector("[data-piece-words]").textContent = "Asked for…";
      piece.scrollIntoView({ block: "nearest" });
      waitForPiece(piece, answer.state);
    }
  } catch {
    say("It could not be sent. Are you still logged in, and is the network there? Reload the page and try again.");
  }
  button.disabled = false;
}

for (const form of document.querySelectorAll("[data-drop-one]")) welcomeDrop(form);
const form = document.querySelector("[data-sketch]");
const piece = document.querySelector("[data-piece]");
if (form && piece) {
  waitForLabel(document.querySelector("[data-labels]"), tieSliders(form));
  form.addEventListener("submit", (event) => { event.preventDefault(); ask(form, piece); });
  if (piece.dataset.status === "ready") buildPlayers(piece);
  else if (/queued|running/.test(piece.dataset.status ?? "")) waitForPiece(piece, piece.dataset.state);
}
