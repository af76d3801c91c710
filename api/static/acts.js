// What can be done with a turn: ask it otherwise, have it answered again, leaf through its answers.

import { problemOf } from "./composer.js";
import { say } from "./words.js";

// Offer it under `turn`, whose `question` was answered by `writer`. `edit(question)`, `again(writer)`
// and `leaf(step)` are called; `which` is {at, of}, the number of the answer that is shown.
export function offer(turn, question, writer, { edit, again, leaf, which }) {
  offerEditing(turn, question, edit);
  const acts = turn.querySelector(".acts");
  const button = acts.querySelector(".again");
  button.addEventListener("click", () => again(writer));
  for (const { value, textContent } of document.querySelectorAll("#answerer option")) {
    if (value === writer) continue;
    const other = button.cloneNode();
    other.textContent = say("turn.ask_other", { answerer: textContent });
    other.addEventListener("click", () => again(value));
    acts.append(other);
  }
  const versions = acts.querySelector(".versions");
  versions.hidden = which.of < 2;
  versions.querySelector(".which").textContent = say("count.of", { at: which.at, all: which.of });
  const [back, next] = versions.querySelectorAll("button");
  back.disabled = which.at === 1;
  next.disabled = which.at === which.of;
  back.addEventListener("click", () => leaf(-1));
  next.addEventListener("click", () => leaf(1));
}

function offerEditing(turn, question, edit) {
  const button = turn.querySelector(".edit");
  const form = turn.querySelector(".editing");
  const field = form.querySelector("textarea");
  const trouble = form.querySelector(".trouble");
  const shut = () => {
    form.hidden = true;
    turn.querySelector(".asking").hidden = false;
    button.focus();
  };
  button.addEventListener("click", () => {
    form.hidden = false;
    turn.querySelector(".asking").hidden = true;
    field.value = question;
    trouble.textContent = "";
    field.focus();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    trouble.textContent = problemOf(field.value);
    if (!trouble.textContent) edit(field.value.trim());
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === "Escape") {
      event.stopPropagation(); // it closes the panel else
      shut();
    }
  });
  form.querySelector(".never").addEventListener("click", shut);
}
