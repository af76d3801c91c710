// One question and its answer, as they stand in the conversation.

import { sayConfidence, verdictOf } from "./confidence.js";
import { announce, copy } from "./dom.js";
import { note, passage } from "./notes.js";
import { isMarkdown, markUnsupported, prose, update } from "./prose.js";
import { offerRating } from "./rating.js";
import { asText, toClipboard, unmarked } from "./transcript.js";

const PAUSE = 60; // milliseconds between two drawings of a text that arrives

// A new turn at the end of `conversation`. `token` as words arrive, written by `answerer`, then one
// of `finish`, which takes what `offerRating` needs too, `fail` and `stop`; `arrived` is the text so far. `askAsWritten` is called with the
// question where it was understood otherwise and is to be asked as it stands.
export function begin(conversation, question, answerer, askAsWritten) {
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
  turn.querySelector(".as-written").addEventListener("click", () => askAsWritten(question));
  conversation.append(turn);
  return {
    element: turn,
    get arrived() {
      return arrived;
    },
    token(words) {
      arrived += words;
      drawing ??= setTimeout(draw, PAUSE);
    },
    finish(answer, rating) {
      settle();
      fill(turn, question, answer);
      offerRating(turn, answer, rating);
    },
    fail(message) {
      settle();
      text.replaceChildren();
      turn.querySelector(".trouble").textContent = message;
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
  find(".verdict").textContent = shown ? "This may be it" : "Not in your documents";
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

  reveal(".notes", citations.map(note));
  find(".foot").hidden = passages.length === 0;
  sayConfidence(find(".foot"), answer);
  if (shown) sayWriter(find(".writer"), answer.model);
  const button = find(".copy");
  button.hidden = !shown;
  button.addEventListener("click", async () => {
    const done = await toClipboard(asText(answer));
    button.textContent = done ? "Copied" : "The browser doesn't allow copying";
    announce(button.textContent);
    setTimeout(() => {
      button.textContent = "Copy";
    }, 2000);
  });
  const words = shown ? "Passages read" : "Nearest passages";
  find(".passages > summary").textContent = `${words} (${passages.length})`;
  reveal(".passages", passages.map(passage));
  find(".passages").open = !shown;
}

// A sentence that nothing supports and that was not found in the text as it is set.
function doubt(text) {
  const item = document.createElement("li");
  item.textContent = `Not supported by the documents: “${unmarked(text)}”`;
  return item;
}

// Who wrote it, where there is a choice.
function sayWriter(element, model) {
  const option = [...document.querySelectorAll("#answerer option")].find((one) => one.value === model);
  element.hidden = !option;
  element.textContent = option?.textContent ?? "";
}

function oneLine(text) {
  return text.split(/\s+/).filter(Boolean).join(" ");
}
