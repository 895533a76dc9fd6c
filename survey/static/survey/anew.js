// Names the clips that nobody recognised and has them made anew without leaving the page; without this the link leads to
// the list of them, each with a button of its own.
import { isPlainClick } from "./fragments.js";

document.addEventListener("click", (event) => {
  const link = isPlainClick(event) && event.target.closest("a[data-anew]");
  if (!link) return;
  event.preventDefault();
  const dialog = document.getElementById(link.dataset.anew);
  dialog.addEventListener("close", () => link.focus(), { once: true });
  dialog.showModal();
  dialog.querySelector("h3").focus();
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-anew-form]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button"), said = form.closest("dialog").querySelector("[data-anew-said]");
  button.disabled = true;
  said.textContent = "Asking…";
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const done = answer.ok && page.querySelector(".message-success");
    if (done) {
      const link = document.createElement("a");
      link.href = answer.url;
      link.textContent = "Watch the run";
      said.replaceChildren(`${done.textContent} `, link);
      link.focus();
    } else {
      const why = answer.status === 403 ? "Your account may not have clips made; ask an administrator." : "It was not taken. Load the page anew and try again.";
      said.textContent = page.querySelector(".message-error")?.textContent ?? why;
      button.disabled = false;
    }
  } catch {
    said.textContent = "It could not be asked for: the network or the site does not answer. Try again.";
    button.disabled = false;
  }
});
