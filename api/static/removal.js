// Taking documents out of the library, and putting them back as they were.

import { post } from "./wire.js";

const AT_ONCE = 200; // so that others get their turn, and one sees how far it is

// Remove the documents with these ids; `told(done)` hears how many are gone. What puts all of them
// back, with their names and into their collections; null where the server keeps nothing. An Error
// amid them says how many are `done`, and has what puts these `back`.
export async function take(ids, told = () => {}) {
  const undos = [];
  const back = () => putBack(undos);
  for (let done = 0; done < ids.length; done += AT_ONCE) {
    told(done);
    try {
      const { undo } = await post("/v1/documents/remove", { documents: ids.slice(done, done + AT_ONCE) });
      if (undo) undos.push(undo);
    } catch (error) {
      throw Object.assign(error, { done, back: undos.length ? back : null });
    }
  }
  return undos.length ? back : null;
}

// Put back what undos of the server have kept, the last one first; what is back leaves `undos`, so
// that it is not tried again after an error.
export async function putBack(undos) {
  while (undos.length) {
    await post(`/v1/undo/${encodeURIComponent(undos.at(-1))}`, {});
    undos.pop();
  }
}
