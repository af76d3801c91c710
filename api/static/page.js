// The conversation: a question goes out with the turns before it, an answer comes back.

import { admitted } from "./admission.js";
import * as chatlist from "./chatlist.js";
import * as chats from "./chats.js";
import { announce, byId } from "./dom.js";
import { refresh } from "./documents.js";
import * as scope from "./scope.js";
import { load, save } from "./storage.js";
import { asMarkdown, download, fileName } from "./transcript.js";
import { begin } from "./turn.js";
import { ask } from "./wire.js";

const HISTORY = 20; // messages sent along
const form = byId("composer");
const field = byId("question");
const send = byId("send");
const trouble = byId("trouble");
const conversation = byId("conversation");
const answerer = byId("answerer"); // only where there is more than one
const take = byId("download");
let chat = chats.begin();
let asking = null;

async function put(question, rewrite = true) {
  const mine = chat;
  const controller = new AbortController();
  asking = controller;
  send.textContent = "Stop";
  trouble.textContent = "";
  byId("welcome").hidden = true;
  const writer = answerer?.value ?? "reader";
  const turn = begin(conversation, question, writer, putAsWritten);
  turn.element.scrollIntoView({ block: "start" });
  announce("Looking it up");
  const body = {
    question,
    history: chats.messages(mine, HISTORY),
    answerer: answerer?.value,
    filter: scope.filter(),
    rewrite,
  };
  try {
    const answer = await answered(body, controller.signal, turn);
    const kept = { question, answer };
    turn.finish(answer, rated(mine, kept, body.history));
    record(mine, kept);
    announce("");
  } catch (error) {
    if (error.name === "AbortError") {
      turn.stop();
      record(mine, { question, stopped: turn.arrived, writer });
      announce("Stopped");
    } else {
      turn.fail(error.message);
      if (!field.value) field.value = question;
    }
  }
  if (asking === controller) {
    asking = null;
    send.textContent = "Ask";
  }
}

// The question of an earlier turn once more, not to be understood otherwise than it was written.
function putAsWritten(question) {
  if (!asking) put(question, false);
}

async function answered(body, signal, turn) {
  for await (const { name, data } of ask(body, signal)) {
    if (name === "token") turn.token(data.text);
    else if (name === "answer") return data;
    else if (name === "error") throw new Error(data.detail);
  }
  throw new Error("The answer broke off before its end; ask again.");
}

// What somebody says of the answer of `turn`, asked after `history`, is kept with it.
function rated(mine, turn, history) {
  const keep = (rating) => {
    turn.rated = rating;
    if (!mine.deleted) chats.keepChanges(mine);
  };
  return { about: { question: turn.question, history }, said: turn.rated, keep };
}

function record(mine, turn) {
  if (mine.deleted) return;
  chats.add(mine, turn);
  if (mine !== chat) return;
  take.hidden = false;
  if (location.hash.slice(1) !== mine.id) history.pushState(null, "", `#${mine.id}`);
}

// Show `next` in the place of the conversation that is open; what is being answered is stopped.
function show(next) {
  asking?.abort();
  asking = null;
  send.textContent = "Ask";
  chat = next;
  scope.show(chat.scope);
  trouble.textContent = "";
  const past = new DocumentFragment(); // filled before it is shown, so that it isn't read aloud anew
  chat.turns.forEach((kept, at) => {
    const turn = begin(past, kept.question, kept.writer, putAsWritten);
    if (kept.answer) {
      const before = chats.messages({ turns: chat.turns.slice(0, at) }, HISTORY);
      turn.finish(kept.answer, rated(next, kept, before));
    } else {
      turn.token(kept.stopped);
      turn.stop();
    }
  });
  conversation.replaceChildren(past);
  byId("welcome").hidden = chat.turns.length > 0;
  take.hidden = chat.turns.length === 0;
  conversation.lastElementChild?.scrollIntoView({ block: "start" });
  if (chat.turns.length === 0) byId("main").scrollTop = 0;
}

function fresh() {
  if (location.hash) history.pushState(null, "", location.pathname);
  show(chats.begin());
  refresh();
}

// The conversation that the address names after its #, so that reload and Back find it again.
function showNamed() {
  show(chats.find(location.hash.slice(1)) ?? chats.begin());
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
for (const link of document.querySelectorAll(".fresh")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    fresh();
    field.focus();
  });
}
byId("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address names the conversation
  field.focus();
});
take.addEventListener("click", () => download(fileName(chat), asMarkdown(chat)));
if (answerer) {
  const kept = load("footnote.answerer");
  if ([...answerer.options].some((option) => option.value === kept)) answerer.value = kept;
  answerer.addEventListener("change", () => save("footnote.answerer", answerer.value));
}
scope.install((chosen) => {
  chat.scope = chosen;
  if (chat.turns.length) chats.keepChanges(chat);
});
chatlist.install({
  open(chosen) {
    history.pushState(null, "", `#${chosen.id}`);
    show(chosen);
  },
  forget() {
    chat.deleted = true;
    fresh();
  },
  current: () => chat,
});
addEventListener("popstate", showNamed);
showNamed();
admitted().then(() => refresh());
