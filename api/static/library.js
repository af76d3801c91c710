// The documents in the store, however many: sorted, sought in, and only those in sight on the page.
// Each row has the same height, so that the scroll bar tells where in the list one is; a stretch of
// it is fetched before it comes in sight, by its mark, which leads anywhere at the same cost.

import { see } from "./ahead.js";
import { byId, copy } from "./dom.js";
import { getJSON } from "./wire.js";

const STRETCH = 100; // documents that are fetched at once
const AROUND = 6; // rows above and below that are there already
const MOST = 200_000; // rows, for browsers make nothing higher
const ROW = 5.25; // rem
const list = byId("list");
const body = list.closest(".body");
const none = byId("none-listed");
let listing = null; // {query, total, marks, stretches}, stretches by their place, and what `see` takes
let latest = 0;
let handlers = null;
let drawing = false;

// `fill(row, document, before)` writes a document into a row, `failed(error)` is told what went wrong.
export function install(given) {
  handlers = given;
  body.addEventListener("scroll", drawSoon, { passive: true });
  new ResizeObserver(drawSoon).observe(body);
}

// Show the list that `query` asks for, from its beginning, or else where it is scrolled to; what is
// shown stays until that is there. Resolves to how many it has; to null where another came first.
export async function show(query, { again = false } = {}) {
  const mine = (latest += 1);
  const page = await getJSON(path(query, null, true));
  if (mine !== latest) return null;
  const next = listed(query, page);
  if (again) await Promise.all(inSight(next).map((at) => fetched(next, at)));
  if (mine !== latest) return null;
  listing = next;
  if (!again) list.replaceChildren();
  list.style.height = `${Math.min(next.total, MOST) * ROW}rem`;
  none.hidden = next.total > 0;
  draw();
  return next.total;
}

// A list, of which its first page is there.
function listed(query, page) {
  const stretches = new Map([[0, page.documents]]);
  const mine = { query, total: page.total, marks: page.marks, stretches };
  return Object.assign(mine, {
    stretch: STRETCH,
    count: Math.ceil(Math.min(page.total, MOST) / STRETCH),
    has: (at) => stretches.has(at),
    load: (at, signal) => fetched(mine, at, signal),
    came: draw,
    failed: handlers.failed,
  });
}

// The ids of the whole list, a thousand at a time; `told(number)` hears how many there are so far.
export async function* whole() {
  let after = null;
  do {
    const page = await getJSON(path(listing.query, after, false, 1000));
    yield page.documents;
    after = page.next;
  } while (after);
}

// The documents from one place of the list to another, both included.
export async function between(from, to) {
  const mine = listing;
  const places = [];
  for (let at = Math.floor(from / STRETCH); at <= Math.floor(to / STRETCH); at += 1) places.push(at);
  await Promise.all(places.map((at) => fetched(mine, at)));
  return places.flatMap((at) => mine.stretches.get(at)).slice(from % STRETCH, from % STRETCH + to - from + 1);
}

function path(query, after, marks, limit = STRETCH) {
  const asked = new URLSearchParams({ ...query, limit });
  if (after) asked.set("after", after);
  if (marks) asked.set("marks", "true");
  return `/v1/documents?${asked}`;
}

async function fetched(mine, at, signal) {
  if (mine.stretches.has(at)) return;
  const page = await getJSON(path(mine.query, at ? mine.marks[at - 1] : null, false), signal);
  mine.stretches.set(at, page.documents);
}

// The first row in sight and the one after the last.
function seen(total) {
  const height = rowHeight();
  const above = body.getBoundingClientRect().top - list.getBoundingClientRect().top;
  const from = Math.max(0, Math.floor(above / height) - AROUND);
  const to = Math.min(total, MOST, Math.ceil((above + body.clientHeight) / height) + AROUND);
  return [Math.min(from, to), Math.max(to, 0)];
}

function rowHeight() {
  return ROW * parseFloat(getComputedStyle(document.documentElement).fontSize);
}

function inSight(mine) {
  const [from, to] = seen(mine.total);
  const places = new Set();
  for (let at = from; at < to; at += 1) places.add(Math.floor(at / STRETCH));
  return [...places];
}

function drawSoon() {
  if (drawing || !listing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    draw();
  });
}

// Have just the rows in sight on the page, and the one that has the focus.
export function draw() {
  if (!listing || !body.clientHeight) return;
  const [from, to] = seen(listing.total);
  const rows = new Map([...list.children].map((row) => [Number(row.dataset.at), row]));
  for (const [at, row] of rows) {
    const focused = row.contains(document.activeElement) && at < listing.total;
    if ((at < from || at >= to) && !focused) {
      row.remove();
      rows.delete(at);
    }
  }
  for (let at = from; at < to; at += 1) {
    const stored = listing.stretches.get(Math.floor(at / STRETCH))?.[at % STRETCH] ?? null;
    const row = rows.get(at);
    if (!row || !alike(row.shown, stored)) place(at, stored, row);
    else row.setAttribute("aria-setsize", listing.total);
  }
  see(listing, from, to);
}

// A row that shows a document as it still is stays, with what was pressed in it.
function alike(one, other) {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

// A row for a document, or for one that is on its way, in the stead of the row `before`, if any. They
// stand in the order of the list, which they are read in.
function place(at, stored, before) {
  const row = copy("document-template");
  row.shown = stored;
  row.dataset.at = at;
  row.style.top = `${at * ROW}rem`;
  row.style.height = `${ROW}rem`;
  row.setAttribute("aria-posinset", at + 1);
  row.setAttribute("aria-setsize", listing.total);
  row.setAttribute("aria-busy", String(!stored));
  if (stored) handlers.fill(row, stored, at);
  if (!before) {
    const after = [...list.children].find((other) => Number(other.dataset.at) > at);
    list.insertBefore(row, after ?? null);
    return;
  }
  const focused = before.contains(document.activeElement) ? document.activeElement.classList[0] : null;
  before.replaceWith(row);
  if (focused) row.querySelector(`.${focused}`)?.focus({ preventScroll: true });
}
