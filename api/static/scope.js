// The part of the documents that the conversation asks: a chip above the question. A scope is
// {kind, name, documents, filter} as /v1/places gives it; null is all documents.

import { announce, byId } from "./dom.js";
import * as picker from "./picker.js";
import { getJSON } from "./wire.js";
import { count, say as words } from "./words.js";

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

// How many documents are asked; nothing where that can't be told.
export async function total() {
  if (scope?.kind === "document") return 1;
  const part = scope ? `&in=${encodeURIComponent(scope.name)}` : "";
  return getJSON(`/v1/documents?limit=1${part}`).then((page) => page.total, () => undefined);
}

// Ask `next` from now on, and say so.
export function show(next) {
  scope = isScope(next) ? next : null;
  clear.hidden = !scope;
  chip.classList.toggle("whole", !scope);
  say(scope ? named(scope) : words("scope.all"));
  if (scope && scope.kind !== "document") recount(scope);
}

function say(part) {
  change.textContent = part;
  change.setAttribute("aria-label", words("scope.label", { part }));
}

// How much is in it may have changed since it was chosen.
async function recount(mine) {
  let part;
  try {
    const page = await getJSON(`/v1/documents?limit=1&in=${encodeURIComponent(mine.name)}`);
    part = named({ ...mine, documents: page.total });
  } catch (error) {
    part = `${mine.name} · ${words(error.status === 404 ? "scope.gone" : "scope.unreached")}`;
  }
  if (mine === scope) say(part);
}

function named({ kind, name, documents }) {
  return kind === "document" ? name : `${name} · ${count("documents", documents)}`;
}

// Set the chip up; `changed(scope)` is called when another part is chosen.
export function install(changed) {
  const choose = (next) => {
    show(next);
    changed(scope);
    announce(words("scope.is", { part: scope ? named(scope) : words("scope.all") }));
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
