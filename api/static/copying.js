// Copying an answer with its footnotes: formatted, as Markdown, as plain text.

import { announce } from "./dom.js";
import { answerAsMarkdown, asHTML, asText } from "./transcript.js";
import { say } from "./words.js";

const SAID = 2000; // milliseconds
const FORMS = {
  formatted: (answer) => ({ text: asText(answer), html: asHTML(answer) }),
  markdown: (answer) => ({ text: answerAsMarkdown(answer) }),
  text: (answer) => ({ text: asText(answer) }),
};

// Offer it at the foot of `turn`, if the answer is `shown` at all.
export function offerCopies(turn, answer, shown) {
  const ways = turn.querySelector(".ways-to-copy");
  const more = turn.querySelector(".copy-as");
  for (const button of turn.querySelectorAll("[data-form]")) {
    const rest = button.textContent;
    button.addEventListener("click", async () => {
      const done = await toClipboard(FORMS[button.dataset.form](answer));
      button.textContent = say(done ? "copy.done" : "copy.refused");
      announce(button.textContent);
      setTimeout(() => {
        button.textContent = rest;
      }, SAID);
    });
  }
  turn.querySelector(".copy").hidden = more.hidden = !shown;
  more.addEventListener("click", () => {
    ways.hidden = !ways.hidden;
    more.setAttribute("aria-expanded", String(!ways.hidden));
  });
}

// Whether `text`, and `html` for programs that take it, is on the clipboard now. Browsers offer it to
// pages from this machine or over https only; elsewhere the older way is taken.
async function toClipboard({ text, html }) {
  if (navigator.clipboard) {
    const forms = { "text/plain": text, ...(html && { "text/html": html }) };
    const blobs = Object.entries(forms).map(([type, words]) => [type, new Blob([words], { type })]);
    const item = new ClipboardItem(Object.fromEntries(blobs));
    return navigator.clipboard.write([item]).then(() => true, () => false);
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  const fill = (event) => {
    event.preventDefault();
    event.clipboardData.setData("text/plain", text);
    if (html) event.clipboardData.setData("text/html", html);
  };
  document.addEventListener("copy", fill);
  const done = document.execCommand("copy");
  document.removeEventListener("copy", fill);
  field.remove();
  return done;
}
