// What has been heard and rated of the open clip stays known when its page is loaded again: a cap on plays holds, nobody
// has to listen twice, and a course goes on where it was.
function remember(form, name, nothing) {
  const key = `${name}:${form.dataset.study}`;
  const { trial } = form.dataset;

  function recall() {
    try {
      const kept = JSON.parse(localStorage.getItem(key));
      return kept && kept.trial === trial ? { ...nothing, ...kept[name] } : nothing;
    } catch { return nothing; }
  }

  return {
    recalled: recall(),
    keep(what) {
      try { localStorage.setItem(key, JSON.stringify({ trial, [name]: what })); } catch { /* private mode */ }
    },
  };
}

export const recallListening = (form) => remember(form, "heard", { played: 0, plays: 0, position: 0 });

export const recallCourse = (form) => remember(form, "course", { playing: null, whole: null });
