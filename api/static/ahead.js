// Which stretches of a list are fetched: those in sight, then those that the scrolling leads to, a
// few at once. What was scrolled past before it came is not waited for.

const AT_ONCE = 3; // requests on their way
const AHEAD = 2; // stretches before the one in sight, the way one scrolls; at rest one on either side
const FAST = 2000; // rows a second: at this, nothing would be in sight any more when it comes
const REST = 60; // milliseconds without scrolling
const coming = new Map(); // a stretch's place: what breaks its request off
let shown = null; // {stretch, count, has(at), load(at, signal), came(), failed(error)}
let seen = [0, 0];
let before = { from: 0, when: 0 };
let speed = 0; // rows a second, upwards less than none
let failing = false;
let resting = null;

// Of `list` the rows `from` to `to` are in sight now. `list` says how many rows are a `stretch`, how
// many stretches it has (`count`), and which it `has`; `load` gets one, after which it `came`.
export function see(list, from, to) {
  if (list !== shown) {
    shown = list;
    stop(() => true);
    failing = false;
  }
  seen = [from, to];
  if (from !== before.from) {
    const when = performance.now();
    speed = (1000 * (from - before.from)) / Math.max(1, when - before.when);
    before = { from, when };
    rest();
  }
  fetchWanted();
}

function rest() {
  clearTimeout(resting);
  resting = setTimeout(() => {
    speed = 0;
    failing = false;
    fetchWanted();
  }, REST);
}

function stop(which) {
  for (const [at, control] of coming) {
    if (!which(at)) continue;
    control.abort();
    coming.delete(at);
  }
}

// The first stretch in sight and the last.
function sight() {
  const [from, to] = seen;
  return [from, Math.max(from, to - 1)].map((row) => Math.floor(row / shown.stretch));
}

function wanted([first, last]) {
  const places = [];
  for (let at = first; at <= last; at += 1) places.push(at);
  if (speed === 0) places.push(last + 1, first - 1);
  for (let step = 1; step <= AHEAD && speed !== 0; step += 1) places.push(speed > 0 ? last + step : first - step);
  return places.filter((at) => at >= 0 && at < shown.count && !shown.has(at));
}

function fetchWanted() {
  const [first, last] = sight();
  stop((at) => at < first - AHEAD || at > last + AHEAD);
  if (failing || Math.abs(speed) > FAST) return;
  for (const at of wanted([first, last])) {
    if (coming.size >= AT_ONCE) return;
    if (!coming.has(at)) fetchOne(shown, at);
  }
}

async function fetchOne(list, at) {
  const control = new AbortController();
  coming.set(at, control);
  try {
    await list.load(at, control.signal);
  } catch (error) {
    if (control.signal.aborted) return;
    failing = true; // until the list has rested, lest it be asked for in every frame
    list.failed(error);
  }
  if (coming.get(at) === control) coming.delete(at);
  if (list !== shown || failing) return;
  list.came();
  fetchWanted();
}
