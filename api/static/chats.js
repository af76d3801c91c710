// The conversations. They are kept in this browser alone, the newest first; the oldest make room.
//
// A chat is {id, title, changed, turns, scope}, where scope is the part that it asks, or none; a turn
// is {question, answer}, or {question, stopped, writer} with the words that had arrived from that
// answerer when it was stopped; `at` says when it was asked, `all` of how many documents. `before` and `after` hold other answers to its question, as
// {answer, rated}, the newest last, where it was answered more than once.

import { load, save } from "./storage.js";

export const KEY = "footnote.chats.1";
const MOST_CHATS = 50;
const MOST_CHARACTERS = 4_000_000; // browsers keep about five million for a site, some fewer
const LEAST_CHARACTERS = 250_000;
const MOST_ANSWERS = 5; // to one question
let unkept = null; // the chats of this visit, where the browser keeps none

function isChat(one) {
  return typeof one?.id === "string" && typeof one.title === "string" && Array.isArray(one.turns);
}

export function all() {
  const kept = unkept ?? load(KEY);
  return Array.isArray(kept) ? kept.filter(isChat) : [];
}

export function isKept() {
  return unkept === null;
}

export function find(id) {
  return all().find((chat) => chat.id === id);
}

export function begin() {
  const id = [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join("");
  return { id, title: "", changed: "", turns: [] };
}

// Add a turn to `chat`, after those that another tab added meanwhile, and keep the chat. Whether
// there were any.
export function add(chat, turn) {
  const there = find(chat.id)?.turns ?? [];
  const behind = there.length > chat.turns.length;
  if (behind) chat.turns = there;
  chat.turns.push(turn);
  chat.title ||= turn.question.slice(0, 200);
  chat.changed = new Date().toISOString();
  keep([chat, ...all().filter((other) => other.id !== chat.id)]);
  return behind;
}

// Give `turn` one more answer, which is shown from now on; the earlier ones stay at hand.
export function answerAnew(turn, answer) {
  const { answer: shown, rated, before = [], after = [] } = turn;
  if (shown) {
    const earlier = [...before, { answer: shown, rated }, ...after];
    Object.assign(turn, { rated: undefined, before: earlier.slice(1 - MOST_ANSWERS), after: [] });
  }
  turn.answer = answer;
  delete turn.stopped;
}

// Which of its answers a turn shows, and of how many.
export function whichAnswer({ before = [], after = [] }) {
  return { at: before.length + 1, of: before.length + 1 + after.length };
}

// Show the answer before (-1) or after (1) the one that is shown.
export function leaf(turn, step) {
  const { answer, rated, before = [], after = [] } = turn;
  const all = [...before, { answer, rated }, ...after];
  const at = before.length + step;
  if (!all[at]) return;
  Object.assign(turn, all[at], { before: all.slice(0, at), after: all.slice(at + 1) });
}

// Ask another question in the place of `turn`.
export function changeQuestion(chat, turn, question, answer) {
  if (chat.turns[0] === turn) chat.title = question.slice(0, 200);
  Object.assign(turn, { question, answer, rated: undefined, before: [], after: [] });
  delete turn.stopped;
}

// A chat that begins as `chat` did before `turn`.
export function branch(chat, turn) {
  const turns = structuredClone(chat.turns.slice(0, chat.turns.indexOf(turn)));
  return { ...begin(), title: turns[0]?.question.slice(0, 200) ?? "", turns, scope: chat.scope };
}

// Keep what changed in `chat`, in its place among the others.
export function keepChanges(chat) {
  keep(all().map((other) => (other.id === chat.id ? chat : other)));
}

export function remove(id) {
  keep(all().filter((chat) => chat.id !== id));
}

export function clear() {
  keep([]);
}

function keep(chats) {
  for (let most = MOST_CHARACTERS; most >= LEAST_CHARACTERS; most /= 2) {
    if (save(KEY, bounded(chats, most))) {
      unkept = null;
      return;
    }
  }
  unkept = bounded(chats, MOST_CHARACTERS);
}

// As many of `chats` as there is room for, and of the first its last turns if it is too long.
export function bounded(chats, most) {
  const kept = [];
  let room = most;
  for (const chat of chats.slice(0, MOST_CHATS)) {
    let { turns } = chat;
    const size = () => JSON.stringify({ ...chat, turns }).length;
    while (kept.length === 0 && turns.length > 1 && size() > room) turns = turns.slice(1);
    room -= size();
    if (room < 0) break;
    kept.push({ ...chat, turns });
  }
  return kept;
}

// What is sent along with the next question: the last `most` messages.
export function messages(chat, most) {
  return chat.turns
    .filter((turn) => turn.answer)
    .flatMap(({ question, answer }) => [
      { role: "user", content: question },
      { role: "assistant", content: answer.answer },
    ])
    .slice(-most);
}
