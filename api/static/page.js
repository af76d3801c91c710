// The conversation: a question goes out with the turns before it, an answer comes back.

import { admitted } from "./admission.js";
import * as chatlist from "./chatlist.js";
import * as chats from "./chats.js";
import * as composer from "./composer.js";
import { announce, byId } from "./dom.js";
import { refresh } from "./documents.js";
import * as scope from "./scope.js";
import "./settings.js";
import { load, save, watch } from "./storage.js";
import { asMarkdown, download, fileName } from "./transcript.js";
import { begin } from "./turn.js";
import { ask } from "./wire.js";
import { say } from "./words.js";

const HISTORY = 20; // messages sent along
const conversation = byId("conversation");
const answerer = byId("answerer"); // only where there is more than one
const take = byId("download");
let chat = chats.begin();
let asking = null;

// Ask `question`, of `writer`. `over` is {turn, kept, before} where it takes the place of a turn,
// which is back if nothing comes of it: `kept` of the chat, if it is kept, after the turns `before`.
async function put(question, { rewrite = true, writer = answerer?.value, over } = {}) {
  const mine = chat;
  const controller = new AbortController();
  asking = controller;
  composer.setBusy(true);
  composer.say("");
  byId("welcome").hidden = true;
  const before = over?.before ?? [...mine.turns];
  const sent = chats.messages({ turns: before }, HISTORY);
  const at = new Date().toISOString();
  const all = scope.total();
  const turn = begin(question, writer ?? "reader");
  if (over) over.turn.element.replaceWith(turn.element);
  else conversation.append(turn.element);
  turn.element.scrollIntoView({ block: "start" });
  announce(say("ask.looking"));
  const filter = scope.filter();
  const body = { question, history: sent, answerer: writer, filter, rewrite };
  const back = () => over?.kept && turn.element.replaceWith(over.turn.element);
  try {
    const answer = await answered(body, controller.signal, turn);
    const kept = over?.kept ?? { question };
    Object.assign(kept, { writer, at, all: await all });
    if (over?.kept && question !== kept.question) chats.changeQuestion(mine, kept, question, answer);
    else chats.answerAnew(kept, answer);
    turn.finish(answer, rated(mine, kept, sent), kept);
    offerActs(turn, mine, kept, before);
    record(mine, kept);
    announce("");
  } catch (error) {
    const stopped = error.name === "AbortError";
    if (over?.kept) {
      if (!stopped) over.turn.complain(error.message);
    } else if (stopped) {
      turn.stop();
      const kept = { question, stopped: turn.arrived, writer };
      offerActs(turn, mine, kept, before);
      record(mine, kept);
    } else {
      turn.fail(error.message);
      offerActs(turn, mine, { question, writer }, before);
      if (mine === chat) composer.giveBack(question);
    }
    back();
    if (stopped) announce(say("ask.stopped"));
  }
  if (asking === controller) {
    asking = null;
    composer.setBusy(false);
  }
}

async function answered(body, signal, turn) {
  for await (const { name, data } of ask(body, signal)) {
    if (name === "token") turn.token(data.text);
    else if (name === "answer") return data;
    else if (name === "error") throw new Error(data.detail);
  }
  throw new Error(say("ask.broken_off"));
}

// What is offered at a turn that has ended; one that failed is not kept.
function offerActs(turn, mine, kept, before) {
  const isKept = () => mine.turns.includes(kept);
  const over = () => ({ turn, before, kept: isKept() ? kept : null });
  const unlessAsking = (act) => (...given) => !asking && mine === chat && act(...given);
  turn.offer({
    writer: kept.writer ?? kept.answer?.model ?? "reader",
    which: chats.whichAnswer(kept),
    askAsWritten: unlessAsking((question) => put(question, { rewrite: false })),
    again: unlessAsking((writer) => put(kept.question, { writer: known(writer), over: over() })),
    edit: unlessAsking((question) => edit(question, over())),
    leaf: unlessAsking((step) => {
      chats.leaf(kept, step);
      chats.keepChanges(mine);
      turn.element.replaceWith(past(mine, kept, before));
    }),
  });
}

// An answerer that there still is; else the one that is chosen.
function known(writer) {
  const there = answerer && [...answerer.options].some((option) => option.value === writer);
  return there ? writer : answerer?.value;
}

// Ask a question otherwise. What came after it stays as it was, in a conversation of its own.
function edit(question, over) {
  const { turns } = chat;
  if (!over.kept || turns.at(-1) === over.kept) {
    put(question, { over });
    return;
  }
  const next = chats.branch(chat, over.kept);
  if (location.hash) history.pushState(null, "", location.pathname);
  show(next);
  put(question);
  byId("told").textContent = say("ask.branched");
}

// What somebody says of the answer of `turn`, asked after `sent`, is kept with it.
function rated(mine, turn, sent) {
  const keep = (rating) => {
    turn.rated = rating;
    if (!mine.deleted) chats.keepChanges(mine);
  };
  return { about: { question: turn.question, history: sent }, said: turn.rated, keep };
}

// Keep `turn` as the last of its chat, or what changed in it. What another tab added comes first.
function record(mine, turn) {
  if (mine.deleted) return;
  if (mine.turns.includes(turn)) {
    chats.keepChanges(mine);
    return;
  }
  const behind = chats.add(mine, turn);
  if (mine !== chat) return;
  if (behind) show(mine);
  take.hidden = false;
  if (location.hash.slice(1) !== mine.id) history.pushState(null, "", `#${mine.id}`);
}

// A turn that is over, as an element.
function past(mine, kept, before) {
  const turn = begin(kept.question, kept.answer?.model ?? kept.writer);
  if (kept.answer) turn.finish(kept.answer, rated(mine, kept, chats.messages({ turns: before }, HISTORY)), kept);
  else {
    turn.token(kept.stopped);
    turn.stop();
  }
  offerActs(turn, mine, kept, before);
  return turn.element;
}

// Show `next` in the place of the conversation that is open; what is being answered is stopped.
function show(next) {
  asking?.abort();
  asking = null;
  composer.setBusy(false);
  chat = next;
  scope.show(chat.scope);
  composer.say("");
  byId("told").textContent = "";
  // filled before it is shown, so that it isn't read aloud anew
  conversation.replaceChildren(...chat.turns.map((kept, at) => past(next, kept, chat.turns.slice(0, at))));
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

// What another tab made of the conversations: this one is as it left it there.
function followOthers() {
  chatlist.refresh();
  if (asking || !chat.turns.length) return;
  const there = chats.find(chat.id);
  if (!there) {
    chat.deleted = true;
    fresh();
  } else if (JSON.stringify(there.turns) !== JSON.stringify(chat.turns)) {
    const { scrollTop } = byId("main");
    show(there);
    byId("main").scrollTop = scrollTop;
  }
}

composer.install({
  ask: (question) => {
    byId("told").textContent = "";
    put(question);
  },
  stop: () => asking.abort(),
  editLast() {
    const button = conversation.querySelector(".turn:last-child .edit");
    button?.click();
    return Boolean(button);
  },
});
for (const link of document.querySelectorAll(".fresh")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    fresh();
    composer.focus();
  });
}
byId("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address names the conversation
  composer.focus();
});
take.addEventListener("click", () => download(fileName(chat), asMarkdown(chat)));
if (answerer) {
  const kept = load("footnote.answerer");
  answerer.value = known(kept);
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
watch(chats.KEY, followOthers);
showNamed();
admitted().then(() => refresh());
