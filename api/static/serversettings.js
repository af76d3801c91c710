// Settings of the server, which an admin may change: the language model, who answers, thresholds.

import { byId, copy } from "./dom.js";
import { number, say } from "./words.js";
import { getJSON, post } from "./wire.js";

const form = byId("server-settings");
const fields = form.elements;
const trouble = byId("server-trouble");
const told = byId("server-told");
const list = byId("found-models");
const NAMES = ["answerer", "chat_url", "chat_model", "min_confidence", "min_unsure", "strict"];
let inForce = null;

// Fetch and show them.
export async function fetchServer() {
  trouble.textContent = told.textContent = "";
  try {
    show(await getJSON("/v1/settings"));
  } catch (error) {
    trouble.textContent = error.message;
  }
  form.hidden = false;
}

function show(settings) {
  inForce = settings;
  for (const name of NAMES) {
    if (name === "strict") fields.strict.checked = settings.strict;
    else fields[name].value = settings[name] ?? "";
  }
  fields.min_confidence.placeholder = number(settings.least_confidence);
  fields.min_unsure.placeholder = number(settings.least_unsure);
  const { environment: given, changeable, file } = settings;
  const env = given.length ? ` ${say("server.environment", { names: given.join(", ") })}` : "";
  byId("server-where").textContent = changeable ? say("server.where", { file }) + env : say("server.shut");
  byId("server-fields").disabled = !changeable;
}

// What of the form differs from what is in force.
function changes() {
  const given = {};
  for (const name of NAMES) {
    const field = fields[name];
    let value = field.value.trim() || null;
    if (name === "strict") value = field.checked;
    else if (value && field.type === "number") value = Number(value);
    if (value !== inForce[name]) given[name] = value;
  }
  return given;
}

// Do something that takes a while with its button shut; why it failed is told.
async function work(button, words, act) {
  trouble.textContent = "";
  told.textContent = words;
  button.disabled = true;
  try {
    told.textContent = await act();
  } catch (error) {
    told.textContent = "";
    trouble.textContent = error.message;
  }
  button.disabled = false;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  work(byId("server-save"), say("server.saving"), async () => {
    show(await post("/v1/settings", changes()));
    byId("server-reload").hidden = false;
    return say("server.saved");
  });
});
byId("server-reload").addEventListener("click", () => location.reload());
byId("look").addEventListener("click", () => work(byId("look"), say("server.looking"), look));
byId("try").addEventListener("click", () => {
  const [url, model] = [fields.chat_url.value.trim(), fields.chat_model.value.trim()];
  if (!url || !model) {
    trouble.textContent = say("server.incomplete");
    return;
  }
  work(byId("try"), say("server.trying", { model }), async () => {
    const { question, answer, seconds } = await post("/v1/settings/try", { url, model });
    return say("server.tried", { question, answer, seconds: number(Math.round(seconds * 10) / 10) });
  });
});

async function look() {
  const { servers } = await post("/v1/settings/servers", {});
  list.replaceChildren(...servers.map(row));
  list.hidden = servers.length === 0;
  return servers.length ? say("server.found", { count: servers.length }) : say("server.none_found");
}

function row({ name, url, models }) {
  const item = copy("server-template");
  item.querySelector(".name").textContent = name;
  item.querySelector(".about").textContent = url;
  const choice = item.querySelector("select");
  choice.setAttribute("aria-label", say("server.models", { name }));
  choice.append(...models.map((model) => new Option(model, model)));
  const take = item.querySelector(".take");
  choice.hidden = take.hidden = models.length === 0;
  item.querySelector(".hint").hidden = models.length > 0;
  take.setAttribute("aria-label", say("server.take_label", { name }));
  take.addEventListener("click", () => {
    fields.chat_url.value = url;
    fields.chat_model.value = choice.value;
    fields.answerer.value = "chat";
    trouble.textContent = "";
    told.textContent = say("server.taken", { model: choice.value });
  });
  return item;
}
