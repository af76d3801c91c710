// The library: listing documents, adding to them, removing them.

import { arm, byId, copy, count, sayDate } from "./dom.js";
import * as panel from "./panel.js";
import { openSource } from "./source.js";
import * as uploads from "./uploads.js";
import { getJSON, remove } from "./wire.js";

const PAGE = 100;
const section = byId("documents");
const button = byId("documents-button");
const input = byId("files");
const list = byId("list");
const more = byId("more");
const trouble = byId("documents-trouble");
const curtain = byId("curtain");
const { founding } = document.body.dataset;

// Fetch the list from its beginning, or from where it ends, and say how the library stands.
export async function refresh(from = 0) {
  try {
    const page = await getJSON(`/v1/documents?offset=${from}&limit=${PAGE}`);
    const rows = page.documents.map(row);
    if (from === 0) list.replaceChildren(...rows);
    else list.append(...rows);
    more.hidden = list.children.length >= page.total;
    byId("count").textContent = page.total.toLocaleString("en");
    byId("count").hidden = false;
    byId("empty").hidden = page.total > 0;
    byId("examples").hidden = page.total === 0;
    if (from === 0) suggest(page.documents.some((one) => one.sha256 === founding));
    trouble.textContent = "";
  } catch (error) {
    trouble.textContent = error.message;
  }
}

// Offer the examples that the documents can answer: some are about the founding document alone.
function suggest(founded) {
  for (const item of byId("examples").querySelectorAll("li")) {
    item.hidden = item.classList.contains("founding") !== founded;
  }
}

function row(stored) {
  const item = copy("document-template");
  const open = item.querySelector(".open");
  open.textContent = stored.title;
  open.addEventListener("click", () => openSource({ document_id: stored.id, title: stored.title }, open));
  const { author, date } = stored.metadata;
  const facts = [author, date && sayDate(date)];
  if (stored.uri !== stored.title) facts.push(stored.uri);
  item.querySelector(".about").textContent = facts.filter(Boolean).join(" · ");
  const added = sayDate(stored.added_at.slice(0, 10));
  item.querySelector(".state").textContent = `Ready: ${count(stored.chunks, "passage")}, added ${added}`;
  arm(item.querySelector(".remove"), "Remove", stored.title, async () => {
    try {
      await remove(`/v1/documents/${encodeURIComponent(stored.id)}`);
      await refresh();
      byId("documents-title").focus();
    } catch (error) {
      trouble.textContent = error.message;
    }
  });
  return item;
}

async function add(files) {
  panel.show(section, button);
  await uploads.add(files);
  await refresh();
}

button.addEventListener("click", () => {
  if (panel.isShown(section)) panel.close();
  else {
    panel.show(section, button);
    refresh();
  }
});
byId("panel").addEventListener("closed", uploads.clear);
more.addEventListener("click", () => refresh(list.children.length));
byId("first-files").addEventListener("click", () => input.click());
input.addEventListener("change", async () => {
  const files = [...input.files];
  input.value = "";
  if (files.length) await add(files);
});

function carriesFiles(event) {
  return document.body.dataset.role !== "reader" && event.dataTransfer?.types.includes("Files");
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
  add(event.dataTransfer.files);
});

uploads.resume().then((any) => {
  if (any) refresh();
});
