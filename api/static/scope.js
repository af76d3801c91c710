// The part of the documents that the conversation asks: a chip above the question. A scope is
// {kind, name, documents, filter} as /v1/places gives it; null is all documents.

import { announce, byId, count } from "./dom.js";
import * as picker from "./picker.js";
import { getJSON } from "./wire.js";

const chip = byId("scope");
const change = byId("scope-change");
const clear = byId("scope-clear");
const field = byId("question");
let scope = null;

// Whatever is kept of a conversation, as long as it is a scope.
export function isScope(one) {
  return typeof one?.name === "string" && typeof one.filter === "object" && one.filter !== null;
}

export const filter = () => scope?.filter ?? null;

// Ask `next` from now on, and say so.
export function show(next) {
  scope = isScope(next) ? next : null;
  clear.hidden = !scope;
  chip.classList.toggle("whole", !scope);
  say(scope ? named(scope) : "all documents");
  if (scope && scope.kind !== "document") recount(scope);
}

function say(words) {
  change.textContent = words;
  change.setAttribute("aria-label", `Asking ${words}. Ask another part`);
}

// How much is in it may have changed since it was chosen.
async function recount(mine) {
  let words;
  try {
    const page = await getJSON(`/v1/documents?limit=1&in=${encodeURIComponent(mine.name)}`);
    words = named({ ...mine, documents: page.total });
  } catch (error) {
    words = `${mine.name} · ${error.status === 404 ? "not there any more" : "out of reach"}`;
  }
  if (mine === scope) say(words);
}

function named({ kind, name, documents }) {
  return kind === "document" ? name : `${name} · ${count(documents, "document")}`;
}

// Set the chip up; `changed(scope)` is called when another part is chosen.
export function install(changed) {
  const choose = (next) => {
    show(next);
    changed(scope);
    announce(`Asking ${scope ? named(scope) : "all documents"}`);
    field.focus();
  };
  picker.install({ chosen: choose, left: () => field.focus() });
  change.addEventListener("click", () => picker.open(""));
  clear.addEventListener("click", () => choose(null));
  // A # that begins a word is no part of the question: it asks where.
  field.addEventListener("input", (event) => {
    const at = field.selectionStart;
    if (event.isComposing || event.data !== "#" || !/(^|\s)#$/.test(field.value.slice(0, at))) return;
    field.setRangeText("", at - 1, at, "end");
    picker.open("#");
  });
  show(null);
}
