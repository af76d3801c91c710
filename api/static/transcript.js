// Answers to take away: one as text, a whole conversation as Markdown.

import { sayPlace } from "./dom.js";
import { isMarkdown, prose } from "./prose.js";
import { percent, say } from "./words.js";

// An answer with its footnotes and its doubts, as text.
export function asText(answer) {
  const notes = answer.citations.map(
    (citation) => `[${citation.number}] ${quoted(citation)} ${sayPlace(citation)} (${citation.uri})`,
  );
  return [answer.answer, ...remarks(answer), ...(notes.length ? [notes.join("\n")] : [])].join("\n\n");
}

// The same as HTML, for programs that set text.
export function asHTML(answer) {
  const body = document.createElement("div");
  body.append(prose(answer.answer, [], isMarkdown(answer.model)));
  for (const sup of body.querySelectorAll("sup")) sup.replaceChildren(`[${sup.textContent}]`);
  for (const glue of body.querySelectorAll(".glue")) glue.replaceWith(...glue.childNodes);
  for (const element of body.querySelectorAll("*")) {
    for (const name of ["class", "tabindex", "target", "rel", "title"]) element.removeAttribute(name);
  }
  body.append(...remarks(answer).map((remark) => paragraph(remark)));
  if (answer.citations.length) body.append(document.createElement("hr"));
  for (const citation of answer.citations) {
    body.append(paragraph(`[${citation.number}] ${quoted(citation)} ${sayPlace(citation)} (${citation.uri})`));
  }
  return body.innerHTML;
}

function paragraph(words) {
  const element = document.createElement("p");
  element.textContent = words;
  return element;
}

// A conversation as Markdown, each quote a footnote of its own.
export function asMarkdown(chat) {
  const day = chat.changed.slice(0, 10);
  const parts = [`# ${literal(chat.title)}`, say("transcript.asked", { day })];
  chat.turns.forEach(({ question, answer, stopped }, at) => {
    parts.push(`## ${literal(question)}`);
    if (answer) parts.push(...answered(answer, at + 1));
    else parts.push(harmless(stopped), `*${say("transcript.stopped")}*`);
  });
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

// One answer as Markdown.
export function answerAsMarkdown(answer) {
  return `${answered(answer).filter(Boolean).join("\n\n")}\n`;
}

function answered(answer, turn) {
  const name = (number) => `[^${turn ? `${turn}-` : ""}${number}]`;
  const text = isMarkdown(answer.model) ? harmless(answer.answer) : literal(answer.answer);
  const marked = text.replace(/\s*\\?\[(\d{1,4})\\?\]/g, (_, number) => name(number));
  const notes = answer.citations.map(
    (citation) =>
      `${name(citation.number)}: ${literal(quoted(citation))} ${literal(sayPlace(citation))} (${literal(citation.uri)})`,
  );
  const sure = `*${say(answer.verdict === "unsure" ? "transcript.unsure" : "transcript.sure", { percent: percent(answer.confidence) })}*`;
  const searched = answer.citations.length + answer.passages.length > 0;
  return [marked, ...remarks(answer).map(literal), searched && sure, ...notes];
}

// What has to be said of an answer: what nothing supports, and which sources disagree.
function remarks({ sentences = [], contradictions = [] }) {
  const doubts = sentences
    .filter((sentence) => !sentence.supported)
    .map((sentence) => say("turn.unsupported_sentence", { sentence: unmarked(sentence.text) }));
  return [...doubts, ...contradictions.map(([one, other]) => say("turn.disagree_pair", { one, other }))];
}

// A sentence on one line, without the markers in it.
export function unmarked(sentence) {
  return oneLine(sentence.replace(/\s*\[\d{1,4}\]/g, ""));
}

function oneLine(text) {
  return text.split(/\s+/).filter(Boolean).join(" ");
}

// What is quoted, after the heads of its columns where it is a row of a table.
function quoted({ quote, column_heads: heads }) {
  return `${heads ? `${oneLine(heads.text)} – ` : ""}${say("note.quote", { quote: oneLine(quote) })}`;
}

// Words of people and documents, which are no Markdown.
function literal(text) {
  return text
    .split(/\n{2,}/)
    .map((words) => oneLine(words).replace(/[\\`*_{}[\]<>#|~!]/g, "\\$&").replace(/^(\d+)([.)])|^[-+]/, escapeListSign))
    .join("\n\n");
}

function escapeListSign(sign, number, end) {
  return number ? `${number}\\${end}` : `\\${sign}`;
}

// Markdown that a language model wrote: no tags, and no pictures that a reader of it would fetch.
function harmless(text) {
  return text.replace(/<(?=[a-z/!?])/gi, "&lt;").replaceAll("![", "!\\[");
}

// Hand `text` over as a file called `name`.
export function download(name, text) {
  const link = document.createElement("a");
  link.download = name;
  link.href = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000); // the browser has begun by then
}

export function fileName(chat) {
  const words = chat.title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ["conversation"];
  return `footnote-${words.join("-").slice(0, 60)}.md`;
}
