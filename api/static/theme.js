// Light or dark: what the system says, unless one was chosen. Runs before the page is drawn.
"use strict";
{
  const root = document.documentElement;
  const kept = (change) => {
    try {
      return change(localStorage);
    } catch {
      return null; // storage is blocked: the choice holds until the page is left
    }
  };
  const choose = (theme) => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    kept((storage) => (theme ? storage.setItem("theme", theme) : storage.removeItem("theme")));
  };
  const chosen = kept((storage) => storage.getItem("theme"));
  if (chosen) root.dataset.theme = chosen;
  addEventListener("theme", (event) => choose(event.detail)); // "light", "dark", or "" for the system's
  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme").addEventListener("click", () => {
      const dark = root.dataset.theme
        ? root.dataset.theme === "dark"
        : matchMedia("(prefers-color-scheme: dark)").matches;
      choose(dark ? "light" : "dark");
    });
  });
}
