// Fetches a whole clip, tells how far it is, and tries again where the line breaks.
export const TRIES = 4; // the first and three more
const FIRST_WAIT = 700;
const LONGEST_SILENCE = 20_000; // a transfer in which nothing arrives for so long has failed

export const wait = (milliseconds) => new Promise((done) => { window.setTimeout(done, milliseconds); });

async function fetchOnce(address, { tell, priority, signal }) {
  const silence = new AbortController();
  const stop = () => silence.abort();
  signal?.addEventListener("abort", stop);
  let watch = window.setTimeout(stop, LONGEST_SILENCE);
  try {
    const response = await fetch(address, { priority, credentials: "same-origin", signal: silence.signal });
    if (!response.ok) throw new Error(`${response.status}`);
    const size = Number(response.headers.get("Content-Length")) || 0;
    const parts = [];
    let arrived = 0;
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      window.clearTimeout(watch);
      watch = window.setTimeout(stop, LONGEST_SILENCE);
      parts.push(value);
      arrived += value.length;
      if (size) tell(Math.min(arrived / size, 1));
    }
    return new Blob(parts, { type: response.headers.get("Content-Type") || "audio/mpeg" });
  } finally {
    window.clearTimeout(watch);
    signal?.removeEventListener("abort", stop);
  }
}

// The clip as a blob, or null when every try failed or `signal` stopped it.
export async function fetchWhole(address, { tell = () => {}, failed = () => {}, priority = "auto", signal } = {}) {
  for (let tries = 1; !signal?.aborted; tries += 1) {
    try {
      return await fetchOnce(address, { tell, priority, signal });
    } catch {
      if (signal?.aborted) break;
      failed(tries < TRIES);
      if (tries >= TRIES) break;
      await wait(FIRST_WAIT * 2 ** (tries - 1));
    }
  }
  return null;
}
