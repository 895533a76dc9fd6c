// What has been heard and rated of the open clip stays known when its page is loaded again: a cap on plays holds, nobody
// has to listen twice, and a course goes on where it was. `clip` counts the clips of a trial from 1.
function remember(form, name, nothing, clip = 1) {
  const key = `${name}:${form.dataset.study}${clip > 1 ? `:${clip}` : ""}`;
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

export const recallListening = (form, clip) => remember(form, "heard", { played: 0, plays: 0, position: 0 }, clip);

export const recallCourse = (form) => remember(form, "course", { playing: null, whole: null });
