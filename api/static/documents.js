// The library: listing documents, adding to them, removing them.

import { arm, byId, copy } from "./dom.js";
import * as followed from "./followed.js";
import * as folders from "./folders.js";
import * as panel from "./panel.js";
import { take } from "./removal.js";
import { openSource } from "./source.js";
import * as uploads from "./uploads.js";
import { getJSON } from "./wire.js";
import { count, number, say, sayDate } from "./words.js";

const PAGE = 100;
const REMOVE = { first: "documents.remove", then: "really.remove" };
const section = byId("documents");
const button = byId("documents-button");
const inputs = [byId("files"), byId("folder")];
const list = byId("list");
const more = byId("more");
const trouble = byId("documents-trouble");
const curtain = byId("curtain");
const removed = byId("removed");
const { founding } = document.body.dataset;

// Fetch the list from its beginning, or from where it ends, and say how the library stands.
export async function refresh(from = 0) {
  try {
    const page = await getJSON(`/v1/documents?offset=${from}&limit=${PAGE}`);
    const rows = page.documents.map(row);
    if (from === 0) list.replaceChildren(...rows);
    else list.append(...rows);
    more.hidden = list.children.length >= page.total;
    byId("count").textContent = number(page.total);
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
  item.querySelector(".state").textContent = say("documents.state", { passages: count("passages", stored.chunks), day: added });
  arm(item.querySelector(".remove"), REMOVE, stored.title, async () => {
    try {
      const back = await take(stored);
      await refresh();
      offer(stored.title, back);
    } catch (error) {
      trouble.textContent = error.message;
    }
  });
  return item;
}

// Say that a document is gone, and let it be put back, until another one goes or the panel is closed.
// What is being put back by then comes back all the same, and is told if it does not.
let offered = null;
function offer(title, back) {
  const undo = byId("undo");
  const mine = (offered = {});
  byId("removed-what").textContent = say(back ? "documents.removed" : "documents.removed_for_good", { title });
  removed.hidden = false;
  undo.hidden = !back;
  undo.onclick = async () => {
    undo.hidden = true;
    byId("removed-what").textContent = say("documents.putting_back", { title });
    byId("documents-title").focus();
    try {
      await back();
      if (offered === mine) byId("removed-what").textContent = say("documents.back", { title });
      await refresh();
    } catch (error) {
      const failure = say("documents.not_back", { title, why: error.message });
      await refresh(); // for some of it may be back
      if (offered !== mine) {
        trouble.textContent = failure;
        return;
      }
      byId("removed-what").textContent = failure;
      removed.hidden = false;
      undo.hidden = false;
    }
  };
  (back ? undo : byId("documents-title")).focus();
}

// Show what has come meanwhile, not more often than one can look, and not while a press decides.
let due = null;
function refreshSoon() {
  due ??= setTimeout(() => {
    due = null;
    if (list.querySelector(".armed")) refreshSoon();
    else refresh();
  }, 500);
}

async function add(files) {
  panel.show(section, button);
  await uploads.add(files, refreshSoon);
  await refresh();
}

button.addEventListener("click", () => {
  if (panel.isShown(section)) panel.close();
  else {
    panel.show(section, button);
    refresh();
    if (document.body.dataset.role !== "reader") join();
  }
});
byId("panel").addEventListener("closed", () => {
  uploads.clear();
  removed.hidden = true;
});
more.addEventListener("click", () => refresh(list.children.length));
byId("first-files").addEventListener("click", () => inputs[0].click());
byId("choose-folder").addEventListener("click", () => inputs[1].click());
for (const input of inputs) {
  input.addEventListener("change", async () => {
    const files = folders.chosen(input.files);
    input.value = "";
    if (files.length) await add(files);
  });
}

async function join() {
  try {
    const shown = followed.watch(() => panel.isShown(section), refreshSoon);
    await uploads.join(refreshSoon);
    await shown;
  } catch (error) {
    trouble.textContent = error.message;
  }
}

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
addEventListener("drop", async (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  curtain.hidden = true;
  add(await folders.dropped(event.dataTransfer));
});

uploads.resume(refreshSoon).then((any) => {
  if (any) refresh();
});
