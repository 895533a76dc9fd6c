// Number keys choose an answer, where a mouse or its like is at hand. A box at the end of the form turns that off, for
// this browser: whoever speaks to the machine would choose by saying a number.
const AT_HAND = ["(hover:hover)", "(pointer:fine)"];
const KEPT = "number-keys";
const MOST = 9;

export function chooseByKeys(form, texts, signal) {
  const answers = form.querySelector("[data-answers]");
  if (!answers || !AT_HAND.every((one) => window.matchMedia(one).matches)) return;
  const radios = [...answers.querySelectorAll('input[name="chosen"]')].slice(0, MOST);
  const box = buildBox(texts);
  form.append(box.closest("label")); // behind "Next": one thing less on the way of whoever goes by Tab
  const numerals = radios.map((radio, place) => {
    const numeral = document.createElement("kbd");
    numeral.className = "answer-key";
    numeral.setAttribute("aria-hidden", "true");
    numeral.textContent = place + 1;
    radio.closest("label").append(numeral);
    return numeral;
  });

  function show() {
    radios.forEach((radio, place) => {
      if (box.checked) radio.setAttribute("aria-keyshortcuts", place + 1);
      else radio.removeAttribute("aria-keyshortcuts");
      numerals[place].hidden = !box.checked;
    });
  }
  box.addEventListener("change", () => { remember(box.checked); show(); });
  show();

  document.addEventListener("keydown", (event) => {
    if (!box.checked || event.defaultPrevented || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    const radio = radios[numberOf(event) - 1];
    if (!radio || isTakenBy(document.activeElement, form, answers)) return;
    event.preventDefault();
    radio.focus();
    if (!radio.checked) radio.click();
  }, { signal });
}

// Some keyboards (French ones) write digits with Shift only: there the key itself counts.
function numberOf({ key, code, shiftKey }) {
  if (/^[1-9]$/.test(key)) return Number(key);
  return !shiftKey && /^Digit[1-9]$/.test(code) ? Number(code.at(-1)) : 0;
}

// Typed text, sliders, lists and the steps of other questions have their own use for digits.
function isTakenBy(focused, form, answers) {
  if (!focused || answers.contains(focused)) return false;
  if (focused.matches("input,textarea,select,[contenteditable]")) return true;
  const group = focused.closest("fieldset");
  return group !== null && form.contains(group);
}

function buildBox(texts) {
  const label = document.createElement("label");
  label.classList.add("keys-choose", "hint");
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = recall();
  label.append(box, " ", texts.keys);
  return box;
}

function recall() {
  try { return window.localStorage.getItem(KEPT) !== "off"; } catch { return true; }
}

function remember(isOn) {
  try { window.localStorage.setItem(KEPT, isOn ? "on" : "off"); } catch { /* then it holds for this page */ }
}
