// A document's whole text with one stretch of it marked.

import { sayDate, sayLocation } from "./dom.js";
import * as panel from "./panel.js";
import { getFile, getJSON, getText } from "./wire.js";

const section = document.getElementById("source");
const title = document.getElementById("source-title");
const about = document.getElementById("source-about");
const trouble = document.getElementById("source-trouble");
const original = document.getElementById("source-original");
const body = document.getElementById("source-text");
let current = null;

// Where the code point `count` lies in `text`, counted in UTF-16 units as JavaScript does.
export function unitsAt(text, count) {
  let units = 0;
  for (; count > 0 && units < text.length; count -= 1) {
    units += text.codePointAt(units) > 0xffff ? 2 : 1;
  }
  return units;
}

// Show `place.document_id`; where `place` has `start` and `end`, mark them. `quote` is what must
// stand there: if the document has changed since, say so instead of marking something else.
export async function openSource(place, by) {
  current?.by?.classList.remove("current");
  current = { by };
  const mine = current;
  if (by) by.classList.add("current");
  title.textContent = place.title;
  about.textContent = "Fetching the document…";
  trouble.textContent = "";
  original.hidden = true;
  body.replaceChildren();
  panel.show(section, by);
  try {
    const path = `/v1/documents/${encodeURIComponent(place.document_id)}`;
    const [details, text] = await Promise.all([getJSON(path), getText(`${path}/text`)]);
    if (mine !== current) return;
    title.textContent = details.title;
    const { author, date } = details.metadata;
    const facts = [author, date && sayDate(date), sayLocation(place), details.uri];
    about.textContent = facts.filter(Boolean).join(" · ");
    original.hidden = !details.original;
    original.onclick = () => download(`${path}/original`, mine);
    render(text, place);
  } catch (error) {
    if (mine !== current) return;
    about.textContent = "";
    trouble.textContent = error.message;
  }
}

// Saves what the document was read from; it is never shown, for it may hold anything.
async function download(path, mine) {
  original.disabled = true;
  try {
    const { name, blob } = await getFile(path);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    if (mine === current) trouble.textContent = error.message;
  } finally {
    original.disabled = false;
  }
}

function render(text, { start, end, quote }) {
  if (start === undefined) {
    body.textContent = text;
    body.scrollTop = 0;
    return;
  }
  const from = unitsAt(text, start);
  const to = from + unitsAt(text.slice(from), end - start);
  if (text.slice(from, to) !== quote) {
    body.textContent = text;
    trouble.textContent = "This document has changed since; the quote no longer stands in it.";
    return;
  }
  const mark = document.createElement("mark");
  mark.textContent = quote;
  body.replaceChildren(text.slice(0, from), mark, text.slice(to));
  const fits = mark.getBoundingClientRect().height < body.clientHeight;
  mark.scrollIntoView({ block: fits ? "center" : "start" });
}

document.getElementById("panel").addEventListener("closed", () => {
  current?.by?.classList.remove("current");
  current = null;
});
