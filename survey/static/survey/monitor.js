// Keeps the monitor's numbers fresh while its tab is looked at, without moving what is being read.
const EVERY = 10_000;
const problem = document.querySelector("[data-monitor-problem]");

async function fetchFresh() {
  const response = await fetch(window.location.href, { headers: { Accept: "text/html" } });
  if (!response.ok) return null;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.querySelector("[data-monitor]");
}

function replace(fresh) {
  const old = document.querySelector("[data-monitor]");
  const regions = [...old.querySelectorAll("[role=region]")];
  const focused = regions.indexOf(document.activeElement);
  const places = regions.map((region) => [region.getAttribute("aria-label"), region.scrollLeft, region.scrollTop]);
  old.replaceWith(fresh);
  for (const [index, [label, left, top]] of places.entries()) {
    const region = fresh.querySelector(`[role=region][aria-label="${CSS.escape(label)}"]`);
    if (!region) continue;
    region.scrollLeft = left;
    region.scrollTop = top;
    if (index === focused) region.focus({ preventScroll: true });
  }
}

async function refresh() {
  if (document.hidden) return;
  let fresh = null;
  try { fresh = await fetchFresh(); } catch { /* the next turn tries again */ }
  problem.hidden = fresh !== null;
  if (fresh) replace(fresh);
}

window.setInterval(refresh, EVERY);
document.addEventListener("visibilitychange", refresh);
