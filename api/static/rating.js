// What somebody says of an answer: right, or wrong, and where the right one stands. The server keeps
// it as lines that `footnote eval` reads.

import { announce, byId } from "./dom.js";
import { post } from "./wire.js";
import { say } from "./words.js";

const bar = byId("placing");
const here = byId("place-here");
const body = byId("source-text");
const section = byId("source");
let placing = null; // {send, told}: the answer whose right place is being looked for

// Offer it under `turn`: `about` is {question, history}; `said` is "up" or "down" where it was said
// before, and `keep` is called with what is said now.
export function offerRating(turn, answer, { about, said, keep }) {
  const told = turn.querySelector(".told");
  const wrong = turn.querySelector(".wrong");
  const buttons = [...turn.querySelectorAll("[data-rating]")];
  const press = (rating) => {
    for (const button of buttons) button.setAttribute("aria-pressed", button.dataset.rating === rating);
  };
  const send = async (rating, more, thanks) => {
    try {
      await post("/v1/feedback", { ...about, rating, ...more });
    } catch (error) {
      told.textContent = error.message;
      return;
    }
    press(rating);
    keep(rating);
    told.textContent = thanks;
    announce(thanks);
    wrong.hidden = rating === "up" || "places" in more || "answerable" in more;
  };
  press(said);
  for (const button of buttons) {
    const { rating } = button.dataset;
    button.addEventListener("click", () =>
      rating === "up"
        ? send(rating, borneOutBy(answer), say("rating.thanks_up"))
        : send(rating, {}, say("rating.thanks_down")),
    );
  }
  turn.querySelector(".find-place").addEventListener("click", () => {
    begin({
      told,
      send: (place) => send("down", { places: [place] }, say("rating.thanks_place")),
    });
    told.textContent = say("rating.how");
  });
  turn.querySelector(".not-there").addEventListener("click", () =>
    send("down", { answerable: false }, say("rating.thanks_none")),
  );
}

// A right answer stands where it is cited; where none was given, rightly so, it stands nowhere.
function borneOutBy({ citations }) {
  if (!citations.length) return { answerable: false };
  return { places: citations.map(({ document_id, start, end }) => ({ document_id, start, end })) };
}

function begin(next) {
  if (placing) placing.told.textContent = "";
  placing = next;
  bar.hidden = false;
  look();
}

function end() {
  placing = null;
  bar.hidden = true;
}

// What is selected of the document's text, as the server counts it: in code points.
function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || body.hidden) return null;
  const range = selection.getRangeAt(0);
  if (!body.contains(range.commonAncestorContainer)) return null;
  const words = range.toString();
  if (!words.trim()) return null;
  const before = document.createRange();
  before.selectNodeContents(body);
  before.setEnd(range.startContainer, range.startOffset);
  const start = points(before.toString()) + points(words) - points(words.trimStart());
  return { document_id: section.dataset.document, start, end: start + points(words.trim()) };
}

function points(text) {
  return [...text].length;
}

function look() {
  if (placing) here.disabled = !selected();
}

document.addEventListener("selectionchange", look);
here.addEventListener("mousedown", (event) => event.preventDefault()); // or the selection is lost
here.addEventListener("click", () => {
  const place = selected();
  if (!place) return;
  placing.send(place);
  end();
});
byId("place-never").addEventListener("click", () => {
  placing.told.textContent = "";
  end();
});
