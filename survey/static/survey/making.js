// Follows a report that a worker makes; without JavaScript a reload shows the same.
const place = document.querySelector("[data-making]");
const said = place?.querySelector("[data-making-said]");
const OPEN = ["queued", "running"];

function show(state) {
  if (said.textContent !== state.said) said.textContent = state.said;
  if (said.classList.contains("message")) said.classList.toggle("message-warning", state.is_stuck);
  place.querySelector("[data-making-out]").hidden = !state.is_stuck;
  const bar = place.querySelector("progress");
  if (bar) bar.value = state.share;
  for (const [index, line] of place.querySelectorAll(".phases li").entries()) {
    line.className = `phase-${state.phases[index].state}`;
    if (state.phases[index].state === "now") line.setAttribute("aria-current", "step");
    else line.removeAttribute("aria-current");
  }
}

function end(state) {
  const link = place.querySelector("[data-making-link]");
  if (link && state.status === "ready") {
    link.hidden = false;
  } else if (!link) {
    // A download leaves this page where it is, with the sentence that `show` has put there.
    window.location.reload();
  }
}

async function look() {
  let state = null;
  try {
    // By hand: a login that ended leads elsewhere, and the page loaded anew says so.
    const answer = await fetch(place.dataset.making, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (answer.ok) state = await answer.json();
    else if (answer.status < 500) return window.location.reload();
  } catch { /* the next turn tries again */ }
  if (state) show(state);
  if (state && !OPEN.includes(state.status)) return end(state);
  return window.setTimeout(look, 1000 * place.dataset.look);
}

if (place) window.setTimeout(look, 1000);
