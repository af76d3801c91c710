// The field that questions are written in. One that is too long is told so, and kept whole.

import { byId } from "./dom.js";
import { say as words } from "./words.js";

const form = byId("composer");
const field = byId("question");
const send = byId("send");
const trouble = byId("trouble");
const most = Number(field.dataset.most); // characters of a message
let told = ""; // the trouble that the text itself is
let busy = false;

// Why `question` can't be asked; nothing where it can.
export function problemOf(question) {
  if (!question.trim()) return words("ask.nothing");
  const length = [...question.trim()].length; // as the server counts them
  if (length <= most) return "";
  return words("ask.too_long", { length, most });
}

// Whether an answer is on its way: the button stops it then.
export function setBusy(state) {
  busy = state;
  send.textContent = words(busy ? "ask.stop" : "ask.send");
}

export function say(problem) {
  trouble.textContent = told = problem;
}

// Put a question back that could not be answered, unless another one is being written.
export function giveBack(question) {
  if (!field.value) field.value = question;
}

export const focus = () => field.focus();

// Set it up: `ask(question)`, `stop()`, and `editLast()` for the arrow up in an empty field.
export function install({ ask, stop, editLast }) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) {
      stop();
      return;
    }
    const problem = problemOf(field.value);
    say(problem);
    if (problem) return;
    const question = field.value.trim();
    field.value = "";
    ask(question);
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (!busy) form.requestSubmit();
    } else if (event.key === "ArrowUp" && !field.value && !busy && editLast()) event.preventDefault();
  });
  field.addEventListener("input", () => {
    const problem = field.value.trim() ? problemOf(field.value) : "";
    if (problem !== told) say(problem);
  });
  for (const example of document.querySelectorAll(".example")) {
    example.addEventListener("click", () => {
      if (busy) return;
      field.focus();
      ask(example.textContent);
    });
  }
}
