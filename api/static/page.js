// The conversation: a question goes out with the turns before it, an answer comes back.

import { refresh } from "./documents.js";
import { begin } from "./turn.js";
import { ask } from "./wire.js";

const HISTORY = 20; // messages sent along
const form = document.getElementById("composer");
const field = document.getElementById("question");
const send = document.getElementById("send");
const trouble = document.getElementById("trouble");
const conversation = document.getElementById("conversation");
const history = [];
let asking = null;

async function put(question) {
  asking = new AbortController();
  send.textContent = "Stop";
  trouble.textContent = "";
  document.getElementById("welcome").hidden = true;
  const turn = begin(conversation, question);
  try {
    let answer = null;
    for await (const { name, data } of ask({ question, history: history.slice(-HISTORY) }, asking.signal)) {
      if (name === "token") turn.token(data.text);
      else if (name === "answer") answer = data;
      else if (name === "error") throw new Error(data.detail);
    }
    if (answer === null) throw new Error("The answer broke off before its end; ask again.");
    turn.finish(answer);
    history.push({ role: "user", content: question }, { role: "assistant", content: answer.answer });
  } catch (error) {
    if (error.name === "AbortError") turn.stop();
    else {
      turn.fail(error.message);
      if (!field.value) field.value = question;
    }
  }
  asking = null;
  send.textContent = "Ask";
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (asking) {
    asking.abort();
    return;
  }
  const question = field.value.trim();
  if (!question) {
    trouble.textContent = "Write a question first.";
    return;
  }
  field.value = "";
  put(question);
});
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (!asking) form.requestSubmit();
});
for (const example of document.querySelectorAll(".example")) {
  example.addEventListener("click", () => {
    field.focus();
    put(example.textContent);
  });
}
refresh();
