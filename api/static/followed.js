// The folders that the server follows, and how each of them stands.

import { byId, copy } from "./dom.js";
import { getJSON } from "./wire.js";
import { count, percent, say, sayTime } from "./words.js";

const LOOK = 2000; // milliseconds
const list = byId("folders");
let watching = false;

// Show them while `isShown`; `changed` is called whenever the library has become another by one.
export async function watch(isShown, changed) {
  if (watching || document.body.dataset.role === "reader") return;
  watching = true;
  let before = null;
  try {
    while (isShown()) {
      const { folders } = await getJSON("/v1/folders");
      show(folders);
      if (!folders.length) return;
      const done = JSON.stringify(folders.map(({ documents, added, replaced, moved, removed }) => [documents, added, replaced, moved, removed]));
      if (before !== null && done !== before) changed();
      before = done;
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
  } finally {
    watching = false;
  }
}

// Rows stay as long as their folders, so that what is opened in them stays open.
function show(folders) {
  list.hidden = !folders.length;
  while (list.children.length < folders.length) list.append(copy("folder-template"));
  folders.forEach((folder, at) => fill(list.children[at], folder));
}

function fill(row, folder) {
  row.querySelector(".name").textContent = folder.folder;
  row.classList.toggle("failed", folder.status === "unreachable");
  row.querySelector(".outcome").textContent = stands(folder);
  const progress = row.querySelector("progress");
  progress.hidden = folder.share === null;
  progress.value = folder.share ?? 0;
  const left = row.querySelector(".left");
  left.hidden = !folder.errors.length;
  left.querySelector("summary").textContent = say("folder.failed", { count: folder.failed });
  left.querySelector("ul").replaceChildren(...folder.errors.map(({ detail }) => Object.assign(document.createElement("li"), { textContent: detail })));
}

function stands({ status, problem, share, documents, synced_at: at }) {
  if (status === "unreachable") return problem;
  if (status === "syncing" && share === null) return say("folder.writing");
  if (status === "syncing") return say("folder.reading", { percent: percent(Math.floor(100 * share) / 100) });
  if (status === "waiting") return say("folder.waiting");
  return say("folder.followed", { documents: count("documents", documents), time: sayTime(at) });
}
