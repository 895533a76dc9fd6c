// From a cell of the confusion matrix, or from a rectangle drawn on the map, to the clips behind it, beside the figure.
// The address of the page says which cell is open, so that a link keeps it. Without this the links and the form lead to
// the list of clips.
import { fetchPart, fill, isPlainClick, refuse } from "./fragments.js";

const CELLS = "a.mark, a[data-cell]";
const NAME = "confusion"; // in the address, where `cell` is one of the design

const SVG = "http://www.w3.org/2000/svg";
const SMALLEST = 6; // pixels; less is a click
let askedLast = 0;
const hints = new WeakMap(); // what stood in the place of the panel before

async function open(figure, address, from) {
  const place = figure.querySelector("[data-panel-in]") ?? figure.querySelector("[data-panel-place]");
  const mine = ++askedLast;
  place.setAttribute("aria-busy", "true");
  try {
    const nodes = await fetchPart(address, "panel");
    if (mine !== askedLast) return;
    hints.has(place) || hints.set(place, [...place.childNodes]);
    fill(place, nodes);
    place.from = from;
    mark(figure, from);
    if (cellOf(from)) remember(cellOf(from));
    place.querySelector("h4").focus({ preventScroll: true });
    place.scrollIntoView({ block: "nearest" });
  } catch (error) {
    if (mine === askedLast) refuse(place, error, () => open(figure, address, from));
  } finally {
    if (mine === askedLast) place.removeAttribute("aria-busy");
  }
}

/** What the address of the page calls the cell that a link is of; nothing of other links. */
function cellOf(link) {
  if (!link?.matches(CELLS)) return "";
  const asked = new URL(link.getAttribute("href"), window.location.href).searchParams;
  return asked.has("intended") && asked.has("chosen") ? `${asked.get("intended")}.${asked.get("chosen")}` : "";
}

function remember(cell) {
  const url = new URL(window.location.href);
  if ((url.searchParams.get(NAME) ?? "") === cell) return;
  if (cell) url.searchParams.set(NAME, cell);
  else url.searchParams.delete(NAME);
  window.history.replaceState(window.history.state, "", url.href.replaceAll("%2C", ","));
}

/** Opens the cell that the address names, where `root` has it and none is open yet; a cell that is not there is none. */
function reopen(root) {
  const wanted = new URL(window.location.href).searchParams.get(NAME);
  if (!wanted) return;
  for (const figure of root.querySelectorAll("[data-figure]:has([data-panel-place])")) {
    const links = [...figure.querySelectorAll(CELLS)].filter((link) => cellOf(link) === wanted);
    const seen = links.find((link) => link.getClientRects().length) ?? links[0];
    if (seen && !figure.querySelector("[data-panel]")) open(figure, seen.getAttribute("href"), seen);
  }
}

/** After going back: what is open stands in the address. */
function rememberOpen() {
  const open = [...document.querySelectorAll("[data-panel]")].map((panel) => cellOf(panel.parentElement.from));
  remember(open.find(Boolean) ?? "");
}

/** Shows which cell the clips are of. */
function mark(figure, from) {
  for (const old of figure.querySelectorAll('[aria-current="true"]')) old.removeAttribute("aria-current");
  if (from?.matches("a")) from.setAttribute("aria-current", "true");
}

function close(place) {
  const from = place.from;
  askedLast += 1; // what is still on its way is not shown any more
  place.removeAttribute("aria-busy");
  place.replaceChildren(...(hints.get(place) ?? []));
  place.closest("[data-figure]").querySelector(".brush")?.remove();
  mark(place.closest("[data-figure]"), null);
  if (cellOf(from)) remember("");
  from?.focus();
}

document.addEventListener("click", (event) => {
  if (!isPlainClick(event)) return;
  const link = event.target.closest(CELLS);
  const figure = link?.closest("[data-figure]");
  if (figure?.querySelector("[data-panel-place]")) {
    event.preventDefault();
    open(figure, link.getAttribute("href"), link);
  }
  const closing = event.target.closest("[data-panel-close]");
  if (closing) close(closing.closest("[data-panel]").parentElement);
});

document.addEventListener("keydown", (event) => {
  const panel = event.key === "Escape" && event.target.closest?.("[data-panel]");
  if (panel) close(panel.parentElement);
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-rectangle]");
  if (!form) return;
  event.preventDefault();
  const url = new URL(form.action);
  for (const [name, value] of new FormData(form)) if (value) url.searchParams.set(name, value);
  open(form.closest("[data-figure]"), url.href, form.querySelector("button"));
});

/** Draws the clips into the map, and lets a rectangle be drawn around some of them. */
function enliven(figure) {
  const form = figure.closest("[data-figure]").querySelector("[data-rectangle]");
  const places = figure.dataset.places.split(" ").filter(Boolean).map((pair) => pair.split(",").map(Number));
  if (!form) return;
  const draws = matchMedia("(any-pointer: fine)").matches; // a finger on the map scrolls the page
  form.querySelector("[data-brush-hint]").hidden = !draws;
  form.querySelector("[data-brush-typed]").hidden = draws;
  for (const svg of figure.querySelectorAll("svg[data-axes]")) {
    const [left, bottom, right, top] = svg.dataset.axes.split(" ").map(Number);
    const group = document.createElementNS(SVG, "g");
    group.setAttribute("class", "clip-places");
    for (const [valence, arousal] of places) {
      const dot = document.createElementNS(SVG, "circle");
      dot.setAttribute("cx", left + ((valence + 1) / 2) * (right - left));
      dot.setAttribute("cy", bottom + ((arousal + 1) / 2) * (top - bottom));
      dot.setAttribute("r", 2.2);
      group.append(dot);
    }
    // Behind what the figure itself draws, before its axes and after its ground.
    svg.querySelector("rect").after(group);
    brush(svg, form, { left, bottom, right, top });
  }
}

function brush(svg, form, axes) {
  const box = document.createElementNS(SVG, "rect");
  box.setAttribute("class", "brush");
  let start = null;
  const at = (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [Math.min(Math.max(point.x, axes.left), axes.right), Math.min(Math.max(point.y, axes.top), axes.bottom)];
  };
  const draw = ([x, y]) => {
    box.setAttribute("x", Math.min(x, start[0]));
    box.setAttribute("y", Math.min(y, start[1]));
    box.setAttribute("width", Math.abs(x - start[0]));
    box.setAttribute("height", Math.abs(y - start[1]));
  };
  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return; // a finger scrolls
    event.preventDefault();
    start = at(event);
    svg.setPointerCapture(event.pointerId);
    svg.append(box);
    draw(start);
  });
  svg.addEventListener("pointermove", (event) => { if (start) draw(at(event)); });
  svg.addEventListener("pointercancel", () => { start = null; box.remove(); });
  svg.addEventListener("pointerup", (event) => {
    if (!start) return;
    const [end, begun] = [at(event), start];
    start = null;
    if (Math.abs(end[0] - begun[0]) < SMALLEST || Math.abs(end[1] - begun[1]) < SMALLEST) return box.remove();
    const across = [begun[0], end[0]].map((x) => (2 * (x - axes.left)) / (axes.right - axes.left) - 1).sort((a, b) => a - b);
    const up = [begun[1], end[1]].map((y) => (2 * (y - axes.bottom)) / (axes.top - axes.bottom) - 1).sort((a, b) => a - b);
    const sides = { valence_from: across[0], valence_to: across[1], arousal_from: up[0], arousal_to: up[1] };
    for (const [name, value] of Object.entries(sides)) form.elements.namedItem(name).value = value.toFixed(2);
    return form.requestSubmit();
  });
}

function enlivenAll(root) {
  for (const figure of root.querySelectorAll("[data-places]")) enliven(figure);
}

document.addEventListener("content-added", (event) => {
  enlivenAll(event.detail.root);
  reopen(event.detail.root);
});
window.addEventListener("popstate", rememberOpen);
enlivenAll(document);
reopen(document);
