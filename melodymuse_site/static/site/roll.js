// A large piano roll as the course of a player: playhead, the part that is repeated, seeking, the player's keys.
import { followDrags } from "./dragging.js";
import { draw } from "./frame.js";

export function followRoll(roll, player) {
  const head = roll.querySelector(".roll-playhead");
  const scroll = roll.querySelector(".roll-scroll");
  const svg = roll.querySelector("svg");
  const { left, second, offset, right } = Object.fromEntries(
    ["left", "second", "offset", "right"].map((name) => [name, Number(roll.dataset[name])]),
  );
  const top = Number(head.getAttribute("y1"));
  const part = draw("rect", { class: "roll-part", y: top, height: head.getAttribute("y2") - top, visibility: "hidden" });
  head.before(part);
  head.setAttribute("visibility", "visible");
  const xOf = (seconds) => Math.min(Math.max(left + (seconds + offset) * second, left), right);
  const drags = followDrags(svg, {
    secondsAt: (event) => (event.clientX - svg.getBoundingClientRect().left - left) / second - offset,
    seek: player.seek,
    mark: player.mark,
    remember: player.remember,
    scrolls: true,
  });
  let lastX = null;

  player.watch((now, marked) => {
    const x = xOf(now);
    head.setAttribute("x1", x);
    head.setAttribute("x2", x);
    part.setAttribute("visibility", marked ? "visible" : "hidden");
    if (marked) {
      part.setAttribute("x", xOf(marked.from));
      part.setAttribute("width", xOf(marked.to) - xOf(marked.from));
    }
    const isMoved = lastX !== null && x !== lastX;
    lastX = x;
    const isOut = x < scroll.scrollLeft || x > scroll.scrollLeft + scroll.clientWidth * 0.85;
    if (isMoved && isOut && !drags.isDragging()) scroll.scrollLeft = x - scroll.clientWidth * 0.15;
  });
  // Arrows, Home and End scroll it.
  roll.addEventListener("keydown", (event) => { if (event.key.length === 1) player.press(event); });
}
