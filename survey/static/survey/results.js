// Follows the export packs that are being made; without JavaScript a reload shows the same.
const PAUSE = 1500;

async function follow(bar) {
  const answer = await fetch(bar.dataset.export, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const state = await answer.json();
  bar.max = Math.max(1, state.steps_total);
  bar.value = state.steps_done;
  if (state.status === "queued" || state.status === "running") {
    setTimeout(() => follow(bar), PAUSE);
  } else {
    window.location.reload();
  }
}

for (const bar of document.querySelectorAll("[data-export]")) {
  follow(bar);
}
