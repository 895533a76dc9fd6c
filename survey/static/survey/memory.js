// What has been heard of the open clip stays known when its page is loaded again: a cap on plays holds, and nobody
// has to listen twice.
// `clip` counts the clips of a trial from 1.
export function recallListening(form, clip = 1) {
  const key = `heard:${form.dataset.study}${clip > 1 ? `:${clip}` : ""}`;
  const nothing = { played: 0, plays: 0, position: 0 };
  const { trial } = form.dataset;

  function recall() {
    try {
      const kept = JSON.parse(localStorage.getItem(key));
      return kept && kept.trial === trial ? { ...nothing, ...kept.heard } : nothing;
    } catch { return nothing; }
  }

  return {
    recalled: recall(),
    keep(heard) {
      try { localStorage.setItem(key, JSON.stringify({ trial, heard })); } catch { /* private mode */ }
    },
  };
}
