// Files on their way into the library: chosen or dropped, sent, and watched until they are read.

import { byId, copy, count } from "./dom.js";
import { load, save } from "./storage.js";
import { getJSON, upload } from "./wire.js";

const WATCHED = "footnote.jobs"; // [{id, name}], so that a reload goes on watching
const FIRST_LOOK = 300; // milliseconds until a job is looked at, then ever longer, at most LAST_LOOK
const LAST_LOOK = 2000;
const STATUS = { added: "Added", replaced: "Replaced", unchanged: "Unchanged" };
const { maxUpload } = document.body.dataset;
const list = byId("uploads");

// Send `files` one after the other. Resolves when each is read or refused.
export async function add(files) {
  const items = [...files].map((file) => ({ file, item: begin(file.name, "Waiting") }));
  const outcomes = [];
  for (const { file, item } of items) {
    await new Promise((sent) => {
      outcomes.push(settle(item, () => send(file, item, sent)).then(sent));
    });
  }
  await Promise.all(outcomes);
}

// Go on with what was being read when the page was left. Resolves, once it is read, to whether
// there was anything.
export async function resume() {
  const jobs = watched();
  await Promise.all(jobs.map(({ id, name }) => settle(begin(name, "Reading"), (item) => follow(id, name, item))));
  return jobs.length > 0;
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
  say(item, outcome);
  list.append(item);
  return item;
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
}

// What became of `file`; `sent` is called once the server has it.
async function send(file, item, sent) {
  if (file.size > maxUpload * 1e6) throw new Error(`This file is larger than ${maxUpload} MB.`);
  say(item, "Sending");
  const progress = item.querySelector("progress");
  const { documents, job } = await upload(file, (share) => {
    progress.value = share;
    if (share === 1) say(item, "Reading");
  });
  sent();
  if (!job) return outcome(documents);
  save(WATCHED, [...watched(), { id: job.id, name: file.name }]);
  return follow(job.id, file.name, item);
}

// What became of the documents of one file, with what was left out of them.
function outcome(documents) {
  const passages = count(documents.reduce((sum, one) => sum + one.chunks, 0), "passage");
  const what = documents.length === 1 ? STATUS[documents[0].status] : count(documents.length, "document");
  return [`${what}, ${passages}`, ...documents.map((one) => one.note).filter(Boolean)].join(". ");
}

// Watch a job to its end; what became of its documents.
async function follow(id, name, item) {
  const progress = item.querySelector("progress");
  progress.removeAttribute("value");
  for (let pause = FIRST_LOOK; ; pause = Math.min(pause * 1.5, LAST_LOOK)) {
    const job = await look(id, item);
    if (job.status === "done" || job.status === "failed") {
      forget(id);
      const errors = job.errors.map((error) => (error.uri === name ? error.detail : `${error.uri}: ${error.detail}`));
      if (job.status === "failed") throw new Error(errors.join(" ") || "It could not be read; the server's log has the cause.");
      return [job.documents.length && outcome(job.documents), ...errors].filter(Boolean).join(". ");
    }
    if (job.total) progress.value = job.progress ?? job.done / job.total;
    const soFar = job.total > 1 ? `, ${job.done.toLocaleString("en")} of ${job.total.toLocaleString("en")}` : "";
    say(item, job.status === "pending" ? "Waiting to be read" : `Reading${soFar}`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

// The job as it stands. A server that is out of reach may come back; one that answers otherwise
// has forgotten the job.
async function look(id, item) {
  for (;;) {
    try {
      return await getJSON(`/v1/jobs/${encodeURIComponent(id)}`);
    } catch (error) {
      if (error.status) {
        forget(id);
        throw error;
      }
      say(item, `${error.message} Trying again.`);
      await new Promise((resolve) => setTimeout(resolve, LAST_LOOK));
    }
  }
}
