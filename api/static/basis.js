// What an answer rests on: who answered, which documents it read of how many, and how fresh they are.

import { openSource } from "./source.js";
import { count, say, sayDate } from "./words.js";
import { getJSON } from "./wire.js";

const ANSWERERS = JSON.parse(document.body.dataset.answerers);

// What an answerer is called here.
export function called(name) {
  return ANSWERERS[name] ?? name;
}

// Say it at the foot of `turn`; `all` is how many documents were asked, where that is known and
// still true, and `at` when. The documents themselves are looked up once it is opened.
export function sayBasis(turn, answer, { all, at }) {
  const documents = documentsOf(answer);
  const button = turn.querySelector(".basis");
  const list = turn.querySelector(".read");
  const facts = [
    called(answer.model),
    all >= documents.length ? say("basis.of", { count: all, read: documents.length }) : count("documents", documents.length),
    newest(documents),
  ];
  button.querySelector(".facts").textContent = facts.filter(Boolean).join(" · ");
  button.addEventListener("click", async () => {
    list.hidden = !list.hidden;
    button.setAttribute("aria-expanded", String(!list.hidden));
    if (list.children.length) return;
    const rows = documents.map((one) => row(one));
    list.replaceChildren(...rows.map(({ item }) => item));
    await Promise.all(rows.map(({ say: tell }, number) => standing(documents[number], at).then(tell)));
  });
}

// The documents of an answer, those that it cites first, each as {id, title, date, cited}.
function documentsOf({ citations, passages }) {
  const found = new Map();
  for (const { document_id: id, title } of citations) found.set(id, { id, title, cited: true });
  for (const { document_id: id, title, metadata } of passages) {
    const known = found.get(id) ?? { id, title, cited: false };
    found.set(id, { ...known, date: metadata?.date });
  }
  return [...found.values()];
}

function newest(documents) {
  const dates = documents.map((one) => one.date).filter((date) => /^\d{4}-\d{2}-\d{2}$/.test(date)).sort();
  return dates.length ? say("basis.newest", { day: sayDate(dates.at(-1)) }) : "";
}

function row({ id, title, date, cited }) {
  const item = document.createElement("li");
  const open = document.createElement("button");
  open.type = "button";
  open.className = "cite";
  open.textContent = title;
  open.addEventListener("click", () => openSource({ document_id: id, title }, open));
  const about = document.createElement("span");
  const known = [cited && say("basis.cited"), date && say("basis.dated", { day: sayDate(date) })].filter(Boolean);
  about.textContent = known.join(" · ");
  item.append(open, " ", about);
  const tell = (words) => {
    about.textContent = [...known, words].filter(Boolean).join(" · ");
  };
  return { item, say: tell };
}

// How a document stands now, against when it was read.
async function standing({ id }, at) {
  try {
    const { added_at: added } = await getJSON(`/v1/documents/${encodeURIComponent(id)}`);
    const day = sayDate(added.slice(0, 10));
    return say(at && Date.parse(added) > Date.parse(at) ? "basis.changed" : "basis.added", { day });
  } catch (error) {
    return error.status === 404 ? say("basis.gone") : error.message;
  }
}
