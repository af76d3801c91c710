// The library: adding files, listing documents, removing them.

import * as panel from "./panel.js";
import { openSource, sayDate } from "./source.js";
import { getJSON, remove, upload } from "./wire.js";

const PAGE = 100;
const section = document.getElementById("documents");
const button = document.getElementById("documents-button");
const input = document.getElementById("files");
const uploads = document.getElementById("uploads");
const list = document.getElementById("list");
const more = document.getElementById("more");
const trouble = document.getElementById("documents-trouble");
const curtain = document.getElementById("curtain");
const { founding, maxUpload } = document.body.dataset;

function copy(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

function count(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

// Fetch the list from its beginning, or from where it ends, and say how the library stands.
export async function refresh(from = 0) {
  try {
    const page = await getJSON(`/v1/documents?offset=${from}&limit=${PAGE}`);
    const rows = page.documents.map(row);
    if (from === 0) list.replaceChildren(...rows);
    else list.append(...rows);
    more.hidden = list.children.length >= page.total;
    const counter = document.getElementById("count");
    counter.textContent = page.total.toLocaleString("en");
    counter.hidden = false;
    document.getElementById("empty").hidden = page.total > 0;
    document.getElementById("examples").hidden = !page.documents.some((one) => one.sha256 === founding);
    trouble.textContent = "";
  } catch (error) {
    trouble.textContent = error.message;
  }
}

function row(stored) {
  const item = copy("document-template");
  const open = item.querySelector(".open");
  open.textContent = stored.title;
  open.addEventListener("click", () => openSource({ document_id: stored.id, title: stored.title }, open));
  const { author, date } = stored.metadata;
  const facts = [author, date && sayDate(date), count(stored.chunks, "passage")];
  if (stored.uri !== stored.title) facts.push(stored.uri);
  item.querySelector(".about").textContent = facts.filter(Boolean).join(" · ");
  arm(item.querySelector(".remove"), stored);
  return item;
}

// Removing takes two presses of the same button, so that one slip removes nothing.
function arm(button, stored) {
  const rest = () => {
    button.textContent = "Remove";
    button.setAttribute("aria-label", `Remove ${stored.title}`);
    button.classList.remove("armed");
  };
  rest();
  button.addEventListener("blur", rest);
  button.addEventListener("click", async () => {
    if (!button.classList.contains("armed")) {
      button.textContent = "Really remove?";
      button.setAttribute("aria-label", `Really remove ${stored.title}?`);
      button.classList.add("armed");
      return;
    }
    try {
      await remove(`/v1/documents/${encodeURIComponent(stored.id)}`);
      await refresh();
      document.getElementById("documents-title").focus();
    } catch (error) {
      trouble.textContent = error.message;
    }
  });
}

async function add(files, by) {
  panel.show(section, by);
  const jobs = [...files].map((file) => {
    const item = copy("upload-template");
    item.querySelector(".name").textContent = file.name;
    item.querySelector(".outcome").textContent = "Waiting";
    uploads.append(item);
    return { file, item };
  });
  for (const { file, item } of jobs) await send(file, item);
  await refresh();
}

async function send(file, item) {
  const progress = item.querySelector("progress");
  const outcome = item.querySelector(".outcome");
  try {
    if (file.size > maxUpload * 1e6) throw new Error(`This file is larger than ${maxUpload} MB.`);
    outcome.textContent = "Sending";
    const added = await upload(file, (share) => {
      progress.value = share;
      if (share === 1) outcome.textContent = "Reading";
    });
    const status = { added: "Added", replaced: "Replaced", unchanged: "Unchanged" }[added.status];
    outcome.textContent = `${status}, ${count(added.chunks, "passage")}`;
    item.classList.add("done");
  } catch (error) {
    outcome.textContent = error.message;
    item.classList.add("failed");
  }
  progress.remove();
}

button.addEventListener("click", () => {
  if (panel.isShown(section)) panel.close();
  else {
    panel.show(section, button);
    refresh();
  }
});
document.getElementById("panel").addEventListener("closed", () => {
  uploads.replaceChildren(...uploads.querySelectorAll("li:not(.done, .failed)"));
});
more.addEventListener("click", () => refresh(list.children.length));
document.getElementById("first-files").addEventListener("click", () => input.click());
input.addEventListener("change", async () => {
  const files = [...input.files];
  input.value = "";
  if (files.length) await add(files, button);
});

function carriesFiles(event) {
  return event.dataTransfer?.types.includes("Files");
}
addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  curtain.hidden = false;
});
addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) curtain.hidden = true;
});
addEventListener("drop", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  curtain.hidden = true;
  add(event.dataTransfer.files, button);
});
