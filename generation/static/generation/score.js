// A cursor in the score: what sounds is marked while the clip plays, and a click on a note goes there.
import { buildPlayers } from "../site/player.js";

const SVG = "http://www.w3.org/2000/svg";
const UNITS_BESIDE = 60; // how far the cursor stands out around a note head

// Only the drawing for this width is shown; turning a telephone changes it.
function shownDrawing(score) {
  return [...score.querySelectorAll("svg")].find((svg) => svg.getClientRects().length);
}

// In the drawing's own units, whatever groups have been moved.
function boxWithin(svg, element) {
  const box = element.getBoundingClientRect();
  const frame = svg.getBoundingClientRect();
  const scale = svg.viewBox.baseVal.width / frame.width;
  const [x, y] = [(box.left - frame.left) * scale, (box.top - frame.top) * scale];
  return { x, y, width: box.width * scale, height: box.height * scale };
}

function cursorOf(svg) {
  const found = svg.querySelector(".score-cursor");
  if (found) return found;
  const cursor = document.createElementNS(SVG, "rect");
  cursor.setAttribute("class", "score-cursor");
  cursor.setAttribute("rx", "60");
  svg.prepend(cursor);
  return cursor;
}

// The page follows the music until somebody scrolls; playing anew lets it follow again.
function watchScrolling(media) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let scrolled = false;
  const leave = () => { scrolled = true; };
  for (const event of ["wheel", "touchmove"]) addEventListener(event, leave, { passive: true });
  addEventListener("keydown", (event) => {
    const keys = ["PageUp", "PageDown", "ArrowUp", "ArrowDown", "Home", "End", " "];
    if (keys.includes(event.key) && !event.target.closest(".player, select, input, button")) leave();
  });
  media.addEventListener("play", () => { scrolled = false; });
  return () => !scrolled && !calm.matches;
}

function follow(player, score, times) {
  const mayScroll = watchScrolling(player.media);
  let marked = new Set();
  let before = -1;
  let system = null;
  let drawing = null;

  const mark = (svg, sounding) => {
    for (const note of marked) if (!sounding.has(note)) note.classList.remove("sounds");
    for (const note of sounding) note.classList.add("sounds");
    marked = sounding;
  };

  const move = (svg, note) => {
    const own = note.closest(".system");
    const [around, lines] = [boxWithin(svg, note.querySelector("use") ?? note), boxWithin(svg, own)];
    const cursor = cursorOf(svg);
    const place = { x: around.x - UNITS_BESIDE, y: lines.y, width: around.width + 2 * UNITS_BESIDE, height: lines.height };
    for (const [name, value] of Object.entries(place)) cursor.setAttribute(name, value.toFixed(0));
    if (own !== system && !player.media.paused && mayScroll()) own.scrollIntoView({ block: "center", behavior: "smooth" });
    system = own;
  };

  const draw = (now) => {
    const svg = shownDrawing(score);
    if (!svg) return;
    if (svg !== drawing) {
      drawing = svg;
      before = -1;
      system = null;
    }
    const sounding = new Set();
    let latest = -1;
    times.notes.forEach(([start, end], index) => {
      if (start <= now && now < end) sounding.add(svg.querySelector(`[data-note="${index}"]`));
      if (start <= now && (latest < 0 || start >= times.notes[latest][0])) latest = index;
    });
    sounding.delete(null);
    mark(svg, sounding);
    if (latest < 0) svg.querySelector(".score-cursor")?.remove();
    else if (latest !== before) move(svg, svg.querySelector(`[data-note="${latest}"]`));
    before = latest;
  };

  player.watch(draw);
  addEventListener("resize", () => { before = -1; player.draw(); });
}

const score = document.querySelector("[data-score]");
const [player] = buildPlayers();
if (score && player) {
  const times = JSON.parse(document.getElementById("score-times").textContent);
  follow(player, score, times);
  document.querySelector("[data-score-hint]").hidden = false;
  score.classList.add("score-live");
  score.addEventListener("click", (event) => {
    const note = event.target.closest("[data-note]");
    if (note) player.seek(times.notes[Number(note.dataset.note)][0]);
  });
  const go = document.querySelector("[data-score-go]");
  go.hidden = false;
  go.querySelector("select").addEventListener("change", (event) => {
    player.seek(times.bars[Number(event.target.value)]);
  });
}
