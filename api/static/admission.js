// Who is asking: nobody is bothered where the server wants no key; elsewhere it is asked for once.

import { byId } from "./dom.js";
import { forget, keep, vouch } from "./key.js";
import { getJSON, post } from "./wire.js";
import { say } from "./words.js";

const dialog = byId("key-dialog");
const form = byId("key-form");
const field = byId("key");
const trouble = byId("key-trouble");
const leave = byId("sign-out");

// Resolves once the server lets this browser in.
export async function admitted() {
  let caller = null;
  try {
    caller = await getJSON("/v1/whoami");
  } catch (error) {
    if (error.status !== 401) return; // whatever asks next says what is wrong
    await asked(error.message);
    caller = await getJSON("/v1/whoami");
  }
  document.body.dataset.role = caller.role;
  vouch(caller.csrf_token);
  const signedIn = caller.via === "session";
  leave.hidden = caller.via !== "key" && !signedIn;
  leave.title = signedIn ? "" : say("key.forget", { name: caller.name });
  leave.onclick = signedIn ? signOut : putAway;
  const person = byId("caller");
  person.hidden = caller.via !== "proxy" && !signedIn; // the name of a key is nobody's
  person.textContent = caller.name;
}

// Resolves when a key was given that the server takes.
function asked(why) {
  trouble.textContent = "";
  const reason = byId("key-why"); // where people sign in there are no words about keys
  if (reason) reason.textContent = why;
  field.value = "";
  dialog.showModal();
  return new Promise((resolve) => {
    form.onsubmit = async (event) => {
      event.preventDefault();
      keep(field.value.trim());
      try {
        await getJSON("/v1/whoami");
        dialog.close();
        resolve();
      } catch (error) {
        forget();
        trouble.textContent = error.message;
        field.select();
      }
    };
  });
}

dialog.addEventListener("cancel", (event) => event.preventDefault()); // there is nothing to see behind it

function putAway() {
  forget();
  location.reload();
}

async function signOut() {
  const { url } = await post("/v1/sign-out", {});
  location.assign(url ?? "/");
}
