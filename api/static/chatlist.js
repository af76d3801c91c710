// The conversations that this browser keeps: opening, taking away and deleting them.

import * as chats from "./chats.js";
import { arm, byId, copy, count, sayDate } from "./dom.js";
import * as panel from "./panel.js";
import { asMarkdown, download, fileName } from "./transcript.js";

const section = byId("chats");
const button = byId("chats-button");

// Set the list up. `open(chat)` is called with the one that was chosen, `forget()` when the one
// that is `current()` was deleted.
export function install({ open, forget, current }) {
  const gone = () => {
    if (current().turns.length && !chats.find(current().id)) forget();
    refresh();
    byId("chats-title").focus();
  };
  const refresh = () => {
    const all = chats.all();
    byId("chat-list").replaceChildren(...all.map((chat) => row(chat, { open, gone, current })));
    byId("no-chats").hidden = all.length > 0;
    byId("clear-chats").hidden = all.length < 2;
    byId("chats-unkept").hidden = chats.isKept();
  };
  arm(byId("clear-chats"), "Delete", "all conversations", () => {
    chats.clear();
    gone();
  });
  button.addEventListener("click", () => {
    if (panel.isShown(section)) {
      panel.close();
      return;
    }
    refresh();
    panel.show(section, button);
  });
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
  item.querySelector(".about").textContent = `${day} · ${count(chat.turns.length, "question")}`;
  const save = item.querySelector(".save");
  save.setAttribute("aria-label", `Download ${chat.title}`);
  save.addEventListener("click", () => download(fileName(chat), asMarkdown(chat)));
  arm(item.querySelector(".remove"), "Delete", chat.title, () => {
    chats.remove(chat.id);
    gone();
  });
  return item;
}
