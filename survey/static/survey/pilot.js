// Follows simulated people through a draft; without JavaScript the page is loaded anew.
const place = document.querySelector("[data-pilot]");
const done = place.querySelector("[data-pilot-done]");
const bar = place.querySelector("progress");
const OPEN = ["queued", "running"];
const LOOK_MS = 1500;

async function look() {
  try {
    const answer = await fetch(place.dataset.pilot, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (!answer.ok && answer.status < 500) { window.location.reload(); return; }
    if (answer.ok) {
      const state = await answer.json();
      if (!OPEN.includes(state.status)) { window.location.reload(); return; }
      done.textContent = state.done;
      bar.value = state.done;
    }
  } catch { /* the next turn tries again */ }
  window.setTimeout(look, LOOK_MS);
}

window.setTimeout(look, LOOK_MS);
