// Follows a lesson; without JavaScript the page is loaded anew.
const place = document.querySelector("[data-lesson]");
const phase = place.querySelector("[data-lesson-phase]");
const OPEN = ["queued", "running"];
const LOOK_MS = 1500;

async function look() {
  try {
    const answer = await fetch(place.dataset.lesson, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (!answer.ok && answer.status < 500) { window.location.reload(); return; }
    if (answer.ok) {
      const state = await answer.json();
      if (!OPEN.includes(state.status)) { window.location.reload(); return; }
      if (state.phase) phase.textContent = state.phase;
    }
  } catch { /* the next turn tries again */ }
  window.setTimeout(look, LOOK_MS);
}

window.setTimeout(look, LOOK_MS);
