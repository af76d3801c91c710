// Small things that every part of the page is built with.

import { say } from "./words.js";

export const byId = (id) => document.getElementById(id);

// What the template `id` holds, ready to be filled.
export function copy(id) {
  return byId(id).content.firstElementChild.cloneNode(true);
}

// Where in a document something stands: "p. 12", "slide 3"; empty where its format has no places.
export function sayLocation({ location, page }) {
  if (location) return location;
  return page === null || page === undefined ? "" : say("place.page", { page: String(page) });
}

export function sayPlace(place) {
  return [place.title, sayLocation(place)].filter(Boolean).join(", ");
}

// Removing takes two presses of the same button, so that one slip removes nothing.
// `words` are the keys of what it says first and then, those of its labels end in _label; `name` gives
// what is removed.
export function arm(button, words, name, act) {
  const put = (key) => {
    button.textContent = say(key);
    button.setAttribute("aria-label", say(`${key}_label`, { name: name() }));
  };
  const rest = () => {
    put(words.first);
    button.classList.remove("armed");
  };
  rest();
  button.addEventListener("blur", rest);
  button.addEventListener("click", () => {
    if (button.classList.contains("armed")) {
      act();
      return;
    }
    put(words.then);
    button.classList.add("armed");
  });
}

// Say something to those who listen to the page instead of looking at it.
export function announce(words) {
  byId("status").textContent = words;
}
