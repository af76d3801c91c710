// Taking a document out of the library in such a way that it can be put back.

import { standings } from "./jobs.js";
import { getFile, getJSON, getText, post, remove, upload } from "./wire.js";
import { say } from "./words.js";

const MOST_ASKED = 200; // signs of a title; a search takes no more than some

// Remove a document at once. What puts it back as it was, under all its names and into its
// collections, and resolves once it is there; null where neither its file nor its text is at hand.
export async function take(stored) {
  const path = `/v1/documents/${encodeURIComponent(stored.id)}`;
  const details = await getJSON(path);
  const again = await adder(path, details);
  const collections = again ? await memberships(details) : [];
  await remove(path);
  if (!again) return null;
  return async () => {
    const ids = []; // which need not be the one it had: a document keeps that when it is moved
    for (const uri of [details.uri, ...details.aliases]) ids.push(idOf(uri, await ended(await again(uri))));
    for (const name of collections) await post(`/v1/collections/${encodeURIComponent(name)}`, { add: [ids[0]] });
  };
}

// The answer to an upload, which is the job's, once that is over, where the upload is one.
async function ended(answer) {
  if (!answer.job) return answer;
  let last;
  for await (const job of standings(answer.job.id)) last = job;
  return last;
}

// The id of what an upload has stored under a name. An Error where it has stored nothing.
function idOf(uri, { status, documents, errors = [] }) {
  const found = documents.filter((one) => one.status !== "pending");
  const stored = found.find((one) => one.uri === uri) ?? found[0];
  if (stored) return stored.id;
  if (status === "cancelled") throw new Error(say("upload.was_cancelled"));
  throw new Error(errors[0]?.detail ?? say("upload.not_read"));
}

// What adds the document anew under a name: its file, or the text of what was given as text.
async function adder(path, { title, media_type: type, metadata, original }) {
  if (original) {
    const { name, blob } = await getFile(`${path}/original`);
    const file = new File([blob], name, { type });
    return (uri) => upload(file, uri).sent;
  }
  if (type !== "text/plain") return null;
  const text = await getText(`${path}/text`);
  return (uri) => post("/v1/documents", { uri, title, text, metadata });
}

// The names of the collections that the document was put into by hand; those that a folder feeds
// take it up by themselves.
async function memberships({ id, uri, aliases, title }) {
  const query = [...title].slice(0, MOST_ASKED).join(""); // whole signs, no halves of them

  const { collections } = await getJSON("/v1/collections");
  const names = [];
  for (const { name, folders } of collections) {
    const fed = folders.some((folder) => [uri, ...aliases].some((each) => each.startsWith(folder)));
    const filter = { collection: name, document_id: id };
    if (!fed && (await post("/v1/search", { query, k: 1, filter })).passages.length) names.push(name);
  }
  return names;
}
