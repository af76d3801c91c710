// Settings of this browser: language, appearance, who answers. The server's follow below them.

import { byId } from "./dom.js";
import * as panel from "./panel.js";
import { fetchServer } from "./serversettings.js";

const YEAR = 365 * 24 * 60 * 60; // seconds
const section = byId("settings");
const button = byId("settings-button");
const language = byId("set-language");
const theme = byId("set-theme");
const answerer = byId("answerer");
const mirrored = byId("set-answerer"); // only where there is more than one

function showTheme() {
  theme.value = document.documentElement.dataset.theme ?? "";
}

button.addEventListener("click", () => {
  if (panel.isShown(section)) {
    panel.close();
    return;
  }
  showTheme();
  if (mirrored) mirrored.value = answerer.value;
  panel.show(section, button);
  if (document.body.dataset.role === "admin") fetchServer();
});

// The server sets the page in the language, so it is told by a cookie.
language.addEventListener("change", () => {
  const age = language.value ? YEAR : 0;
  document.cookie = `footnote_language=${language.value}; path=/; max-age=${age}; samesite=strict`;
  location.reload();
});
theme.addEventListener("change", () => {
  dispatchEvent(new CustomEvent("theme", { detail: theme.value }));
});
byId("theme").addEventListener("click", showTheme);
mirrored?.addEventListener("change", () => {
  answerer.value = mirrored.value;
  answerer.dispatchEvent(new Event("change"));
});
answerer?.addEventListener("change", () => {
  mirrored.value = answerer.value;
});
