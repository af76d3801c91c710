// Under an answer: its footnotes, and the passages it was read from.

import { copy, sayPlace } from "./dom.js";
import { openSource } from "./source.js";
import { say, sayDate } from "./words.js";

// A citation: the quote, and a button that opens its source at it.
export function note(citation) {
  const item = copy("note-template");
  item.querySelector(".number").textContent = citation.number;
  item.querySelector("blockquote").textContent = citation.quote;
  item.querySelector(".heads").textContent = citation.column_heads?.text ?? "";
  item.querySelector(".heads").hidden = !citation.column_heads;
  const cite = item.querySelector(".cite");
  const found = citation.attributed ? ` · ${say("note.attributed")}` : "";
  const old = citation.superseded ? ` · ${say("note.superseded")}` : "";
  cite.textContent = sayPlace(citation) + found + old;
  cite.setAttribute("aria-label", say("note.open", { place: sayPlace(citation) }));
  cite.addEventListener("click", () => openSource(citation, cite));
  also(item, citation.also_in);
  return item;
}

// Two citations that say otherwise than one another, side by side.
export function disagreement([one, other]) {
  const item = copy("disagreement-template");
  [one, other].forEach((citation, at) => {
    const side = item.children[at];
    side.querySelector(".number").textContent = citation.number;
    side.querySelector("blockquote").textContent = citation.quote;
    const cite = side.querySelector(".cite");
    cite.textContent = [sayPlace(citation), citation.date && sayDate(citation.date)].filter(Boolean).join(" · ");
    cite.addEventListener("click", () => openSource(citation, cite));
  });
  return item;
}

// A passage as found, with every document that it stands in.
export function passage(found) {
  const item = copy("passage-template");
  const cite = item.querySelector(".cite");
  const { author, date } = found.metadata;
  cite.textContent = [sayPlace(found), author, date && sayDate(date)].filter(Boolean).join(" · ");
  cite.addEventListener("click", () => openSource({ ...found, quote: found.text }, cite));
  const score = item.querySelector(".score");
  score.textContent = found.score.toFixed(2);
  score.setAttribute("title", say("note.score"));
  item.querySelector("p").textContent = found.text;
  also(item, found.also_in);
  return item;
}

function also(item, others = []) {
  item.querySelector(".also").hidden = others.length === 0;
  item.querySelector(".also ul").append(...others.map(other));
}

function other(place) {
  const item = document.createElement("li");
  const cite = document.createElement("button");
  cite.type = "button";
  cite.className = "cite";
  cite.textContent = sayPlace(place);
  cite.addEventListener("click", () => openSource(place, cite));
  item.append(cite);
  return item;
}
