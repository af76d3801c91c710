// Small things that every part of the page is built with.

export const byId = (id) => document.getElementById(id);

// What the template `id` holds, ready to be filled.
export function copy(id) {
  return byId(id).content.firstElementChild.cloneNode(true);
}

export function count(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

// 2024-05-01 as 1 May 2024; whatever else a document says its date is, as it says it.
export function sayDate(value) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return String(value);
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(new Date(value));
}

// Where in a document something stands: "p. 12", "slide 3"; empty where its format has no places.
export function sayLocation({ location, page }) {
  if (location) return location;
  return page === null || page === undefined ? "" : `p. ${page}`;
}

export function sayPlace(place) {
  return [place.title, sayLocation(place)].filter(Boolean).join(", ");
}

// Removing takes two presses of the same button, so that one slip removes nothing.
export function arm(button, verb, name, act) {
  const rest = () => {
    button.textContent = verb;
    button.setAttribute("aria-label", `${verb} ${name}`);
    button.classList.remove("armed");
  };
  rest();
  button.addEventListener("blur", rest);
  button.addEventListener("click", () => {
    if (button.classList.contains("armed")) {
      act();
      return;
    }
    button.textContent = `Really ${verb.toLowerCase()}?`;
    button.setAttribute("aria-label", `Really ${verb.toLowerCase()} ${name}?`);
    button.classList.add("armed");
  });
}

// Say something to those who listen to the page instead of looking at it.
export function announce(words) {
  byId("status").textContent = words;
}
