// A document's whole text, exactly as it is stored, with its pages and headings made out and one
// stretch of it marked.

import { byId } from "./dom.js";

const body = byId("source-text");

// Where each of the code points `counts` lies in `text`, counted in UTF-16 units as JavaScript
// does; `counts` may be in any order.
export function unitsOf(text, counts) {
  if (!/[\ud800-\udbff]/.test(text)) return counts.map((count) => Math.min(count, text.length));
  const order = counts.map((count, at) => ({ count, at })).sort((one, other) => one.count - other.count);
  const places = [];
  let units = 0;
  let passed = 0;
  for (const { count, at } of order) {
    for (; passed < count && units < text.length; passed += 1) {
      units += text.codePointAt(units) > 0xffff ? 2 : 1;
    }
    places[at] = units;
  }
  return places;
}

// Set `text` and mark what is between `start` and `end`, where they are given; whether that is
// `quote`, which alone is marked. `pages` are [{at, label}], `headings` [{from, to, level, depth}],
// both in order.
export function setText(text, { pages, headings }, { start, end, quote }) {
  const marked = start !== undefined;
  const [from, to] = marked ? unitsOf(text, [start, end]) : [0, 0];
  const stands = !marked || text.slice(from, to) === quote;
  const signs = [
    ...pages.map(({ at, label }) => ({ at, page: label })),
    ...headings.map((heading) => ({ at: heading.from, heading })),
  ].sort((one, other) => one.at - other.at);
  if (!marked || !stands) {
    body.replaceChildren(...pieces(text, 0, text.length, signs));
    body.scrollTop = 0;
    return stands;
  }
  const before = pieces(text, 0, from, signs);
  const mark = document.createElement("mark");
  mark.append(...pieces(text, from, to, signs));
  body.replaceChildren(...before, mark, ...pieces(text, to, text.length, signs));
  showMark();
  return true;
}

export function showMark() {
  const mark = body.querySelector("mark");
  if (!mark) return;
  const fits = mark.getBoundingClientRect().height < body.clientHeight;
  mark.scrollIntoView({ block: fits ? "center" : "start" });
}

// `text` from `from` to `to` as nodes, with those pages of `signs` that were not set yet and its
// share of each heading.
function pieces(text, from, to, signs) {
  const nodes = [];
  let done = from;
  const upTo = (place) => {
    if (place > done) nodes.push(text.slice(done, place));
    done = Math.max(done, place);
  };
  for (const sign of signs) {
    const { at, page, heading } = sign;
    if (at > to) break;
    if (page !== undefined && !sign.set) {
      sign.set = true;
      upTo(at);
      nodes.push(pageMark(page));
    } else if (heading && heading.to > from) {
      const end = Math.min(heading.to, to);
      upTo(at);
      if (end > done) nodes.push(title(text.slice(done, end), heading, done === at));
      done = Math.max(done, end);
    }
  }
  upTo(to);
  return nodes;
}

// Nothing that is selected or copied: what it says is drawn by the style.
function pageMark(label) {
  const mark = document.createElement("span");
  mark.className = "page-mark";
  mark.dataset.label = label;
  return mark;
}

function title(words, { level, depth }, whole) {
  const span = document.createElement("span");
  span.className = `heading level-${Math.min(level, 3)}`;
  span.textContent = words;
  if (whole) {
    span.setAttribute("role", "heading");
    span.setAttribute("aria-level", depth);
  }
  return span;
}

// The range of `text` from `from` to `to`, in UTF-16 units, in what is set.
export function rangesOf(stretches) {
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const ranges = [];
  let node = walker.nextNode();
  let begin = 0;
  for (const { from, to } of stretches) {
    const range = document.createRange();
    while (node && begin + node.data.length <= from) {
      begin += node.data.length;
      node = walker.nextNode();
    }
    range.setStart(node, from - begin);
    while (begin + node.data.length < to) {
      begin += node.data.length;
      node = walker.nextNode();
    }
    range.setEnd(node, to - begin);
    ranges.push(range);
  }
  return ranges;
}

// Scroll so that the place `at` of the text is seen near the top.
export function scrollTo(at, share = 0.08) {
  const [range] = rangesOf([{ from: at, to: at + 1 }]);
  const { top } = range.getBoundingClientRect();
  body.scrollTop += top - body.getBoundingClientRect().top - body.clientHeight * share;
}
