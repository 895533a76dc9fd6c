// Follows a job until it ends; then the page is loaded anew, and shows what came of it.
const OPEN = ["queued", "running"];
const LOOK_MS = 1500;

export function follow(address, show) {
  async function look() {
    try {
      // By hand: a login that ended leads elsewhere, and the page loaded anew says so.
      const answer = await fetch(address, { headers: { Accept: "application/json" }, redirect: "manual" });
      if (!answer.ok && answer.status < 500) { window.location.reload(); return; }
      if (answer.ok) {
        const state = await answer.json();
        if (!OPEN.includes(state.status)) { window.location.reload(); return; }
        show(state);
      }
    } catch { /* the next turn tries again */ }
    window.setTimeout(look, LOOK_MS);
  }
  window.setTimeout(look, LOOK_MS);
}
