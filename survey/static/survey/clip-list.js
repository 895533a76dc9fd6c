// Sorts, filters and turns the pages of the list of clips without a reload; the address of the page says the same, so
// that it can be sent and gone back to. Without this the links and the form do it by themselves.
import { fetchPart, fill, isPlainClick, refuse, say, withClipParts } from "./fragments.js";

const bodyOf = () => document.querySelector('[data-section="clips"] [data-section-body]');
const addressOf = () => document.querySelector('[data-section="clips"]').dataset.address ?? window.location.pathname + window.location.search;
let askedLast = 0;
let shown = "";

/** Shows the list that `url` asks for, and puts the keyboard's place back: on `focus`, a selector in the new list. */
async function show(url, focus) {
  const body = bodyOf(), mine = ++askedLast, from = document.activeElement;
  shown = withClipParts(addressOf(), url).href;
  body.setAttribute("aria-busy", "true");
  try {
    const nodes = await fetchPart(withClipParts(addressOf(), url));
    if (mine !== askedLast) return;
    const typing = document.activeElement !== from && body.contains(document.activeElement) ? document.activeElement : null;
    fill(body, nodes);
    const count = body.querySelector("[data-clip-count]");
    const goal = (focus && body.querySelector(focus)) || count;
    if (typing) keepTyped(body, typing);
    else goal.focus({ preventScroll: true });
    if (goal === count && !typing) count.scrollIntoView({ block: "start" });
    else say(count.textContent); // the focus says it where it stands on it
  } catch (error) {
    if (mine === askedLast) refuse(body, error, () => show(url, focus));
  }
  if (mine === askedLast) body.removeAttribute("aria-busy");
}

/** Whoever has begun to type elsewhere in the form meanwhile goes on there. */
function keepTyped(body, typing) {
  const again = typing.id && body.querySelector(`#${CSS.escape(typing.id)}`);
  if (!again) return;
  again.value = typing.value;
  again.focus({ preventScroll: true });
}

function go(url, focus) {
  const here = withClipParts(window.location.href, url);
  here.hash = "";
  if (here.href !== window.location.href) window.history.pushState(null, "", here.href.replaceAll("%2C", ","));
  show(url, focus);
}

function asked(form) {
  const url = new URL(form.action);
  for (const [name, value] of new FormData(form)) if (value) url.searchParams.set(name, value);
  return url;
}

document.addEventListener("click", (event) => {
  const link = isPlainClick(event) && event.target.closest("[data-clip-list] a[data-clip-link]");
  if (!link) return;
  event.preventDefault();
  const turns = ["before", "after", "all"].includes(link.dataset.clipLink);
  go(new URL(link.href), turns ? "" : `a[data-clip-link="${link.dataset.clipLink}"]`);
});
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-clip-filter]");
  if (!form || !bodyOf()) return;
  event.preventDefault();
  const within = form.contains(document.activeElement) && document.activeElement.id;
  go(asked(form), within ? `#${within}` : "form button");
});
document.addEventListener("change", (event) => {
  if (event.target.matches('[data-clip-filter] select, [data-clip-filter] input[type="checkbox"]')) {
    go(asked(event.target.form), `#${event.target.id}`);
  }
});
const first = new URL(window.location.href);
window.addEventListener("popstate", () => {
  const body = bodyOf();
  if (!body?.querySelector("[data-clip-list]")) return;
  const here = new URL(window.location.href);
  shown ||= withClipParts(addressOf(), first).href;
  // A link to a place on this page comes here too, and asks for no other clips.
  if (withClipParts(addressOf(), here).href !== shown) show(here, "");
});
