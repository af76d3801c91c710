// The conversations that this browser keeps: opening, taking away and deleting them.

import * as chats from "./chats.js";
import { arm, byId, copy } from "./dom.js";
import * as panel from "./panel.js";
import { asMarkdown, download, fileName } from "./transcript.js";
import { count, say, sayDate } from "./words.js";

const DELETE = { first: "chats.delete", then: "really.delete" };
const section = byId("chats");
const button = byId("chats-button");
const list = byId("chat-list");
let handlers = null;

// Set the list up. `open(chat)` is called with the one that was chosen, `forget()` when the one
// that is `current()` was deleted.
export function install({ open, forget, current }) {
  const gone = () => {
    if (current().turns.length && !chats.find(current().id)) forget();
    fill();
    byId("chats-title").focus();
  };
  handlers = { open, gone, current };
  arm(byId("clear-chats"), DELETE, () => say("chats.all"), () => {
    chats.clear();
    gone();
  });
  button.addEventListener("click", () => {
    if (panel.isShown(section)) {
      panel.close();
      return;
    }
    fill();
    panel.show(section, button);
  });
}

function fill() {
  const all = chats.all();
  list.replaceChildren(...all.map((chat) => row(chat, handlers)));
  byId("no-chats").hidden = all.length > 0;
  byId("clear-chats").hidden = all.length < 2;
  byId("chats-unkept").hidden = chats.isKept();
}

// Show what another tab made of it. Where the focus was on a row it stays on it; a press that
// decides is waited for.
export function refresh() {
  if (!panel.isShown(section) || section.querySelector(".armed")) return;
  const rows = [...list.children];
  const at = rows.findIndex((item) => item.contains(document.activeElement));
  const name = at < 0 ? "" : rows[at].querySelector(".open").textContent;
  const place = at < 0 ? -1 : [...rows[at].querySelectorAll("button")].indexOf(document.activeElement);
  fill();
  if (at < 0) return;
  const same = [...list.children].find((item) => item.querySelector(".open").textContent === name);
  (same?.querySelectorAll("button")[place] ?? byId("chats-title")).focus();
}

function row(chat, { open, gone, current }) {
  const item = copy("chat-template");
  const title = item.querySelector(".open");
  title.textContent = chat.title;
  if (chat.id === current().id) title.setAttribute("aria-current", "true");
  title.addEventListener("click", () => {
    open(chat);
    panel.close();
  });
  const day = sayDate(chat.changed.slice(0, 10));
  item.querySelector(".about").textContent = `${day} · ${count("questions", chat.turns.length)}`;
  const save = item.querySelector(".save");
  save.setAttribute("aria-label", say("chats.download_label", { title: chat.title }));
  save.addEventListener("click", () => download(fileName(chat), asMarkdown(chat)));
  arm(item.querySelector(".remove"), DELETE, () => chat.title, () => {
    chats.remove(chat.id);
    gone();
  });
  return item;
}
