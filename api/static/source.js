// A document beside the conversation: its pages as they look, or its text, with one stretch marked.

import { byId, sayLocation } from "./dom.js";
import { searchIn } from "./find.js";
import { scrollTo, setText, showMark, unitsOf } from "./fulltext.js";
import { fold, outline } from "./outline.js";
import { headers } from "./key.js";
import * as panel from "./panel.js";
import { closeSheet, shownPage, showSheet, turn } from "./sheet.js";
import { getFile, getJSON, getText } from "./wire.js";
import { count, say, sayDate } from "./words.js";

const section = byId("source");
const title = byId("source-title");
const about = byId("source-about");
const trouble = byId("source-trouble");
const why = byId("source-why");
const original = byId("source-original");
const opener = byId("source-open");
const tools = byId("source-tools");
const ways = { page: byId("see-page"), text: byId("see-text") };
let current = null;

// Show `place.document_id`; where `place` has `start` and `end`, mark them. `quote` is what must
// stand there: if the document has changed since, say so instead of marking something else.
export async function openSource(place, by) {
  forget();
  current = { by };
  const mine = current;
  if (by) by.classList.add("current");
  title.textContent = place.title;
  section.dataset.document = place.document_id;
  about.textContent = say("source.fetching");
  trouble.textContent = why.textContent = "";
  original.hidden = opener.hidden = tools.hidden = true;
  byId("source-facts").textContent = "";
  byId("source-text").replaceChildren();
  see("text");
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
    opener.hidden = !details.opens;
    opener.onclick = () => openOriginal(`${path}/original?disposition=inline`, mine);
    byId("source-facts").textContent = factsOf(details);
    await render(mine, path, details, text, place);
  } catch (error) {
    if (mine !== current) return;
    about.textContent = "";
    trouble.textContent = error.message;
  }
}

// Where a document is from, since when it is here, how much of it, and what was not read of it.
function factsOf({ uri, original: kept, added_at: at, page_count: pages, chunks, metadata }) {
  const archive = uri.includes("!/") ? say("source.from_archive", { archive: uri.slice(0, uri.lastIndexOf("!/")) }) : "";
  const folder = kept === "folder" ? say("source.from_folder") : "";
  const left = metadata.left_out ? say("source.left_out", { what: metadata.left_out }) : "";
  const many = [pages && count("pages", pages), count("passages", chunks)];
  return [folder, archive, say("source.added", { day: sayDate(at.slice(0, 10)) }), ...many, left].filter(Boolean).join(" · ");
}

// Show the original in a tab of its own: what the server lets a browser show, and nothing that runs.
async function openOriginal(path, mine) {
  if (!Object.keys(headers()).length) {
    window.open(path, "_blank", "noopener");
    return;
  }
  try {
    const { blob } = await getFile(path); // for a tab sends no key
    const url = URL.createObjectURL(blob);
    window.open(url, "_blank", "noopener");
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  } catch (error) {
    if (mine === current) trouble.textContent = error.message;
  }
}

async function render(mine, path, details, text, place) {
  const parts = partsOf(details, text);
  const stands = setText(text, parts, place);
  if (!stands) trouble.textContent = say("source.changed");
  searchIn(text);
  outline(parts.headings, (at) => goTo(mine, parts.headings[at], parts.pages));
  ways.page.parentElement.hidden = !details.pictures;
  tools.hidden = false;
  const isPDF = details.media_type === "application/pdf";
  if (!details.pictures) {
    if (isPDF) why.textContent = say("source.not_kept");
    return;
  }
  const { start, end, quote } = place;
  const marked = stands && start !== undefined;
  mine.pages = parts.pages;
  mine.quoted = marked ? pageAt(parts.pages, unitsOf(text, [start])[0]) : place.page ?? 1;
  const { title: name, pages } = details;
  see("page"); // before it is drawn, as wide as it is then
  try {
    const marks = marked ? await marksOf(mine, path, start, end) : new Map();
    if (mine !== current) return;
    if (marks.size && !marks.has(mine.quoted)) [mine.quoted] = marks.keys();
    const complain = (words) => {
      trouble.textContent = words;
    };
    await showSheet({ path, title: name, count: pages.length, marks, quote, say: complain }, mine.quoted);
  } catch (error) {
    if (mine !== current) return;
    ways.page.parentElement.hidden = true;
    see("text");
    showMark();
    why.textContent = say("source.no_pages", { why: error.message });
  }
}

// The rectangles of a stretch of the text, by the number of their page; where there are none, the
// page is shown without, and a line says so.
async function marksOf(mine, path, start, end) {
  const { pages } = await getJSON(`${path}/rectangles?start=${start}&end=${end}`);
  const marked = pages.filter((one) => one.rectangles.length);
  if (mine === current && !marked.length) {
    why.textContent = say("source.no_marks");
  }
  return new Map(marked.map(({ page, rectangles }) => [page, rectangles]));
}

// Where pages and headings begin, in UTF-16 units; a heading is at most one deeper than that before.
function partsOf({ pages, page_labels: labels, headings }, text) {
  const starts = unitsOf(text, pages);
  const froms = unitsOf(text, headings.map((one) => one.start));
  const tos = unitsOf(text, headings.map((one) => one.end));
  let depth = 2; // that of the title of the panel
  return {
    pages: starts.map((at, number) => ({ at, label: labels[number] })),
    headings: headings.map(({ level }, number) => {
      depth = Math.min(level + 2, depth + 1, 6);
      const [from, to] = [froms[number], tos[number]];
      return { from, to, level, depth, words: text.slice(from, to) };
    }),
  };
}

function pageAt(pages, at) {
  return Math.max(pages.filter((page) => page.at <= at).length, 1);
}

async function goTo(mine, heading, pages) {
  if (byId("source-page").hidden) {
    scrollTo(heading.from);
    byId("source-text").focus({ preventScroll: true });
    return;
  }
  byId("source-page").focus({ preventScroll: true });
  try {
    await turn(pageAt(pages, heading.from));
  } catch (error) {
    if (mine === current) trouble.textContent = error.message;
  }
}

// Show one of the two views and its tools.
function see(way) {
  for (const [name, button] of Object.entries(ways)) {
    button.setAttribute("aria-pressed", String(name === way));
    byId(`source-${name}`).hidden = name !== way;
    byId(`${name}-tools`).hidden = name !== way;
  }
  fold();
}

ways.page.addEventListener("click", () => see("page"));
ways.text.addEventListener("click", () => {
  see("text");
  const shown = shownPage();
  if (shown === undefined || shown === current.quoted) showMark();
  else scrollTo(current.pages[shown - 1].at);
});

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

function forget() {
  current?.by?.classList.remove("current");
  current = null;
  closeSheet();
}

byId("panel").addEventListener("closed", forget);
