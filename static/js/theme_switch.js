// Light, dark, or as the system has it: one button goes round.
(() => {
  "use strict";

  const NEXT = { "": "light", light: "dark", dark: "" };
  const WORDS = { "": "Colours: as the system", light: "Colours: light", dark: "Colours: dark" };
  const root = document.documentElement;

  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-theme-switch]")) choose(NEXT[root.dataset.theme ?? ""]);
  });

  document.addEventListener("change", ({ target }) => target.matches("[data-theme-choice]") && choose(target.value));

  function choose(theme) {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    if (theme) helpdesk.storage.set("theme", theme);
    else helpdesk.storage.remove("theme");
    document.querySelectorAll("[data-theme-switch]").forEach(label);
    document.querySelectorAll("[data-theme-choice]").forEach(select);
  }

  helpdesk.forEach("[data-theme-switch]", label);
  helpdesk.forEach("[data-theme-choice]", select);

  function select(list) {
    list.value = root.dataset.theme ?? "";
  }

  function label(button) {
    const words = WORDS[root.dataset.theme ?? ""];
    button.title = words;
    helpdesk.write(button.querySelector(".sr"), words);
  }
})();
