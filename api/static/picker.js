// Choosing a part of the documents by its name: a text field with a list of what it may mean (the
// combobox pattern of ARIA). Arrows move, Enter or Tab chooses, Escape leaves.

import { byId } from "./dom.js";
import { getJSON } from "./wire.js";
import { count, say } from "./words.js";

const PAUSE = 120; // milliseconds without typing, before the server is asked
const box = byId("picker");
const input = byId("picker-name");
const list = byId("picker-list");
const told = byId("picker-told");
const question = byId("question");
let places = [];
let at = -1;
let begun = "";
let waiting = null;
let latest = 0;
let handlers = null;

export function install(given) {
  handlers = given;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, PAUSE);
  });
  input.addEventListener("keydown", keyed);
  box.addEventListener("focusout", (event) => {
    if (!box.contains(event.relatedTarget)) close();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
}

// Open it; `sign` is what was typed for it, which goes back into the question on Escape.
export function open(sign) {
  begun = sign;
  box.hidden = false;
  input.value = "";
  input.focus();
  look();
}

function close() {
  clearTimeout(waiting);
  latest += 1;
  box.hidden = true;
  fill([]);
}

async function look() {
  const mine = (latest += 1);
  try {
    const found = await getJSON(`/v1/places?query=${encodeURIComponent(input.value.trim())}`);
    if (mine !== latest) return;
    fill(found.places);
    told.textContent = found.places.length ? "" : say("scope.none");
  } catch (error) {
    if (mine === latest) told.textContent = error.message;
  }
}

function fill(found) {
  places = found;
  list.replaceChildren(...found.map(option));
  list.hidden = found.length === 0;
  input.setAttribute("aria-expanded", String(found.length > 0));
  point(found.length ? 0 : -1);
}

function option(place, index) {
  const item = document.createElement("li");
  item.id = `place-${index}`;
  item.setAttribute("role", "option");
  const name = document.createElement("span");
  name.textContent = place.name;
  const about = document.createElement("span");
  about.className = "about";
  const facts = place.kind === "document" ? place.uri : count("documents", place.documents);
  about.textContent = `${say(`scope.${place.kind}`)} · ${facts}`;
  item.append(name, about);
  item.addEventListener("click", () => choose(index));
  return item;
}

function point(index) {
  at = index;
  [...list.children].forEach((item, other) => item.setAttribute("aria-selected", String(other === at)));
  if (at < 0) input.removeAttribute("aria-activedescendant");
  else {
    input.setAttribute("aria-activedescendant", `place-${at}`);
    list.children[at].scrollIntoView({ block: "nearest" });
  }
}

function choose(index) {
  const place = places[index];
  close();
  handlers.chosen(place);
}

function keyed(event) {
  if (event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && places.length) point((at + step + places.length) % places.length);
  else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey && at >= 0)) {
    if (at >= 0) choose(at);
  } else if (event.key === "Escape") {
    const typed = begun && begun + input.value;
    close();
    question.setRangeText(typed, question.selectionStart, question.selectionEnd, "end");
    handlers.left();
  } else return;
  event.preventDefault();
}
