// The library: listing documents, adding to them, removing them.

import * as chosen from "./chosen.js";
import { arm, byId } from "./dom.js";
import * as followed from "./followed.js";
import * as folders from "./folders.js";
import * as panel from "./panel.js";
import { take } from "./removal.js";
import * as shelf from "./shelf.js";
import { openSource } from "./source.js";
import * as uploads from "./uploads.js";
import { getJSON, post } from "./wire.js";
import { count, number, say, sayDate } from "./words.js";

const REMOVE = { first: "documents.remove", then: "really.remove" };
const REREAD = 500; // documents that one job reads anew
const section = byId("documents");
const button = byId("documents-button");
const inputs = [byId("files"), byId("folder")];
const list = byId("list");
const trouble = byId("documents-trouble");
const curtain = byId("curtain");
const removed = byId("removed");
const { founding } = document.body.dataset;

let unread = ""; // why some documents could not be read anew, until the panel is closed

// Say how the library stands, and show it anew where it is open.
export async function refresh() {
  try {
    const page = await getJSON("/v1/documents?limit=100");
    byId("count").textContent = number(page.total);
    byId("count").hidden = false;
    byId("empty").hidden = page.total > 0;
    byId("examples").hidden = page.total === 0;
    suggest(page.documents.some((one) => one.sha256 === founding));
    if (panel.isShown(section)) await shelf.again();
    trouble.textContent = unread;
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

function fill(row, stored, at) {
  chosen.fill(row, stored, at);
  const open = row.querySelector(".open");
  open.textContent = open.title = stored.title;
  open.addEventListener("click", () => openSource({ document_id: stored.id, title: stored.title }, open));
  const { author, date } = stored.metadata;
  const facts = [author, date && sayDate(date)];
  if (stored.uri !== stored.title) facts.push(stored.uri);
  const about = row.querySelector(".about");
  about.textContent = about.title = facts.filter(Boolean).join(" · ");
  const told = { passages: count("passages", stored.chunks), day: sayDate(stored.added_at.slice(0, 10)) };
  const pages = stored.page_count && count("pages", stored.page_count);
  row.querySelector(".state").textContent = pages ? say("documents.state_pages", { ...told, pages }) : say("documents.state", told);
  arm(row.querySelector(".remove"), REMOVE, () => stored.title, async () => {
    try {
      const back = await take([stored.id]);
      chosen.drop([stored.id]);
      await refresh();
      offer(back, ONE, { title: stored.title });
    } catch (error) {
      trouble.textContent = error.message;
    }
  });
}

// What is said of one document that was removed, and of several.
const ONE = {
  removed: "documents.removed",
  forGood: "documents.removed_for_good",
  puttingBack: "documents.putting_back",
  back: "documents.back",
  notBack: "documents.not_back",
};
const SEVERAL = {
  removed: "documents.some_removed",
  forGood: "documents.some_removed_for_good",
  puttingBack: "documents.some_putting_back",
  back: "documents.some_back",
  notBack: "documents.some_not_back",
};

async function removeChosen(ids) {
  const said = (done) => {
    byId("removed-what").textContent = say("documents.removing", { done, total: ids.length });
    removed.hidden = false;
    byId("undo").hidden = true;
  };
  try {
    offer(await take(ids, said), SEVERAL, { count: ids.length });
    await refresh();
  } catch (error) {
    removed.hidden = true;
    if (error.done) offer(error.back, SEVERAL, { count: error.done });
    await refresh();
    throw error;
  }
}

async function reread(ids) {
  unread = "";
  const jobs = [];
  for (let done = 0; done < ids.length; done += REREAD) {
    const some = ids.slice(done, done + REREAD);
    const { job, errors = [] } = await post("/v1/documents/reread", { documents: some });
    trouble.textContent = unread = [unread, ...errors.map(({ detail }) => detail)].filter(Boolean).join(" ");
    jobs.push(uploads.watchAlso(job.id, count("documents", some.length - errors.length), refreshSoon));
  }
  await Promise.all(jobs);
}

// Say that documents are gone, and let them be put back, until others go or the panel is closed.
// What is being put back by then comes back all the same, and is told if it does not.
let offered = null;
function offer(back, words, given) {
  const told = (key, why) => say(words[key], { ...given, why });
  const undo = byId("undo");
  const mine = (offered = {});
  byId("removed-what").textContent = told(back ? "removed" : "forGood");
  removed.hidden = false;
  undo.hidden = !back;
  undo.onclick = async () => {
    undo.hidden = true;
    byId("removed-what").textContent = told("puttingBack");
    byId("documents-title").focus();
    try {
      await back();
      if (offered === mine) byId("removed-what").textContent = told("back");
      await refresh();
    } catch (error) {
      const failure = told("notBack", error.message);
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

const failed = (error) => {
  trouble.textContent = error.message;
};
shelf.install({ fill, failed });
chosen.install({ remove: removeChosen, reread, failed });
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
  chosen.clear();
  trouble.textContent = unread = "";
  removed.hidden = true;
});
byId("uploads").addEventListener("undone", refreshSoon);
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
