// Parts of pages: fetched, put in their place, and told to whatever makes them alive (players, bars, figures).

export class Refused extends Error {}

/** The nodes of a part of a page; throws `Refused` with a sentence for the reader. */
export async function fetchPart(address, part = "1") {
  const url = new URL(address, window.location.href);
  url.searchParams.set("part", part);
  url.hash = "";
  let answer = null;
  try {
    // By hand: a login that ended leads elsewhere, and the page loaded anew says so.
    answer = await fetch(url, { redirect: "manual", headers: { Accept: "text/plain, */*" } });
  } catch {
    throw new Refused("It could not be fetched: the network or the site does not answer. Try again.");
  }
  if (answer.type === "opaqueredirect") {
    window.location.reload();
    throw new Refused("The login has ended.");
  }
  const text = await answer.text();
  const isPlain = answer.headers.get("Content-Type")?.startsWith("text/plain");
  if (answer.status === 503 && isPlain) throw new Refused(`${text.trim()} Try again in a moment.`);
  if (!answer.ok) throw new Refused("It could not be shown. Load the page anew and try again.");
  return [...new DOMParser().parseFromString(text, "text/html").body.childNodes];
}

/** Puts nodes in place of what is there, and says so. */
export function fill(root, nodes) {
  root.replaceChildren(...nodes);
  tell(root);
}

export function tell(root) {
  document.dispatchEvent(new CustomEvent("content-added", { detail: { root } }));
}

/** A message with a way to try again, in place of a part that did not come. */
export function refuse(root, error, again) {
  const said = document.createElement("p");
  said.className = "message message-warning";
  said.setAttribute("role", "alert");
  said.textContent = error instanceof Refused ? error.message : "It could not be shown.";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button-quiet button-small";
  button.textContent = "Try again";
  button.addEventListener("click", again);
  root.replaceChildren(said, button);
}

/** Says something to those who do not see what changed. */
export function say(text) {
  const place = document.querySelector("[data-sections-said]");
  if (place) place.textContent = text;
}

/** Whether a click is to be answered here, and not to open a tab or to save. */
export const isPlainClick = (event) =>
  event.button === 0 && !event.defaultPrevented && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);

/** What of an address is about the list of clips. */
export const CLIP_PARTS = [
  "intended", "chosen", "clip_composer", "clip_cell", "figures", "recognised", "title",
  "valence_from", "valence_to", "arousal_from", "arousal_to", "sort", "direction", "page",
];

/** `address` with what `from` says of the list of clips, and nothing else of it. */
export function withClipParts(address, from) {
  const url = new URL(address, window.location.href);
  for (const name of CLIP_PARTS) {
    url.searchParams.delete(name);
    const value = from.searchParams.get(name);
    if (value) url.searchParams.set(name, value);
  }
  return url;
}
