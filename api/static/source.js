// A document's whole text with one stretch of it marked.

import * as panel from "./panel.js";
import { getJSON, getText } from "./wire.js";

const section = document.getElementById("source");
const title = document.getElementById("source-title");
const about = document.getElementById("source-about");
const trouble = document.getElementById("source-trouble");
const body = document.getElementById("source-text");
let current = null;

export function sayDate(value) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return String(value);
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(new Date(value));
}

export function sayPlace({ title, location }) {
  return location ? `${title}, ${location}` : title;
}

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
  body.replaceChildren();
  panel.show(section, by);
  try {
    const path = `/v1/documents/${encodeURIComponent(place.document_id)}`;
    const [details, text] = await Promise.all([getJSON(path), getText(`${path}/text`)]);
    if (mine !== current) return;
    title.textContent = details.title;
    const { author, date } = details.metadata;
    about.textContent = [author, date && sayDate(date), place.location, details.uri].filter(Boolean).join(" · ");
    render(text, place);
  } catch (error) {
    if (mine !== current) return;
    about.textContent = "";
    trouble.textContent = error.message;
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
