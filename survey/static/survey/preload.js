// Brings the clips that will probably come next into the browser's cache: one at a time, when nothing else loads.
import { fetchWhole } from "./loading.js";

const whenVisible = (signal) => new Promise((go) => {
  if (!document.hidden) { go(); return; }
  document.addEventListener("visibilitychange", function look() {
    if (document.hidden) return;
    document.removeEventListener("visibilitychange", look);
    go();
  }, { signal });
});

// Starts once `current` (the clip of this page) is whole; stops for good when the answer is sent, and with `signal`.
export async function preload(form, current, signal) {
  const addresses = (form.dataset.preload || "").split(" ").filter(Boolean);
  const isSparing = navigator.connection?.saveData === true;
  if (!addresses.length || isSparing || !(await current) || signal.aborted) return;
  let answering = false;
  let running = new AbortController();
  const stop = () => { answering = true; running.abort(); };
  form.addEventListener("submit", stop);
  signal.addEventListener("abort", stop);
  document.addEventListener("visibilitychange", () => { if (document.hidden) running.abort(); }, { signal });
  for (const address of addresses) {
    do {
      await whenVisible(signal);
      if (answering) return;
      running = new AbortController();
      await fetchWhole(address, { priority: "low", signal: running.signal });
    } while (running.signal.aborted);
  }
}
