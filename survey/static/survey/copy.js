// Copies what stands in the element that a button names. Without this, it can be selected as any text.
function select(source) {
  if ("select" in source) { source.focus(); source.select(); return; }
  const selection = window.getSelection();
  selection.removeAllRanges();
  const range = document.createRange();
  range.selectNodeContents(source);
  selection.addRange(range);
}

// Pages without HTTPS have no clipboard of their own: the browser's older command does it there, or the person.
async function copy(source) {
  const text = "value" in source ? source.value : source.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    select(source);
    return document.execCommand("copy");
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const status = document.createElement("span");
  status.classList.add("copy-status", "small");
  status.setAttribute("role", "status");
  button.after(" ", status);
  button.hidden = false;
  button.addEventListener("click", async () => {
    status.textContent = "";
    const { copied, failed } = button.dataset;
    const done = await copy(source);
    status.textContent = done ? copied : failed;
  });
}
