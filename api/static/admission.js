// Who is asking: nobody is bothered where the server wants no key; elsewhere it is asked for once.

import { byId } from "./dom.js";
import { forget, keep } from "./key.js";
import { getJSON } from "./wire.js";
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
  leave.hidden = caller.via !== "key";
  leave.title = say("key.forget", { name: caller.name });
  const person = byId("caller");
  person.hidden = caller.via !== "proxy"; // the name of a key is nobody's
  person.textContent = caller.name;
}

// Resolves when a key was given that the server takes.
function asked(why) {
  trouble.textContent = "";
  byId("key-why").textContent = why;
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
leave.addEventListener("click", () => {
  forget();
  location.reload();
});
