// Tells the server what happened during a trial, in numbered batches: a batch sent twice is harmless.
const EVERY = 10_000;
const MOST = 150;

// Ends with `signal`: what is not sent by then is sent once more.
export function recordEvents(form, opened, signal) {
  const all = [];
  let sent = 0;
  let sending = Promise.resolve();
  // A reloaded page and a second tab with the same clip go on with higher numbers: the events of all visits are kept.
  const key = `events:${form.dataset.trial}`;
  let next = 0;

  function nextNumber() {
    try {
      next = Math.max(next, Number(localStorage.getItem(key)) || 0);
      localStorage.setItem(key, String(next + 1));
    } catch { /* private mode */ }
    next += 1;
    return next - 1;
  }

  function add(kind, seconds) {
    if (all.length >= MOST) return;
    const event = { sequence: nextNumber(), kind, milliseconds: Math.round(performance.now() - opened) };
    if (Number.isFinite(seconds)) event.seconds = seconds;
    all.push(event);
  }

  function send() {
    const batch = all.slice(sent);
    if (!batch.length) return;
    const upTo = all.length;
    const body = new URLSearchParams({
      csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value,
      trial: form.dataset.trial,
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
    try { localStorage.removeItem(key); } catch { /* private mode */ }
  });
  return { add, send };
}
