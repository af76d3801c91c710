// Finding words in the text of a document: all of them are marked, and one is gone to.

import { byId } from "./dom.js";
import { rangesOf, scrollTo } from "./fulltext.js";
import { say as words } from "./words.js";

const MOST = 2000; // that are marked at once
const field = byId("find");
const told = byId("found");
const back = byId("find-back");
const next = byId("find-next");
const body = byId("source-text");
let text = "";
let found = []; // [{from, to}] in UTF-16 units
let current = -1;

// Begin with a text that is set; nothing is looked for yet.
export function searchIn(fresh) {
  text = fresh;
  field.value = "";
  look();
}

// `words` as they may stand in a text: in whichever capitals, with whichever blanks between them.
function pattern(words) {
  const parts = words.trim().split(/\s+/u);
  return new RegExp(parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("\\s+"), "giu");
}

function look() {
  found = [];
  if (field.value.trim()) {
    for (const { 0: words, index } of text.matchAll(pattern(field.value))) {
      found.push({ from: index, to: index + words.length });
    }
  }
  current = -1;
  if (found.length) step(1);
  else say();
}

function step(by) {
  if (!found.length) return;
  current = (current + by + found.length) % found.length;
  const at = found[current];
  scrollTo(at.from, 0.4);
  say();
}

function say() {
  const looked = field.value.trim() !== "";
  told.textContent = found.length
    ? words("count.of", { at: current + 1, all: found.length })
    : looked ? words("source.find_none") : "";
  back.disabled = next.disabled = found.length < 2;
  paint();
}

// Marked by the browser, which leaves the text as it is; older ones select what is gone to.
function paint() {
  const begin = Math.min(Math.max(current - MOST / 2, 0), Math.max(found.length - MOST, 0));
  const ranges = rangesOf(found.slice(begin, begin + MOST));
  const [here] = ranges.splice(current - begin, current < 0 ? 0 : 1);
  if (CSS.highlights) {
    CSS.highlights.set("found", new Highlight(...ranges));
    CSS.highlights.set("found-here", new Highlight(...(here ? [here] : [])));
  } else if (here) {
    getSelection().removeAllRanges();
    getSelection().addRange(here);
  }
}

field.addEventListener("input", look);
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault();
    step(event.shiftKey ? -1 : 1);
  } else if (event.key === "Escape" && field.value) {
    event.preventDefault();
    event.stopPropagation(); // it closes the panel else
    field.value = "";
    look();
  }
});
back.addEventListener("click", () => step(-1));
next.addEventListener("click", () => step(1));
body.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  field.focus();
});
