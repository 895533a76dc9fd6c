// Figures answer: whoever points at a mark, or reaches it by the arrow keys, reads what it counts. The words are the
// `<title>` of the mark; without this the browser shows them by itself, and the table below the figure has the numbers.
const AFTER = 150;
const tip = document.createElement("div");
tip.className = "mark-tip";
tip.hidden = true;
tip.setAttribute("aria-hidden", "true"); // the mark itself says the same to screen readers
document.body.append(tip);
let leaving = 0;

function show(mark) {
  window.clearTimeout(leaving);
  tip.replaceChildren(...unbroken(mark.getAttribute("aria-label")));
  tip.hidden = false;
  const box = mark.getBoundingClientRect();
  const width = tip.offsetWidth;
  const left = Math.min(Math.max(4, box.left + box.width / 2 - width / 2), document.documentElement.clientWidth - width - 4);
  const above = box.top - tip.offsetHeight - 6;
  tip.style.left = `${left + window.scrollX}px`;
  tip.style.top = `${(above > 0 ? above : box.bottom + 6) + window.scrollY}px`;
}

/** The words of a mark, with every interval in a span that is not broken. */
function unbroken(said) {
  return said.split(/([−\d.]+(?: %)?(?:–| to )[−\d.]+(?: %)?|[\d.]+ %)/).map((part, place) => {
    if (place % 2 === 0) return part;
    const span = document.createElement("span");
    span.className = "unbroken";
    span.textContent = part;
    return span;
  });
}

const hide = () => { tip.hidden = true; };
const leave = () => { leaving = window.setTimeout(hide, AFTER); };
const markOf = (event) => event.target.closest?.("svg .mark");

/** Takes the words off the browser's own tip, and lets Tab stop once in a figure. */
function enliven(root) {
  for (const svg of root.querySelectorAll('svg[role="group"]')) {
    const marks = [...svg.querySelectorAll(".mark")];
    for (const [place, mark] of marks.entries()) {
      const title = mark.querySelector("title");
      if (!title) continue;
      mark.setAttribute("aria-label", title.textContent);
      title.remove();
      mark.setAttribute("tabindex", place ? "-1" : "0");
    }
  }
}

/** The nearest mark in a direction; what lies off to the side counts as further away. */
function neighbour(mark, across, down) {
  const middle = (one) => {
    const box = one.getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2];
  };
  const [x, y] = middle(mark);
  let best = null, least = Infinity;
  for (const one of mark.ownerSVGElement.querySelectorAll(".mark")) {
    const [dx, dy] = middle(one).map((value, axis) => value - [x, y][axis]);
    const along = dx * across + dy * down;
    if (one === mark || along < 1) continue;
    const far = along + 3 * Math.abs(dx * down + dy * across);
    if (far < least) [best, least] = [one, far];
  }
  return best;
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return hide();
  const mark = markOf(event);
  if (!mark || !(event.key in STEPS)) return undefined;
  event.preventDefault();
  const next = neighbour(mark, ...STEPS[event.key]);
  if (!next) return undefined;
  mark.setAttribute("tabindex", "-1");
  next.setAttribute("tabindex", "0");
  return next.focus();
});
document.addEventListener("pointerover", (event) => {
  const mark = markOf(event);
  if (mark?.hasAttribute("aria-label")) show(mark);
  else if (tip.contains(event.target)) window.clearTimeout(leaving);
  else if (!tip.hidden) leave();
});
document.addEventListener("focusin", (event) => {
  const mark = markOf(event);
  if (mark?.hasAttribute("aria-label")) show(mark);
  else hide();
});
document.addEventListener("content-added", (event) => { hide(); enliven(event.detail.root); });
enliven(document);
