// Sections of the results are fetched when they are opened; the address of the page says which are open, so that a link
// keeps them. Without this each holds a link to its own page.
import { fetchPart, fill, refuse, say, withClipParts } from "./fragments.js";

const sections = [...document.querySelectorAll("details[data-section]")];
const names = document.querySelector("[data-open-names]");

async function load(section) {
  const body = section.querySelector("[data-section-body]");
  const title = section.querySelector("h2").textContent;
  section.dataset.filled = "";
  const waiting = document.createElement("p");
  waiting.className = "muted";
  waiting.textContent = "Fetching…";
  body.setAttribute("aria-busy", "true");
  body.replaceChildren(waiting);
  try {
    const here = new URL(window.location.href);
    fill(body, await fetchPart(section.id === "clips" ? withClipParts(section.dataset.address, here) : section.dataset.address));
    say(`${title}: shown.`);
  } catch (error) {
    delete section.dataset.filled;
    refuse(body, error, () => load(section));
  }
  body.removeAttribute("aria-busy");
}

function remember() {
  const open = sections.filter((section) => section.open).map((section) => section.dataset.section).join(",");
  const url = new URL(window.location.href);
  if (names) names.value = open;
  if ((url.searchParams.get("open") ?? "") === open) return;
  if (open) url.searchParams.set("open", open);
  else url.searchParams.delete("open");
  url.hash = "";
  window.history.replaceState(window.history.state, "", url.href.replaceAll("%2C", ","));
}

function openNamed() {
  const section = document.getElementById(window.location.hash.slice(1))?.closest("details[data-section]");
  if (section) section.open = true;
}

const all = new URL(window.location.href).searchParams.get("open") === "all";
for (const section of sections) {
  section.addEventListener("toggle", () => {
    if (section.open && !("filled" in section.dataset)) load(section);
    remember();
  });
}
if (sections.length && !all) openNamed();
window.addEventListener("hashchange", openNamed);
window.addEventListener("popstate", remember);
