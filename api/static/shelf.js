// Which documents the library shows: sought by words, sorted, and of one collection or folder.

import { arm, byId } from "./dom.js";
import * as chosen from "./chosen.js";
import * as gathering from "./gathering.js";
import * as library from "./library.js";
import { getJSON } from "./wire.js";
import { number, say } from "./words.js";

const PAUSE = 200; // milliseconds after a keystroke
const words = byId("sought");
const sort = byId("sorted");
const told = byId("listed");
const places = byId("places");
const within = byId("place");
const gather = byId("place-gather");
const giveUp = byId("place-delete");
const query = {};
let collection = null; // the name of the one that is shown
let typing = null;
let handlers = null;

export function install(given) {
  handlers = given;
  library.install(given);
  gathering.install({ changed: again });
  arm(giveUp, { first: "gather.give_up", then: "really.delete" }, () => collection ?? "", async () => {
    try {
      await gathering.giveUp(collection);
      if (places.open) await showCollections();
      leavePlace();
    } catch (error) {
      handlers.failed(error);
    }
  });
  gather.addEventListener("click", () => gathering.open(byId("place-told"), gather, { folder: query.in }));
}

// The list as it stands now, without leaving where it is scrolled to.
export async function again() {
  if (places.open) await Promise.all([showCollections(), showFolders(byId("tree"), "")]);
  return show({ again: true });
}

async function show(how) {
  const [by, way] = sort.value.split(" ");
  Object.assign(query, { sort: by, descending: way === "down" });
  if (words.value.trim()) query.query = words.value.trim();
  else delete query.query;
  const total = await library.show({ ...query }, how);
  if (total === null) return;
  chosen.listed(total, collection);
  byId("shelf").hidden = total === 0 && !query.query && !query.in;
  told.textContent = query.query || query.in ? say("library.found", { count: total }) : "";
}

async function change() {
  chosen.clear(); // nobody should remove what they don't see
  try {
    await show();
  } catch (error) {
    handlers.failed(error);
  }
}

// Show what is in one collection or folder, `place` as `in` has it; all documents where it is null.
function choose(place, name, named = null) {
  if (place === null) delete query.in;
  else query.in = place;
  collection = named;
  gather.hidden = named !== null;
  giveUp.hidden = named === null;
  giveUp.dispatchEvent(new Event("blur")); // so that it says which
  within.hidden = place === null;
  byId("place-name").textContent = name ?? "";
  byId("place-clear").setAttribute("aria-label", say("library.show_all_label", { place: name ?? "" }));
  for (const button of places.querySelectorAll("[data-place]")) {
    button.setAttribute("aria-pressed", String(button.dataset.place === place));
  }
  change();
}

async function showCollections() {
  const { collections } = await getJSON("/v1/collections");
  byId("collections").replaceChildren(...collections.map(({ name, documents }) => entry(name, name, documents, name)));
  byId("no-collections").hidden = collections.length > 0;
}

async function showFolders(tree, folder) {
  const opened = new Set([...tree.querySelectorAll("[aria-expanded=true]")].map((one) => one.dataset.opens));
  const { folders } = await getJSON(`/v1/tree?folder=${encodeURIComponent(folder)}`);
  tree.replaceChildren(...folders.map((one) => branch(one, folder, opened)));
  if (!folder) byId("no-folders").hidden = folders.length > 0;
}

// A folder, which opens to those in it.
function branch({ folder, documents, folders }, outer, opened) {
  const name = folder.slice(outer.length);
  const item = entry(folder, name, documents);
  if (!folders) return item;
  const inner = document.createElement("ul");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "branch";
  button.dataset.opens = folder;
  button.setAttribute("aria-label", say("library.branch", { folder: name }));
  const set = async (open) => {
    button.setAttribute("aria-expanded", String(open));
    inner.hidden = !open;
    if (open) await showFolders(inner, folder).catch(handlers.failed);
  };
  button.addEventListener("click", () => set(inner.hidden));
  item.prepend(button);
  item.append(inner);
  set(opened.has(folder));
  return item;
}

function entry(place, name, documents, named = null) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "place";
  button.dataset.place = place;
  button.setAttribute("aria-pressed", String(query.in === place));
  const many = document.createElement("span");
  many.className = "count";
  many.textContent = number(documents);
  button.append(`${name} `, many);
  button.addEventListener("click", () => choose(query.in === place ? null : place, name, named));
  item.append(button);
  return item;
}

words.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(change, PAUSE);
});
sort.addEventListener("change", change);
places.addEventListener("toggle", async () => {
  try {
    if (places.open) await Promise.all([showCollections(), showFolders(byId("tree"), "")]);
  } catch (error) {
    handlers.failed(error);
  }
  library.draw();
});
byId("place-clear").addEventListener("click", leavePlace);
function leavePlace() {
  choose(null);
  words.focus();
}
