// What this browser keeps between visits, as JSON.

// The value kept under `key`; null where there is none, where storage is blocked, and where
// something else than JSON stands there.
export function load(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

// Whether the browser kept it: it doesn't where storage is blocked or full.
export function save(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

// Call `act` whenever another tab changes what is kept under `key`.
export function watch(key, act) {
  addEventListener("storage", (event) => {
    if (event.key === key || event.key === null) act();
  });
}
