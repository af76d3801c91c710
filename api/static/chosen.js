// The documents that are selected in the library, and what can be done with all of them.

import { arm, byId } from "./dom.js";
import * as gathering from "./gathering.js";
import * as library from "./library.js";
import { say } from "./words.js";

const bar = byId("chosen");
const list = byId("list");
const everything = byId("select-all");
const out = byId("take-out");
const remove = byId("remove-chosen");
const ids = new Set();
let last = null; // where in the list one was selected last
let total = 0;
let within = null; // the collection that is listed, if any
let handlers = null;

// `remove(ids)` and `reread(ids)` are called with what is selected, `failed(error)` if it goes wrong.
export function install(given) {
  handlers = given;
  byId("select-none").addEventListener("click", clear);
  byId("gather").addEventListener("click", ({ target }) => gathering.open(bar, target, { documents: [...ids] }));
  out.addEventListener("click", takeOut);
  byId("reread").addEventListener("click", () => act(handlers.reread));
  everything.addEventListener("click", selectAll);
  arm(remove, { first: "documents.remove", then: "really.remove" }, selected, () => act(handlers.remove));
  show();
}

function selected() {
  return say("library.selected", { count: ids.size });
}

async function act(what) {
  const these = [...ids];
  clear();
  try {
    await what(these);
  } catch (error) {
    handlers.failed(error);
  }
}

// Make the box of a row say whether its document is selected, and select it.
export function fill(row, stored, at) {
  const box = row.querySelector(".pick");
  box.setAttribute("aria-label", say("library.select_label", { title: stored.title }));
  box.checked = ids.has(stored.id);
  box.addEventListener("click", async (event) => {
    const from = event.shiftKey && last !== null ? last : at;
    last = at;
    try {
      set([stored.id], box.checked);
      if (from !== at) {
        const some = await library.between(Math.min(from, at), Math.max(from, at));
        set(some.map(({ id }) => id), box.checked);
      }
    } catch (error) {
      handlers.failed(error);
    }
  });
}

async function takeOut() {
  try {
    const these = [...ids];
    await gathering.takeOut(byId("place-told"), within, these);
    byId("documents-title").focus();
    drop(these);
  } catch (error) {
    handlers.failed(error);
  }
}

// The list is another one now, with so many documents, those of `collection` if it is not null.
export function listed(many, collection) {
  total = many;
  within = collection;
  last = null;
  show();
}

// Documents that are gone are no longer selected.
export function drop(some) {
  set(some, false);
}

function set(some, chosen) {
  for (const id of some) {
    if (chosen) ids.add(id);
    else ids.delete(id);
  }
  show();
}

export function clear() {
  ids.clear();
  gathering.shut();
  show();
}

async function selectAll() {
  try {
    for await (const some of library.whole()) set(some.map(({ id }) => id), true);
  } catch (error) {
    handlers.failed(error);
  }
}

function show() {
  bar.hidden = ids.size === 0;
  list.classList.toggle("choosing", ids.size > 0);
  byId("chosen-many").textContent = selected();
  out.hidden = within === null;
  out.textContent = within === null ? "" : say("gather.take_out", { name: within });
  everything.hidden = ids.size >= total;
  everything.textContent = say("library.select_all", { count: total });
  for (const row of list.children) {
    if (row.shown) row.querySelector(".pick").checked = ids.has(row.shown.id);
  }
  remove.dispatchEvent(new Event("blur")); // so that it asks again, and says how many
}
