// Keeps the monitor's numbers fresh while its tab is looked at.
const EVERY = 10_000;

async function refresh() {
  if (document.hidden) return;
  try {
    const response = await fetch(window.location.href, { headers: { Accept: "text/html" } });
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("[data-monitor]");
    if (fresh) document.querySelector("[data-monitor]").replaceWith(fresh);
  } catch { /* the next turn tries again */ }
}

window.setInterval(refresh, EVERY);
