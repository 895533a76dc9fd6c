// Shows the next page of the same kind in the present document, as if it had been loaded.
const filesOf = (page) => [...page.scripts, ...page.getElementsByTagName("link")]
  .filter((file) => file.getAttribute("src") || file.rel === "stylesheet")
  .map((file) => file.getAttribute("src") || file.getAttribute("href"));

// The page that a reply brought; null where it needs other scripts or styles than are loaded, as after an upgrade.
export function readPage(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const isSame = String(filesOf(page)) === String(filesOf(document));
  return isSame && page.getElementById("trial-form") ? page : null;
}

// In place of the present one. Whoever listens to the page begins at its heading, as after a load.
export function showPage(page, address) {
  const { lang, dir } = page.documentElement;
  Object.assign(document.documentElement, { lang, dir });
  document.title = page.title;
  // Moved, not copied: a sound that stayed behind would keep its whole document in memory (Chromium does).
  const main = document.querySelector("main");
  main.replaceChildren(...page.querySelector("main").childNodes);
  window.history.replaceState(null, "", address);
  window.scrollTo({ top: 0, behavior: "instant" });
  const heading = main.querySelector("h1");
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
