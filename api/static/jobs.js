// Jobs of the server, watched to their end.

import { getJSON } from "./wire.js";

export const OPEN = ["pending", "running"];
const FIRST_LOOK = 300; // milliseconds until a job is looked at again, then ever longer, at most LAST_LOOK
const LAST_LOOK = 2000;

// A job as it stands, again and again; the last time when it is over. `unreached` is told why the
// server is out of reach, from where it may come back; one that answers otherwise has forgotten
// the job, which is an Error.
export async function* standings(id, unreached = () => {}) {
  for (let pause = FIRST_LOOK; ; pause = Math.min(pause * 1.5, LAST_LOOK)) {
    const job = await look(id, unreached);
    yield job;
    if (!OPEN.includes(job.status)) return;
    await sleep(pause);
  }
}

async function look(id, unreached) {
  for (;;) {
    try {
      return await getJSON(`/v1/jobs/${encodeURIComponent(id)}`);
    } catch (error) {
      if (error.status) throw error;
      unreached(error);
      await sleep(LAST_LOOK);
    }
  }
}

function sleep(pause) {
  return new Promise((resolve) => setTimeout(resolve, pause));
}
