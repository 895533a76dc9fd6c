// Follows the export packs that are being made; without JavaScript a reload shows the same.
const PAUSE = 1500;
const OPEN = ["queued", "running"];

async function follow(bar) {
  if (!bar.isConnected) return undefined;
  try {
    // By hand: a login that ended leads elsewhere, and the page loaded anew says so.
    const answer = await fetch(bar.dataset.export, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (answer.type === "opaqueredirect") return window.location.reload();
    if (answer.status < 500) {
      if (!answer.ok) return undefined;
      const state = await answer.json();
      if (!OPEN.includes(state.status)) return window.location.reload();
      bar.max = Math.max(1, state.steps_total);
      bar.value = state.steps_done;
    }
  } catch { /* the next turn tries again */ }
  return setTimeout(() => follow(bar), PAUSE);
}

function followAll(root) {
  for (const bar of root.querySelectorAll("[data-export]")) follow(bar);
}

document.addEventListener("content-added", (event) => followAll(event.detail.root));
followAll(document);
