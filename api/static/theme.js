// Light or dark: what the system says, unless the button was used. Runs before the page is drawn.
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
  const chosen = kept((storage) => storage.getItem("theme"));
  if (chosen) root.dataset.theme = chosen;
  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme").addEventListener("click", () => {
      const dark = root.dataset.theme
        ? root.dataset.theme === "dark"
        : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      kept((storage) => storage.setItem("theme", root.dataset.theme));
    });
  });
}
