// Shows beside "Next" what it still waits for. Its description says it to whoever reaches the button; nothing is spoken
// by itself, which would be over the music.
export function sayWhyNextWaits(form, texts, listening) {
  const reason = form.querySelector("[data-next-reason]");
  const next = form.querySelector("[data-submit]");

  function find() {
    if (listening && !listening.isOpen()) return form.dataset.gate === "1" ? texts.waitHeard : texts.waitPlayed;
    if (!form.querySelector('input[name="chosen"]:checked')) return texts.waitAnswer;
    return form.querySelector(":is(input,select,textarea):invalid") ? texts.waitRest : "";
  }

  function show() {
    const found = find();
    if (reason.textContent !== found) reason.textContent = found;
    // It can be pressed all the same, and then the browser leads to what is missing.
    next.classList.toggle("button-quiet", found !== "");
  }
  for (const name of ["listening", "input", "change"]) form.addEventListener(name, show);
  show();
}
