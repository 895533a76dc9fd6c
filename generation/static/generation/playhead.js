// Moves the playhead of a piano roll with its player.
export function followPlayer(player, roll) {
  const head = roll.querySelector(".roll-playhead");
  const scroll = roll.querySelector(".roll-scroll");
  const { left, second, offset, right } = Object.fromEntries(
    ["left", "second", "offset", "right"].map((name) => [name, Number(roll.dataset[name])]),
  );
  const draw = () => {
    const x = Math.min(Math.max(left + (player.currentTime + offset) * second, left), right);
    head.setAttribute("x1", x);
    head.setAttribute("x2", x);
    head.setAttribute("visibility", "visible");
    if (x < scroll.scrollLeft || x > scroll.scrollLeft + scroll.clientWidth * 0.85) {
      scroll.scrollLeft = x - scroll.clientWidth * 0.15;
    }
  };
  const run = () => {
    draw();
    if (!player.paused && !player.ended) requestAnimationFrame(run);
  };
  player.addEventListener("play", run);
  player.addEventListener("seeked", draw);
  player.addEventListener("pause", draw);
  roll.querySelector("svg").addEventListener("click", (event) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    player.currentTime = Math.max((x - left) / second - offset, 0);
  });
}

export function onlyOneAtATime(players) {
  for (const player of players) {
    player.addEventListener("play", () => {
      for (const other of players) if (other !== player) other.pause();
    });
  }
}
