// Brings the clips that will probably come next into the browser's cache: one at a time, when nothing else loads.
import { fetchWhole } from "./loading.js";

const whenVisible = () => new Promise((go) => {
  if (!document.hidden) { go(); return; }
  document.addEventListener("visibilitychange", function look() {
    if (document.hidden) return;
    document.removeEventListener("visibilitychange", look);
    go();
  });
});

// Starts once `current` (the clip of this page) is whole; stops for good when the answer is sent.
export async function preload(form, current) {
  const addresses = (form.dataset.preload || "").split(" ").filter(Boolean);
  const isSparing = navigator.connection?.saveData === true;
  if (!addresses.length || isSparing || !(await current)) return;
  let answering = false;
  let running = new AbortController();
  form.addEventListener("submit", () => { answering = true; running.abort(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden) running.abort(); });
  for (const address of addresses) {
    do {
      await whenVisible();
      if (answering) return;
      running = new AbortController();
      await fetchWhole(address, { priority: "low", signal: running.signal });
    } while (running.signal.aborted);
  }
}
