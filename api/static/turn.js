// One question and its answer, as they stand in the conversation.

import { openSource, sayDate, sayPlace } from "./source.js";

const MARKER = /\s*\[(\d+)\]/;

function copy(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

function sayConfidence(confidence, answered) {
  const share = Math.round(confidence * 100);
  const percent = share < 1 ? "under 1 %" : share > 99 ? "over 99 %" : `${share} %`;
  if (!answered) return `Confidence that they hold an answer: ${percent}`;
  const words = [[0.9, "Very likely right"], [0.75, "Likely right"], [0.5, "Probably right"]];
  const [, word] = words.find(([least]) => confidence >= least) ?? [0, "Uncertain"];
  return `${word} · ${percent}`;
}

function marker(number, citation) {
  const sup = document.createElement("sup");
  if (!citation) {
    sup.textContent = number;
    return sup;
  }
  const button = document.createElement("button");
  button.type = "button";
  button.className = "ref";
  button.textContent = number;
  button.setAttribute("aria-label", `Footnote ${number}: open ${sayPlace(citation)}`);
  button.addEventListener("click", () => openSource(citation, button));
  sup.append(button);
  return sup;
}

// The text as paragraphs; each marker [n] becomes a superscript, which opens citation n.
function paragraphs(text, citations) {
  const byNumber = new Map(citations.map((citation) => [citation.number, citation]));
  return text.split(/\n{2,}/).map((words) => {
    const paragraph = document.createElement("p");
    words.split(MARKER).forEach((part, at) => {
      paragraph.append(at % 2 ? marker(part, byNumber.get(Number(part))) : part);
    });
    return paragraph;
  });
}

function note(citation) {
  const item = copy("note-template");
  item.querySelector(".number").textContent = citation.number;
  item.querySelector("blockquote").textContent = citation.quote;
  const cite = item.querySelector(".cite");
  cite.textContent = sayPlace(citation);
  cite.setAttribute("aria-label", `Open ${sayPlace(citation)} at this quote`);
  cite.addEventListener("click", () => openSource(citation, cite));
  return item;
}

function passage(found) {
  const item = copy("passage-template");
  const cite = item.querySelector(".cite");
  const { author, date } = found.metadata;
  cite.textContent = [sayPlace(found), author, date && sayDate(date)].filter(Boolean).join(" · ");
  cite.addEventListener("click", () => openSource({ ...found, quote: found.text }, cite));
  const score = item.querySelector(".score");
  score.textContent = found.score.toFixed(2);
  score.setAttribute("title", "How well the passage fits the question, 0 to 1");
  item.querySelector("p").textContent = found.text;
  return item;
}

// A new turn at the end of `conversation`: `token` as words arrive, then `finish` or `fail`.
export function begin(conversation, question) {
  const turn = copy("turn-template");
  const find = (selector) => turn.querySelector(selector);
  const reveal = (selector, children) => {
    find(`${selector} ol`).replaceChildren(...children);
    find(selector).hidden = children.length === 0;
  };
  const settle = () => {
    find(".waiting").remove();
    find(".answer").setAttribute("aria-busy", "false");
  };
  let arrived = "";
  find(".asked").textContent = question;
  conversation.append(turn);
  turn.scrollIntoView({ block: "start" });
  return {
    token(text) {
      arrived += text;
      find(".text").replaceChildren(...paragraphs(arrived, []));
    },
    finish(answer) {
      settle();
      turn.classList.toggle("abstained", !answer.answered);
      find(".verdict").hidden = answer.answered;
      find(".short").hidden = !answer.short_answer || !answer.answered;
      find(".short").textContent = answer.short_answer ?? "";
      find(".text").replaceChildren(...paragraphs(answer.answer, answer.citations));
      reveal(".notes", answer.citations.map(note));
      find(".figures").textContent = sayConfidence(answer.confidence, answer.answered);
      find(".figures").hidden = false;
      const words = answer.answered ? "Passages read" : "Nearest passages";
      find("summary").textContent = `${words} (${answer.passages.length})`;
      reveal(".passages", answer.passages.map(passage));
      find(".passages").open = !answer.answered;
    },
    fail(message) {
      settle();
      find(".text").replaceChildren();
      find(".trouble").textContent = message;
    },
    stop() {
      settle();
      find(".figures").textContent = "Stopped";
      find(".figures").hidden = false;
    },
  };
}
