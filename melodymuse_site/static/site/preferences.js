// What a person chose for all players of the site, remembered in this browser.
const KEY = "player";
const usual = { volume: 1, muted: false, next: false, scroll: false };

function readKept() {
  const chosen = { ...usual };
  try {
    const kept = JSON.parse(localStorage.getItem(KEY)) ?? {};
    for (const name of Object.keys(usual)) if (typeof kept[name] === typeof usual[name]) chosen[name] = kept[name];
    chosen.volume = Math.min(Math.max(chosen.volume, 0), 1);
  } catch { /* private mode, or something else under that name */ }
  return chosen;
}

function keep(chosen) {
  try { localStorage.setItem(KEY, JSON.stringify(chosen)); } catch { /* private mode: for this page alone */ }
}

// `whenPreferred(tell)` tells at once and of every change; what it gives back ends that.
function makeChoices(chosen, store = () => {}) {
  const listeners = new Set();
  return {
    preferences: () => ({ ...chosen }),
    prefer(change) {
      Object.assign(chosen, change);
      store(chosen);
      for (const tell of listeners) tell();
    },
    whenPreferred(tell) {
      listeners.add(tell);
      tell();
      return () => listeners.delete(tell);
    },
  };
}

export const remembered = makeChoices(readKept(), keep);
export const { preferences, prefer, whenPreferred } = remembered;

// For pages where a forgotten mute would spoil what is measured: loud at first, and nothing is remembered.
export const makeUnremembered = () => makeChoices({ ...usual });
