// The panel beside the conversation: a column on wide screens, a sheet over it on narrow ones.

const panel = document.getElementById("panel");
const around = [document.getElementById("bar"), document.getElementById("main")];
const narrow = matchMedia("(max-width: 60rem)");
const doors = document.querySelectorAll("#bar [data-opens]");
let opener = null;

function cover() {
  const covered = !panel.hidden && narrow.matches;
  for (const element of around) element.inert = covered;
}

function sayOpen(id) {
  for (const door of doors) door.setAttribute("aria-expanded", door.dataset.opens === id);
}

export function show(section, by) {
  if (panel.hidden || !panel.contains(by)) opener = by;
  for (const other of panel.querySelectorAll("section")) other.hidden = other !== section;
  const heading = section.querySelector("h2");
  panel.setAttribute("aria-labelledby", heading.id);
  panel.hidden = false;
  sayOpen(section.id);
  document.body.classList.add("panelled");
  cover();
  heading.focus({ preventScroll: true });
}

export function isShown(section) {
  return !panel.hidden && !section.hidden;
}

export function close() {
  if (panel.hidden) return;
  panel.hidden = true;
  sayOpen(null);
  document.body.classList.remove("panelled");
  cover();
  panel.dispatchEvent(new Event("closed"));
  const back = opener?.isConnected ? opener : document.getElementById("question");
  back.focus({ preventScroll: true });
}

narrow.addEventListener("change", cover);
document.getElementById("close").addEventListener("click", close);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});
