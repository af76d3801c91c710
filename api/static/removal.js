// Taking a document out of the library in such a way that it can be put back.

import { getFile, getJSON, getText, post, remove, upload } from "./wire.js";

// Remove a document at once. What puts it back as it was, under all its names and into its
// collections; null where neither its file nor its text is at hand.
export async function take(stored) {
  const path = `/v1/documents/${encodeURIComponent(stored.id)}`;
  const details = await getJSON(path);
  const again = await adder(path, details);
  const collections = again ? await memberships(details) : [];
  await remove(path);
  if (!again) return null;
  return async () => {
    for (const uri of [details.uri, ...details.aliases]) await again(uri);
    for (const name of collections) await post(`/v1/collections/${encodeURIComponent(name)}`, { add: [stored.id] });
  };
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
async function memberships({ id, uri, title }) {
  const { collections } = await getJSON("/v1/collections");
  const names = [];
  for (const { name, folders } of collections) {
    const fed = folders.some((folder) => uri.startsWith(folder));
    const filter = { collection: name, document_id: id };
    if (!fed && (await post("/v1/search", { query: title, k: 1, filter })).passages.length) names.push(name);
  }
  return names;
}
