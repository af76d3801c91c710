// Talking to the server: JSON, server-sent events, uploads. Every failure is an Error whose
// message is one line fit to be shown; `status` is the server's, where it answered.

import { headers } from "./key.js";
import { say } from "./words.js";

const GENERATION = "X-Footnote-Generation";
let seen = 0; // of the store: nothing older is to be shown, whichever server answers

function see(generation) {
  seen = Math.max(seen, Number(generation ?? 0));
}

function all() {
  return seen ? { ...headers(), [GENERATION]: seen } : headers();
}

function refused(status, problem) {
  return Object.assign(new Error(problem?.detail ?? say("wire.status", { status: String(status) })), { status });
}

async function reach(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { ...options, headers: { ...options.headers, ...all() } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error(say("wire.out_of_reach"));
  }
  see(response.headers.get(GENERATION));
  if (response.ok) return response;
  throw refused(response.status, await response.json().catch(() => null));
}

// Where `signal` breaks it off, the Error is an AbortError.
export async function getJSON(path, signal) {
  return (await reach(path, { signal })).json();
}

// The text exactly as stored: response.text() would drop a leading U+FEFF and shift every offset.
export async function getText(path) {
  const bytes = await (await reach(path)).arrayBuffer();
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

// A file and the name that the server gives it.
export async function getFile(path) {
  const response = await reach(path);
  const [, name] = /filename\*=UTF-8''(\S+)/.exec(response.headers.get("Content-Disposition"));
  return { name: decodeURIComponent(name), blob: await response.blob() };
}

// A picture, as a Blob.
export async function getPicture(path) {
  return (await reach(path)).blob();
}

export async function remove(path) {
  await reach(path, { method: "DELETE" });
}

export async function post(path, body) {
  return (await reach(path, posting(body))).json();
}

function posting(body) {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

// The server-sent events of one question, as {name, data}.
export async function* ask(body, signal) {
  const response = await reach("/v1/ask", { ...posting({ ...body, stream: true }), signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  for (;;) {
    const { value, done } = await reader.read().catch((error) => {
      throw error.name === "AbortError" ? error : new Error(say("wire.broken_off"));
    });
    if (done) return;
    waiting += value;
    const events = waiting.split("\n\n");
    waiting = events.pop();
    for (const event of events) {
      const [name, data] = event.split("\n").map((line) => line.slice(line.indexOf(": ") + 2));
      yield { name, data: JSON.parse(data) };
    }
  }
}

// Send one file under a name. `sent` resolves to what the server says became of it, its documents or
// the job that reads them, and to null once `stop` has been called.
// fetch cannot tell how far an upload has come, so this is an XMLHttpRequest.
export function upload(file, uri, onProgress = () => {}) {
  const request = new XMLHttpRequest();
  const sent = new Promise((resolve, reject) => {
    const form = new FormData();
    form.append("file", file, uri);
    request.open("POST", "/v1/documents");
    for (const [name, value] of Object.entries(all())) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded / event.total));
    request.addEventListener("error", () => reject(new Error(`${say("wire.not_sent")} ${say("wire.out_of_reach")}`)));
    request.addEventListener("abort", () => resolve(null));
    request.addEventListener("load", () => {
      see(request.getResponseHeader(GENERATION));
      if (request.status === 201 || request.status === 202) resolve(request.response);
      else reject(refused(request.status, request.response));
    });
    request.send(form);
  });
  return { sent, stop: () => request.abort() };
}
