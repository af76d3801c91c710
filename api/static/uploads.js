// Files on their way into the library: chosen or dropped, sent, and watched until they are read.

import { byId, copy } from "./dom.js";
import { OPEN, standings } from "./jobs.js";
import { putBack } from "./removal.js";
import { load, save } from "./storage.js";
import { getJSON, remove, upload } from "./wire.js";
import { count, say as words } from "./words.js";

const WATCHED = "footnote.jobs"; // [{id, name}], so that a reload goes on watching
const { maxUpload } = document.body.dataset;
const list = byId("uploads");
const sending = new Set(); // names of files whose job is not known yet

// Send files, [{file, uri}], one after the other. Resolves when each is read, refused or cancelled;
// `stored` is called whenever something more is in the library.
export async function add(files, stored) {
  const items = files.map(({ file, uri }) => ({ file, uri, item: begin(uri, words("upload.waiting")) }));
  const outcomes = [];
  for (const { file, uri, item } of items) {
    await new Promise((sent) => {
      outcomes.push(settle(item, () => send(file, uri, item, sent, stored)).then(sent));
    });
  }
  await Promise.all(outcomes);
}

// Go on with what was being read when the page was left. Resolves, once it is read, to whether
// there was anything.
export async function resume(stored) {
  const jobs = watched();
  await Promise.all(jobs.map((job) => watch(job, stored)));
  return jobs.length > 0;
}

// Watch what others have sent, and what was sent from other browsers, too.
export async function join(stored) {
  const { jobs } = await getJSON("/v1/jobs?limit=100");
  const known = new Set(watched().map(({ id }) => id));
  const open = jobs.filter(({ id, status, documents }) => {
    return OPEN.includes(status) && !known.has(id) && !documents.some(({ uri }) => sending.has(uri));
  });
  const named = open.map(({ id, documents, total }) => {
    const [first] = documents;
    return { id, name: total > 1 || !first ? count("files", total) : first.uri };
  });
  save(WATCHED, [...watched(), ...named]);
  await Promise.all(named.map((job) => watch(job, stored)));
}

// Watch one more job, of which the page has no file.
export async function watchAlso(id, name, stored) {
  const job = { id, name };
  save(WATCHED, [...watched(), job]);
  await watch(job, stored);
}

function watch({ id, name }, stored) {
  return settle(begin(name, words("upload.reading")), (item) => follow(id, name, item, stored));
}

function watched() {
  return load(WATCHED) ?? [];
}

function forget(id) {
  save(WATCHED, watched().filter((job) => job.id !== id));
}

// Take what is finished off the list.
export function clear() {
  for (const item of list.querySelectorAll(".done, .failed")) item.remove();
}

function begin(name, outcome) {
  const item = copy("upload-template");
  item.querySelector(".name").textContent = name;
  item.querySelector(".cancel").setAttribute("aria-label", words("upload.cancel_label", { name }));
  onCancel(item, () => item.classList.add("unwanted")); // until there is something to cancel
  say(item, outcome);
  list.append(item);
  return item;
}

function onCancel(item, act) {
  item.querySelector(".cancel").onclick = act;
}

function say(item, outcome) {
  item.querySelector(".outcome").textContent = outcome;
}

async function settle(item, work) {
  try {
    say(item, await work(item));
    item.classList.add("done");
  } catch (error) {
    say(item, error.message);
    item.classList.add("failed");
  }
  item.querySelector("progress").remove();
  item.querySelector(".cancel").remove();
}

// What became of `file`; `sent` is called once the server has it.
async function send(file, uri, item, sent, stored) {
  if (item.classList.contains("unwanted")) return words("upload.cancelled");
  if (file.size > maxUpload * 1e6) throw new Error(words("upload.too_large", { most: maxUpload }));
  say(item, words("upload.sending"));
  const progress = item.querySelector("progress");
  const request = upload(file, uri, (share) => {
    progress.value = share;
    if (share < 1) return;
    say(item, words("upload.reading"));
    onCancel(item, () => item.classList.add("unwanted")); // of a job, if it becomes one
  });
  onCancel(item, request.stop);
  sending.add(uri);
  const answer = await request.sent.finally(() => sending.delete(uri));
  sent();
  if (!answer) return words("upload.cancelled");
  const { documents, job, errors } = answer;
  if (!job) {
    stored();
    return outcome(documents, errors ?? [], uri, item);
  }
  save(WATCHED, [...watched(), { id: job.id, name: uri }]);
  return follow(job.id, uri, item, stored);
}

// What became of the documents of one file, with what was left out of them and why.
function outcome(documents, errors, name, item) {
  const said = errors.map(({ uri, detail }) => (uri === name || detail.startsWith(uri) ? detail : `${uri}: ${detail}`));
  if (said.length > 1) leave(item, said);
  const undos = new Set(documents.map((one) => one.undo).filter(Boolean));
  if (undos.size) offerUndo(item, name, [...undos].reverse());
  return [documents.length && became(documents), said.length > 1 ? "" : said[0]].filter(Boolean).join(". ");
}

// Let what was there before be put back.
function offerUndo(item, name, undos) {
  const button = item.querySelector(".undo");
  button.hidden = false;
  button.setAttribute("aria-label", words("upload.undo_label", { name }));
  button.onclick = async () => {
    button.hidden = true;
    try {
      await putBack(undos);
      say(item, words("upload.undone"));
      item.dispatchEvent(new Event("undone", { bubbles: true }));
    } catch (error) {
      say(item, error.message);
      button.hidden = false;
    }
  };
}

function became(documents) {
  const passages = count("passages", documents.reduce((sum, one) => sum + one.chunks, 0));
  const replaced = documents.filter((one) => one.status === "replaced").length;
  const what = documents.length === 1 ? words(`upload.${documents[0].status}`) : count("documents", documents.length);
  const older = documents.length > 1 && replaced ? [words("upload.some_replaced", { count: replaced })] : [];
  return [`${what}, ${passages}`, ...older, ...documents.map((one) => one.note).filter(Boolean)].join(". ");
}

// Show what was left out of a file, a line each, behind its number.
function leave(item, lines) {
  const left = item.querySelector(".left");
  left.hidden = false;
  left.querySelector("summary").textContent = words("upload.left_out", { count: lines.length });
  left.querySelector("ul").replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
}

// Watch a job to its end; what became of its documents.
async function follow(id, name, item, stored) {
  const progress = item.querySelector("progress");
  progress.removeAttribute("value");
  const stop = () => remove(`/v1/jobs/${encodeURIComponent(id)}`).catch((error) => say(item, error.message));
  onCancel(item, stop);
  if (item.classList.contains("unwanted")) await stop();
  let there = 0;
  for await (const job of reading(id, item)) {
    const added = job.documents.filter((one) => one.status !== "pending");
    if (added.length > there) stored();
    there = added.length;
    if (!OPEN.includes(job.status)) {
      forget(id);
      const said = outcome(added, job.errors, name, item);
      if (job.status === "failed") throw new Error(said || (job.errors.length ? words("upload.none_read") : words("upload.not_read")));
      return job.status === "cancelled" ? [words("upload.cancelled"), said].filter(Boolean).join(". ") : said;
    }
    if (job.total) progress.value = job.progress ?? job.done / job.total;
    say(item, stands(job, there));
  }
}

// How far a job is, of which `there` documents are stored.
function stands({ status, total, done }, there) {
  if (status === "pending") return words("upload.queued");
  if (total > 1) return words("upload.reading_of", { done, total });
  return there ? words("upload.reading_so_far", { documents: count("documents", there) }) : words("upload.reading");
}

// The job as it stands, again and again, until it is over or the server has forgotten it.
async function* reading(id, item) {
  try {
    yield* standings(id, (error) => say(item, words("upload.retrying", { why: error.message })));
  } catch (error) {
    forget(id);
    throw error;
  }
}
