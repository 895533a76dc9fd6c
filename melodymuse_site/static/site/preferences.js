// What a person chose for all players of the site, remembered in this browser.
const KEY = "player";
const chosen = { volume: 1, muted: false, next: false, scroll: false };
const listeners = new Set();

try {
  const kept = JSON.parse(localStorage.getItem(KEY)) ?? {};
  for (const [name, usual] of Object.entries(chosen)) if (typeof kept[name] === typeof usual) chosen[name] = kept[name];
  chosen.volume = Math.min(Math.max(chosen.volume, 0), 1);
} catch { /* private mode, or something else under that name */ }

export const preferences = () => ({ ...chosen });

export function prefer(change) {
  Object.assign(chosen, change);
  try { localStorage.setItem(KEY, JSON.stringify(chosen)); } catch { /* private mode: for this page alone */ }
  for (const tell of listeners) tell();
}

export function whenPreferred(tell) {
  listeners.add(tell);
  tell();
}
