// Tells the server what happened during a trial, in numbered batches: a batch sent twice is harmless.
const EVERY = 10_000;
const MOST = 150;
const TRIALS_KEPT = 3;

// Ends with `signal`: what is not sent by then is sent once more.
export function recordEvents(form, opened, signal) {
  const all = [];
  let sent = 0;
  let sending = Promise.resolve();
  // A reloaded page and a second tab with the same clip go on with higher numbers: the events of all visits are kept.
  // Also of a tab that still shows a clip which was answered in another one: the last few trials are remembered.
  const key = `events:${form.dataset.study}`;
  const { trial } = form.dataset;
  let next = 0;

  function nextNumber() {
    try {
      const { [trial]: known = 0, ...others } = JSON.parse(localStorage.getItem(key)) ?? {};
      next = Math.max(next, known);
      const latest = Object.fromEntries(Object.entries(others).slice(1 - TRIALS_KEPT));
      localStorage.setItem(key, JSON.stringify({ ...latest, [trial]: next + 1 }));
    } catch { /* private mode */ }
    next += 1;
    return next - 1;
  }

  function add(kind, seconds, clip = 1) {
    if (all.length >= MOST) return;
    const event = { sequence: nextNumber(), kind, milliseconds: Math.round(performance.now() - opened) };
    if (Number.isFinite(seconds)) event.seconds = seconds;
    if (clip > 1) event.clip = clip;
    all.push(event);
  }

  function send() {
    const batch = all.slice(sent);
    if (!batch.length) return;
    const upTo = all.length;
    const body = new URLSearchParams({
      csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value,
      trial,
      events: JSON.stringify(batch),
    });
    sending = fetch(form.dataset.events, { method: "POST", body, keepalive: true, credentials: "same-origin" })
      // What is refused (400) would be refused again; it is not sent a second time.
      .then((response) => { if (response.ok || response.status === 400) sent = Math.max(sent, upTo); })
      .catch(() => { /* sent again with the next batch */ });
  }

  const clock = window.setInterval(send, EVERY);
  document.addEventListener("visibilitychange", () => { if (document.hidden) send(); }, { signal });
  signal.addEventListener("abort", () => {
    window.clearInterval(clock);
    // After the batch that is on its way: mostly it was the last one.
    sending.then(send);
  });
  return { add, send };
}
