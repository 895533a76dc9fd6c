// Says below the answers what the word means that is pointed at, has the focus, or is chosen. Without it the list of all
// words stands there to be opened.
export function explainWords(form) {
  const line = form.querySelector("[data-gloss]");
  const answers = [...form.querySelectorAll('input[name="chosen"]')].filter(glossOf);
  if (!line || !answers.length) return;
  line.hidden = false;

  const say = (answer) => {
    const gloss = answer ? glossOf(answer) : null;
    line.textContent = gloss ? `${gloss.previousElementSibling.textContent} – ${gloss.textContent}` : "";
  };
  const rest = () => say(answers.find((answer) => answer === document.activeElement) ?? answers.find(({ checked }) => checked));

  for (const answer of answers) {
    const label = answer.closest("label");
    label.addEventListener("pointerenter", () => say(answer));
    label.addEventListener("pointerleave", rest);
    answer.addEventListener("focus", () => say(answer));
    answer.addEventListener("blur", () => queueMicrotask(rest));
    answer.addEventListener("change", () => say(answer));
  }
  rest();
}

const glossOf = (answer) => document.getElementById(`gloss-${answer.value}`);
