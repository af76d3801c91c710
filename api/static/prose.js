// The text of an answer as elements: paragraphs, or Markdown; its markers as footnote numbers; the
// sentences that the documents don't bear out marked.

import { sayPlace } from "./dom.js";
import { render } from "./markdown.js";
import { openSource } from "./source.js";
import { say } from "./words.js";

const MARKER = /\s*\[(\d{1,4})\]/;
const LAST_WORD = /\S{0,24}$/;
const SIGNS = /^[^\p{L}\p{N}\s]*/u;

// The reader quotes documents word for word, which is no Markdown, so only what others wrote is.
export function isMarkdown(answerer) {
  return answerer !== "reader";
}

// `text` as a DocumentFragment in which the marker [n] is a number that opens citation n.
export function prose(text, citations, markdown) {
  const fragment = markdown ? render(text) : paragraphs(text);
  const byNumber = new Map(citations.map((citation) => [citation.number, citation]));
  for (const node of textNodes(fragment)) {
    if (MARKER.test(node.data)) node.replaceWith(...referenced(node.data, byNumber));
  }
  return fragment;
}

function paragraphs(text) {
  const fragment = new DocumentFragment();
  for (const words of text.split(/\n{2,}/)) {
    const paragraph = document.createElement("p");
    paragraph.textContent = words;
    fragment.append(paragraph);
  }
  return fragment;
}

// Words with their markers as footnote numbers, each glued to the word before and the signs after
// it, so that no line ends between them.
function referenced(text, byNumber) {
  const nodes = [];
  const parts = text.split(MARKER); // words, number, words, …, words
  let glue = null;
  for (let at = 0; at < parts.length; at += 2) {
    let words = parts[at];
    if (glue) {
      const [signs] = SIGNS.exec(words);
      glue.append(signs);
      words = words.slice(signs.length);
      if (words) glue = null;
    }
    if (at + 1 === parts.length) {
      nodes.push(words);
      break;
    }
    if (!glue) {
      const [last] = LAST_WORD.exec(words);
      glue = document.createElement("span");
      glue.className = "glue";
      glue.append(last);
      nodes.push(words.slice(0, words.length - last.length), glue);
    }
    glue.append(reference(parts[at + 1], byNumber.get(Number(parts[at + 1]))));
  }
  return nodes;
}

function reference(number, citation) {
  const sup = document.createElement("sup");
  const ref = document.createElement(citation ? "button" : "span");
  ref.className = "ref";
  ref.textContent = number;
  if (citation) {
    ref.type = "button";
    ref.setAttribute("aria-label", say("note.label", { number, place: sayPlace(citation) }));
    ref.addEventListener("click", () => openSource(citation, ref));
  }
  sup.append(ref);
  return sup;
}

function textNodes(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
}

// Put `fragment` in the place of what `element` holds, touching only what differs: what was
// selected stays selected, and what was read aloud is not read again.
export function update(element, fragment) {
  const old = [...element.childNodes];
  const fresh = [...fragment.childNodes];
  let same = 0;
  while (same < old.length && same < fresh.length && old[same].isEqualNode(fresh[same])) same += 1;
  for (const node of old.slice(same)) node.remove();
  element.append(...fresh.slice(same));
}

// Mark each of `sentences` that is not supported where it stands in `root`; how many were found,
// and the texts of those that were not.
// Both are compared by their letters and digits alone: Markdown's signs and line breaks differ.
export function markUnsupported(root, sentences, markdown) {
  const letters = [];
  for (const node of textNodes(root)) {
    if (node.parentElement?.closest("sup")) continue;
    for (const { 0: letter, index } of node.data.matchAll(/[\p{L}\p{N}]/gu)) {
      letters.push({ letter, node, from: index, to: index + letter.length });
    }
  }
  const written = letters.map((one) => one.letter);
  const found = [];
  const lost = [];
  let after = 0;
  for (const { text, supported } of sentences) {
    const wanted = lettersOf(text, markdown);
    const start = wanted.length ? indexOf(written, wanted, after) : -1;
    if (start >= 0) after = start + wanted.length;
    if (!supported && start < 0) lost.push(text);
    else if (!supported) found.push(letters.slice(start, after));
  }
  for (const sentence of found.reverse()) underline(sentence); // from the end: earlier offsets stay true
  return { found: found.length, lost };
}

function lettersOf(text, markdown) {
  const fragment = prose(text, [], markdown);
  for (const sup of fragment.querySelectorAll("sup")) sup.remove();
  return fragment.textContent.match(/[\p{L}\p{N}]/gu) ?? [];
}

function indexOf(all, wanted, from) {
  for (let start = from; start + wanted.length <= all.length; start += 1) {
    if (wanted.every((letter, at) => all[start + at] === letter)) return start;
  }
  return -1;
}

// Wrap the stretch of each text node that `letters` reach over, with the full stop that follows.
function underline(letters) {
  const stretches = new Map();
  for (const { node, from, to } of letters) {
    const stretch = stretches.get(node);
    if (stretch) stretch.to = to;
    else stretches.set(node, { from, to });
  }
  const nodes = [...stretches].reverse();
  nodes.forEach(([node, { from, to }], at) => {
    const end = at === 0 ? to + SIGNS.exec(node.data.slice(to))[0].length : to;
    const stretch = node.splitText(from);
    stretch.splitText(end - from);
    const span = document.createElement("span");
    span.className = "unsupported";
    span.title = say("turn.unsupported_title");
    stretch.replaceWith(span);
    if (at === nodes.length - 1) {
      const note = document.createElement("span");
      note.className = "unseen";
      note.textContent = say("turn.unsupported");
      span.append(note);
    }
    span.append(stretch);
  });
}
