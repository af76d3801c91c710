// Collections made by hand: of the documents that are selected in the library, or of a folder. And
// documents taken out of one, and a collection given up.

import { announce, byId } from "./dom.js";
import { getJSON, post, remove } from "./wire.js";
import { count, say } from "./words.js";

const MOST = 5000; // documents in one request
const form = byId("gathering");
const field = byId("gathered");
const told = byId("gathered-told");
const trouble = byId("gathering-trouble");
const submit = form.querySelector("[type=submit]");
let opener = null;
let these = null; // what is put in: {documents} or {folder}
let changed = null; // called when a collection is another one than before

export function install(given) {
  ({ changed } = given);
}

// Ask under `box`, by whose button `by` it was opened, into which collection `what` is to be put.
export async function open(box, by, what) {
  opener = by;
  these = what;
  box.append(form, told);
  trouble.textContent = told.textContent = field.value = "";
  form.hidden = false;
  field.focus();
  try {
    const { collections } = await getJSON("/v1/collections");
    byId("gathered-names").replaceChildren(...collections.map(({ name }) => new Option("", name)));
  } catch (error) {
    trouble.textContent = error.message;
  }
}

// Ask no longer, and say nothing of what was done before.
export function shut() {
  form.hidden = true;
  told.textContent = "";
}

// Take documents out of a collection; said under `box`.
export async function takeOut(box, name, documents) {
  for (const some of parts(documents)) await post(path(name), { remove: some });
  box.append(told);
  told.textContent = say("gather.taken_out", { documents: count("documents", documents.length), name });
  await changed();
}

// Give a collection up; its documents stay.
export async function giveUp(name) {
  await remove(path(name));
  announce(say("gather.given_up", { name }));
}

const path = (name) => `/v1/collections/${encodeURIComponent(name)}`;

function parts(all) {
  const several = [];
  for (let at = 0; at < all.length; at += MOST) several.push(all.slice(at, at + MOST));
  return several;
}

// Put `these` into the collection `name`, which is made where there is none.
async function put(name, { documents = [], folder }) {
  const { collections } = await getJSON("/v1/collections");
  const [first = [], ...others] = parts(documents);
  const folders = folder ? [folder] : [];
  if (collections.some((one) => one.name === name)) await post(path(name), { add: first, add_folders: folders });
  else await post("/v1/collections", { name, documents: first, folders });
  for (const some of others) await post(path(name), { add: some });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = field.value.trim();
  trouble.textContent = name ? "" : say("gather.nameless");
  if (!name) {
    field.focus();
    return;
  }
  submit.disabled = true;
  try {
    await put(name, these);
    const what = these.folder ?? count("documents", these.documents.length);
    form.hidden = true;
    told.textContent = say("gather.put", { what, name });
    opener.focus();
    await changed();
  } catch (error) {
    trouble.textContent = error.message;
  } finally {
    submit.disabled = false;
  }
});
form.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  event.stopPropagation(); // it closes the panel else
  leave();
});
byId("gathering-never").addEventListener("click", leave);

function leave() {
  shut();
  opener.focus();
}
