// The library: drop many pictures, see what became of each, wait for labels, select.
import { askUntilDone } from "../site/asking.js";
import { countSelection } from "./selection.js";

function send(form, file) {
  const body = new FormData();
  for (const name of ["csrfmiddlewaretoken", "licence", "attribution"]) body.append(name, form.elements[name].value);
  body.append("files", file);
  return fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
}

async function outcomeOf(form, file) {
  try {
    const response = await send(form, file);
    if (response.redirected || response.status === 403) {
      return { outcome: "refused", message: "You are no longer logged in; reload the page." };
    }
    return (await response.json()).results[0];
  } catch {
    return { outcome: "refused", message: "It could not be sent; is the network away?" };
  }
}

function show(list, name, result) {
  const item = document.createElement("li");
  item.className = result.outcome;
  item.append(`${name}: `);
  if (result.url) {
    const link = document.createElement("a");
    link.href = result.url;
    link.textContent = result.message;
    item.append(link);
  } else {
    item.append(result.message);
  }
  list.append(item);
}

async function sendAll(form, files) {
  const report = form.querySelector("[data-upload-report]");
  const bar = report.querySelector("progress");
  const summary = report.querySelector("[data-upload-summary]");
  const list = report.querySelector("[data-upload-results]");
  const button = form.querySelector("button[type=submit]");
  const counts = { added: 0, known: 0, refused: 0 };
  report.hidden = false;
  button.disabled = true;
  list.replaceChildren();
  bar.max = files.length;
  for (const [index, file] of files.entries()) {
    bar.value = index;
    summary.textContent = `Sending ${index + 1} of ${files.length}…`;
    const result = await outcomeOf(form, file);
    counts[result.outcome] += 1;
    show(list, file.name, result);
  }
  bar.value = files.length;
  summary.textContent = `${counts.added} added, ${counts.known} already there, ${counts.refused} refused.`;
  report.querySelector("[data-upload-reload]").hidden = false;
  button.disabled = false;
  form.reset();
}

// Every file of a folder that was dropped, and of the folders in it: what is no picture, the server says file by file.
async function filesBelow(entry) {
  if (entry.isFile) {
    return [await new Promise((resolve) => entry.file(resolve, () => resolve(new File([], entry.name))))];
  }
  const reader = entry.createReader();
  const files = [];
  for (;;) {
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([]))); // a hundred at a time
    if (!some.length) return files;
    for (const inner of some) files.push(...(await filesBelow(inner)));
  }
}

async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()); // gone after the first await
  const files = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) return files;
  const found = (await Promise.all(entries.filter(Boolean).map(filesBelow))).flat();
  return found.filter(({ name }) => ![".DS_Store", "Thumbs.db", "desktop.ini"].includes(name));
}

function welcomeDrops(form) {
  const input = form.querySelector("input[type=file]");
  const zone = form.querySelector("[data-drop]");
  form.querySelector("[data-drop-words]").hidden = false;
  form.addEventListener("submit", (event) => {
    if (!input.files.length) return; // the browser's own message says that a file is missing
    event.preventDefault();
    sendAll(form, [...input.files]);
  });
  const over = (event) => { event.preventDefault(); zone.classList.add("drop-over"); };
  zone.addEventListener("dragenter", over);
  zone.addEventListener("dragover", over);
  zone.addEventListener("dragleave", () => zone.classList.remove("drop-over"));
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("drop-over");
    const files = await droppedFiles(event.dataTransfer);
    if (files.length) sendAll(form, files);
  });
}

function waitForLabels(holder) {
  const waiting = () => [...holder.querySelectorAll("[data-waiting]")];
  if (!waiting().length) return;
  const address = () => {
    const query = new URLSearchParams(waiting().slice(0, 48).map((label) => ["picture", label.dataset.picture]));
    return `${holder.dataset.labels}${holder.dataset.labels.includes("?") ? "&" : "?"}${query}`;
  };
  askUntilDone(address, (labels) => {
    for (const label of waiting()) {
      const answer = labels[label.dataset.picture];
      if (!answer?.done) continue;
      label.innerHTML = answer.html;
      label.removeAttribute("data-waiting");
    }
    return !waiting().length;
  });
}

for (const form of document.querySelectorAll("[data-upload]")) welcomeDrops(form);
for (const holder of document.querySelectorAll("[data-labels]")) waitForLabels(holder);
for (const form of document.querySelectorAll("[data-selection]")) countSelection(form);
