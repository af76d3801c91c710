// A page of a document as a picture, with the words of a quote marked on it.

import { byId } from "./dom.js";
import { getPicture } from "./wire.js";
import { percent, say } from "./words.js";

const WIDTHS = [800, 1200, 1600, 2400]; // pixels that pictures are asked for in, so that few differ
const ZOOMS = [1, 1.25, 1.5, 2, 3]; // times the width of the panel
const view = byId("source-page");
const sheet = byId("sheet");
const canvas = sheet.querySelector("canvas");
const field = byId("page-number");
const buttons = {
  back: byId("page-back"),
  next: byId("page-next"),
  smaller: byId("zoom-out"),
  fit: byId("zoom-fit"),
  larger: byId("zoom-in"),
};
let open = null; // {path, title, count, marks, quote, say, number, drawn, zoom}

// Show page `number`. `document` says its `path`, `title` and `count` of pages; `marks` are
// rectangles by the number of their page, those of `quote`; `say` is told why a page isn't shown.
export async function showSheet(document, number) {
  open = { ...document, number: 0, drawn: 0, zoom: 0 };
  byId("page-count").textContent = say("source.of", { count: open.count });
  canvas.width = canvas.height = 0;
  sheet.style.width = "100%";
  await turn(number);
}

export function closeSheet() {
  open = null;
}

// Which page is shown.
export function shownPage() {
  return open?.number;
}

// Turn to page `number`; a failure is thrown, and the page before stays.
export async function turn(number) {
  const mine = open;
  mine.asked = number;
  view.setAttribute("aria-busy", "true");
  try {
    const bitmap = await picture(mine, number);
    if (mine !== open || mine.asked !== number) return;
    mine.number = number;
    put(mine, bitmap);
    reveal(mine);
  } finally {
    if (mine === open && mine.asked === number) {
      mine.asked = null;
      view.setAttribute("aria-busy", "false");
      label(mine);
    }
  }
}

async function picture(mine, number) {
  const wanted = view.clientWidth * ZOOMS[mine.zoom] * devicePixelRatio;
  const width = WIDTHS.find((one) => one >= wanted) ?? WIDTHS.at(-1);
  const blob = await getPicture(`${mine.path}/pages/${number}.png?width=${width}`);
  mine.drawn = width;
  return createImageBitmap(blob);
}

function put(mine, bitmap) {
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
  canvas.setAttribute("aria-label", say("source.page_of", { page: mine.number, title: mine.title }));
  const marks = mine.marks.get(mine.number) ?? [];
  sheet.querySelector(".marks").replaceChildren(...marks.map(box));
  sheet.querySelector("figcaption").textContent = marks.length ? say("source.marked", { quote: mine.quote }) : "";
}

function box({ left, top, right, bottom }) {
  const mark = document.createElement("div");
  const sides = { left, top, width: right - left, height: bottom - top };
  for (const [side, share] of Object.entries(sides)) mark.style[side] = `${share * 100}%`;
  return mark;
}

// Scroll to what is marked, or else to where the page begins.
function reveal(mine) {
  const mark = sheet.querySelector(".marks > div");
  view.scrollTo(0, 0);
  if (!mark) return;
  const { top, left, height } = mark.getBoundingClientRect();
  const around = view.getBoundingClientRect();
  view.scrollTop = top - around.top - (view.clientHeight - height) / 2;
  if (mine.zoom) view.scrollLeft = left - around.left - view.clientWidth / 4;
}

function label(mine) {
  field.value = mine.number;
  buttons.back.disabled = mine.number <= 1;
  buttons.next.disabled = mine.number >= mine.count;
  buttons.smaller.disabled = mine.zoom === 0;
  buttons.larger.disabled = mine.zoom === ZOOMS.length - 1;
  buttons.fit.textContent = percent(ZOOMS[mine.zoom]);
}

async function go(number) {
  const mine = open;
  if (!mine) return; // it is on its way
  const wanted = Math.min(Math.max(Math.trunc(number) || 1, 1), mine.count);
  if (wanted === mine.number && !mine.asked) {
    label(mine);
    return;
  }
  try {
    await turn(wanted);
    if (mine === open) mine.say("");
  } catch (error) {
    if (mine === open) mine.say(error.message);
  }
}

// Draw the page wider or less so, around the middle of what is seen of it; anew where it needs more.
async function zoom(to) {
  const mine = open;
  if (!mine || to < 0 || to >= ZOOMS.length || to === mine.zoom) return;
  const middle = {
    x: (view.scrollLeft + view.clientWidth / 2) / view.scrollWidth,
    y: (view.scrollTop + view.clientHeight / 2) / view.scrollHeight,
  };
  mine.zoom = to;
  sheet.style.width = `${ZOOMS[to] * 100}%`;
  view.scrollLeft = middle.x * view.scrollWidth - view.clientWidth / 2;
  view.scrollTop = middle.y * view.scrollHeight - view.clientHeight / 2;
  label(mine);
  const { number, drawn } = mine;
  if (view.clientWidth * ZOOMS[to] * devicePixelRatio <= drawn || drawn === WIDTHS.at(-1)) return;
  try {
    const bitmap = await picture(mine, number);
    if (mine === open && mine.number === number) put(mine, bitmap);
  } catch (error) {
    if (mine === open) mine.say(error.message);
  }
}

const at = () => open?.asked ?? open?.number; // the page that is shown, or on its way
const zoomBy = (steps) => zoom(open?.zoom + steps);
buttons.back.addEventListener("click", () => go(at() - 1));
buttons.next.addEventListener("click", () => go(at() + 1));
buttons.smaller.addEventListener("click", () => zoomBy(-1));
buttons.larger.addEventListener("click", () => zoomBy(1));
buttons.fit.addEventListener("click", () => zoom(0));
field.addEventListener("change", () => go(Number(field.value)));
field.addEventListener("focus", () => field.select());

const KEYS = {
  ArrowLeft: () => view.scrollWidth <= view.clientWidth && at() > 1 && go(at() - 1),
  ArrowRight: () => view.scrollWidth <= view.clientWidth && at() < open.count && go(at() + 1),
  PageUp: () => view.scrollTop <= 0 && at() > 1 && go(at() - 1),
  PageDown: () => view.scrollTop >= view.scrollHeight - view.clientHeight - 1 && at() < open.count && go(at() + 1),
  "+": () => zoomBy(1),
  "-": () => zoomBy(-1),
  0: () => zoom(0),
};
view.addEventListener("keydown", (event) => {
  if (!open || event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(KEYS, event.key)) return;
  if (KEYS[event.key]()) event.preventDefault();
});
