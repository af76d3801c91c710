// One question and its answer, as they stand in the conversation.

import * as acts from "./acts.js";
import { sayBasis } from "./basis.js";
import { sayConfidence, verdictOf } from "./confidence.js";
import { offerCopies } from "./copying.js";
import { copy } from "./dom.js";
import { disagreement, note, passage } from "./notes.js";
import { isMarkdown, markUnsupported, prose, update } from "./prose.js";
import { offerRating } from "./rating.js";
import { unmarked } from "./transcript.js";
import { say } from "./words.js";

const PAUSE = 60; // milliseconds between two drawings of a text that arrives

// A new turn, as `element`. `token` as words arrive, written by `answerer`, then one of `finish`,
// which takes what `offerRating` and `sayBasis` need too, `fail` and `stop`; `arrived` is the text so far. Then
// `offer` what can be done with it, and `complain` of what can't.
export function begin(question, answerer) {
  const turn = copy("turn-template");
  const text = turn.querySelector(".text");
  let arrived = "";
  let drawing = null;
  const draw = () => {
    drawing = null;
    update(text, prose(arrived, [], isMarkdown(answerer)));
    turn.classList.add("writing");
  };
  const settle = () => {
    clearTimeout(drawing);
    drawing = null;
    turn.classList.remove("writing");
    turn.querySelector(".waiting").remove();
    turn.querySelector(".answer").setAttribute("aria-busy", "false");
  };
  turn.querySelector(".asked").textContent = question;
  return {
    element: turn,
    get arrived() {
      return arrived;
    },
    token(words) {
      arrived += words;
      drawing ??= setTimeout(draw, PAUSE);
    },
    finish(answer, rating, asked = {}) {
      settle();
      fill(turn, question, answer);
      sayBasis(turn, answer, asked);
      offerRating(turn, answer, rating);
    },
    fail(message) {
      settle();
      text.replaceChildren();
      this.complain(message);
    },
    complain(message) {
      turn.querySelector(".trouble:not(.editing *)").textContent = message;
    },
    // Its `writer`, `which` answer it is, and what `askAsWritten` and the handlers of `acts` do.
    offer({ writer, askAsWritten, ...handlers }) {
      turn.querySelector(".as-written").addEventListener("click", () => askAsWritten(question));
      acts.offer(turn, question, writer, handlers);
      turn.classList.add("over");
    },
    stop() {
      settle();
      update(text, prose(arrived, [], isMarkdown(answerer)));
      turn.querySelector(".stopped").hidden = false;
    },
  };
}

function fill(turn, question, answer) {
  const find = (selector) => turn.querySelector(selector);
  const reveal = (selector, children) => {
    find(`${selector} ol`).replaceChildren(...children);
    find(selector).hidden = children.length === 0;
  };
  const markdown = isMarkdown(answer.model);
  const { answered, citations, passages, short_answer: short, sentences = [] } = answer;
  const verdict = verdictOf(answer);
  const shown = verdict !== "unanswered";

  turn.classList.toggle("abstained", !shown);
  turn.classList.toggle("unsure", verdict === "unsure");
  find(".verdict").hidden = answered || (!shown && passages.length === 0); // a word on what it is
  find(".verdict").textContent = say(shown ? "turn.verdict_unsure" : "turn.verdict_none");
  find(".replaced").hidden = !answer.replaced_by;
  find(".standalone").hidden = oneLine(answer.question) === oneLine(question);
  find(".standalone q").textContent = answer.question;
  find(".short").hidden = !short || !shown || markdown;
  find(".short").textContent = short ?? "";

  const fragment = prose(answer.answer, citations, markdown);
  const { found, lost } = markUnsupported(fragment, shown ? sentences : [], markdown);
  update(find(".text"), fragment);
  find(".doubts").hidden = found + lost.length === 0;
  find(".doubts p").hidden = found === 0;
  find(".doubts ul").replaceChildren(...lost.map(doubt));

  find(".disagreements").hidden = disagreements(answer).length === 0;
  find(".disagreements ul").replaceChildren(...disagreements(answer).map(disagreement));
  reveal(".notes", citations.map(note));
  find(".foot").hidden = passages.length === 0;
  sayConfidence(find(".foot"), answer);
  offerCopies(turn, answer, shown);
  const summary = say(shown ? "turn.passages" : "turn.nearest", { count: passages.length });
  find(".passages > summary").textContent = summary;
  reveal(".passages", passages.map(passage));
  find(".passages").open = !shown;
}

// A sentence that nothing supports and that was not found in the text as it is set.
function doubt(text) {
  const item = document.createElement("li");
  item.textContent = say("turn.unsupported_sentence", { sentence: unmarked(text) });
  return item;
}

// The citations that say otherwise than one another, in pairs, each with the date of its document.
function disagreements({ citations, passages, contradictions = [] }) {
  const dates = new Map(passages.map(({ document_id, metadata }) => [document_id, metadata?.date]));
  const dated = (number) => {
    const citation = citations.find((one) => one.number === number);
    return citation && { ...citation, date: dates.get(citation.document_id) };
  };
  return contradictions.map((pair) => pair.map(dated)).filter((pair) => pair.every(Boolean));
}

function oneLine(text) {
  return text.split(/\s+/).filter(Boolean).join(" ");
}
