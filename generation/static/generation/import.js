// An import's page: how far it is; what came of it is shown by loading the page again.
import { askUntilDone } from "../site/asking.js";

for (const section of document.querySelectorAll("[data-import]")) {
  const bar = section.querySelector("progress");
  const words = section.querySelector("[data-import-words]");
  askUntilDone(() => section.dataset.import, (state) => {
    if (state.is_finished) {
      location.reload();
      return true;
    }
    if (state.total) {
      bar.max = state.total;
      bar.value = state.done;
      const text = `${state.done} of ${state.total} clips looked at`;
      if (words.textContent !== text) words.textContent = text;
    }
    return false;
  });
}
