// The key that a shared server asks for, kept in this browser until it is forgotten.

import { load, save } from "./storage.js";

const KEPT = "footnote.key";
let key = load(KEPT);
let token = null; // of the session, as long as the page is open

// What every request carries: the key, or what shows that this page sent it for who is signed in.
export function headers() {
  if (key) return { Authorization: `Bearer ${key}` };
  return token ? { "X-CSRF-Token": token } : {};
}

export function vouch(given) {
  token = given;
}

export function keep(given) {
  key = given;
  save(KEPT, given);
}

export function forget() {
  keep(null);
}
