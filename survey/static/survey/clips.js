// Choosing many clips at once, and what a choice would mean, reckoned by the server whenever it changes; without this the
// checkboxes do the same one by one, and a button reckons.
const PAUSE = 250;
const form = document.querySelector("[data-clips]");

function chooseMany() {
  const boxes = [...form.querySelectorAll('input[name="main"]')];
  const count = form.querySelector("[data-clip-count]");
  const tell = () => { count.textContent = `${boxes.filter((box) => box.checked).length} main clips chosen`; };
  const setAll = (checked) => {
    // What the front page plays it would lose: each of those is ticked by itself.
    for (const box of boxes) if (!checked || !("inFront" in box.dataset)) box.checked = checked;
    tell();
    form.dispatchEvent(new Event("change"));
  };
  form.querySelector("[data-clip-tools]").hidden = false;
  form.querySelector("[data-choose-all]").addEventListener("click", () => setAll(true));
  form.querySelector("[data-choose-none]").addEventListener("click", () => setAll(false));
  form.addEventListener("change", tell);
  tell();
}

function reckonAsOneGoes() {
  const plan = form.querySelector("[data-plan]"), bar = form.querySelector("[data-plan-bar]");
  const problem = form.querySelector("[data-plan-problem]"), button = form.querySelector("[data-reckon]");
  let asked = null, timer = 0;

  const say = () => { bar.textContent = plan.querySelector("[data-plan-short]")?.textContent ?? ""; };
  async function reckon() {
    asked?.abort();
    const mine = asked = new AbortController();
    const sent = new FormData(form);
    sent.set("reckon", "part");
    let said = "";
    try {
      const answer = await fetch(window.location.href, { method: "POST", body: sent, signal: mine.signal, redirect: "manual" });
      if (answer.ok) {
        plan.innerHTML = await answer.text();
        say();
      } else {
        said = "These numbers are not those of the choice: the site did not reckon it. Load the page anew.";
      }
    } catch {
      if (mine.signal.aborted) return;
      said = "These numbers are not those of the choice: the site does not answer. They come back with the next change.";
    }
    problem.textContent = said;
    problem.hidden = !said;
    if (mine === asked) plan.removeAttribute("aria-busy");
  }
  const soon = () => {
    plan.setAttribute("aria-busy", "true");
    window.clearTimeout(timer);
    timer = window.setTimeout(reckon, PAUSE);
  };
  button.hidden = true;
  form.addEventListener("change", soon);
  say();
}

if (form) {
  chooseMany();
  reckonAsOneGoes();
}
