// The files that were chosen or dropped, those in folders with them, each with the name that it gets
// in the library: its path from the folder on, so that two files of one name stay two.

const HIDDEN = /^(\.|~\$|__MACOSX$)/;

function named(file, path) {
  return { file, uri: path || file.name };
}

// What is hidden in a folder is passed over; what was chosen by itself is not.
function isHidden({ uri }) {
  return uri.split("/").slice(1).some((part) => HIDDEN.test(part));
}

export function chosen(files) {
  return [...files].map((file) => named(file, file.webkitRelativePath)).filter((each) => !isHidden(each));
}

// The files of a drop. What was dropped has to be asked for at once, before anything is waited for.
export async function dropped(transfer) {
  const things = [...transfer.items]
    .filter((item) => item.kind === "file")
    .map((item) => item.webkitGetAsEntry?.() ?? named(item.getAsFile()));
  const found = [];
  for (const thing of things) found.push(...(thing.file instanceof File ? [thing] : await below(thing)));
  return found.filter((each) => !isHidden(each));
}

// The files at and under an entry, folder by folder in the order of their names.
async function below(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [named(file, entry.fullPath.replace(/^\//, ""))];
  }
  const reader = entry.createReader();
  const entries = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break; // it gives a hundred at a time
    entries.push(...some);
  }
  entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  const found = [];
  for (const each of entries) if (!HIDDEN.test(each.name)) found.push(...(await below(each)));
  return found;
}
