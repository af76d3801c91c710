// The key that a shared server asks for, kept in this browser until it is forgotten.

import { load, save } from "./storage.js";

const KEPT = "footnote.key";
let key = load(KEPT);

// What every request carries.
export function headers() {
  return key ? { Authorization: `Bearer ${key}` } : {};
}

export function keep(given) {
  key = given;
  save(KEPT, given);
}

export function forget() {
  keep(null);
}
