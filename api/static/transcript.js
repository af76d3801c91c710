// Answers to take away: one as text, a whole conversation as Markdown.

import { sayPlace } from "./dom.js";
import { isMarkdown } from "./prose.js";

// An answer with its footnotes and its doubts, as text.
export function asText(answer) {
  const notes = answer.citations.map(
    (citation) => `[${citation.number}] ${quoted(citation)} ${sayPlace(citation)} (${citation.uri})`,
  );
  return [answer.answer, ...doubts(answer), ...(notes.length ? [notes.join("\n")] : [])].join("\n\n");
}

// A conversation as Markdown, each quote a footnote of its own.
export function asMarkdown(chat) {
  const day = chat.changed.slice(0, 10);
  const parts = [`# ${literal(chat.title)}`, `Asked of Footnote, ${day}.`];
  chat.turns.forEach(({ question, answer, stopped }, at) => {
    parts.push(`## ${literal(question)}`);
    if (answer) parts.push(...answered(answer, at + 1));
    else parts.push(harmless(stopped), "*Stopped before its end.*");
  });
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function answered(answer, turn) {
  const name = (number) => `[^${turn}-${number}]`;
  const text = isMarkdown(answer.model) ? harmless(answer.answer) : literal(answer.answer);
  const marked = text.replace(/\s*\\?\[(\d{1,4})\\?\]/g, (_, number) => name(number));
  const notes = answer.citations.map(
    (citation) =>
      `${name(citation.number)}: ${literal(quoted(citation))} ${literal(sayPlace(citation))} (${literal(citation.uri)})`,
  );
  const sure = `*${answer.verdict === "unsure" ? "Not sure. " : ""}Confidence ${Math.round(answer.confidence * 100)} %.*`;
  const searched = answer.citations.length + answer.passages.length > 0;
  return [marked, ...doubts(answer).map(literal), searched && sure, ...notes];
}

function doubts({ sentences = [] }) {
  return sentences
    .filter((sentence) => !sentence.supported)
    .map((sentence) => `Not supported by the documents: “${unmarked(sentence.text)}”`);
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
  return `${heads ? `${oneLine(heads.text)} – ` : ""}“${oneLine(quote)}”`;
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

// Whether `text` is on the clipboard now. Browsers offer it to pages from this machine or over
// https only; elsewhere the older way is taken.
export async function toClipboard(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => false);
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
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
