// The headings of a document, to go to one of them.

import { byId } from "./dom.js";

const button = byId("outline-button");
const list = byId("outline");
const covered = [byId("source-page"), byId("source-text")];

// Offer `headings`, [{words, level}]; `go` is told which was chosen. Hidden where there is none.
export function outline(headings, go) {
  fold();
  button.hidden = headings.length === 0;
  const least = Math.min(...headings.map((one) => one.level));
  list.replaceChildren(
    ...headings.map(({ words, level }, at) => {
      const item = document.createElement("li");
      const link = document.createElement("button");
      link.type = "button";
      link.className = `depth-${Math.min(level - least, 4)}`;
      link.textContent = words;
      link.addEventListener("click", () => {
        fold();
        go(at);
      });
      item.append(link);
      return item;
    }),
  );
}

export function fold() {
  unfold(false);
}

function unfold(open) {
  list.parentElement.hidden = !open;
  button.setAttribute("aria-expanded", String(open));
  for (const view of covered) view.inert = open;
}

button.addEventListener("click", () => {
  const open = list.parentElement.hidden;
  unfold(open);
  if (open) list.querySelector("button").focus();
});
list.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    event.stopPropagation(); // it closes the panel else
    fold();
    button.focus();
    return;
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  const item = document.activeElement.closest("li");
  const other = event.key === "ArrowDown" ? item?.nextElementSibling : item?.previousElementSibling;
  other?.firstElementChild.focus();
});
