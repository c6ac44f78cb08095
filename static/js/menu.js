// The chat menu: the triangle opens and closes it; it stays as it is when its header is fetched anew.
(() => {
  "use strict";

  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-menu-button]");
    if (button) toggle(button.closest(".card"));
  });

  document.addEventListener("keydown", (event) => {
    const card = event.target.closest?.(".card.has-menu");
    if (event.key !== "Escape" || event.defaultPrevented || !card || !event.target.closest("[data-header]")) return;
    toggle(card);
    card.querySelector("[data-menu-button]").focus();
  });

  helpdesk.forEach("[data-header]", (header) => header.closest(".card") && show(header.closest(".card")));

  // What was chosen, or the keys are on, may not be there any more: they go on at the triangle.
  let chosenIn = null;
  const choose = ({ target }) => {
    chosenIn = target.closest?.("[data-menu]")?.closest(".card") ?? null;
  };
  for (const event of ["click", "focusin"]) document.addEventListener(event, choose);
  document.addEventListener("htmx:after:swap", () => {
    if (chosenIn?.isConnected && document.activeElement === document.body) chosenIn.querySelector("[data-menu-button]").focus();
  });

  function toggle(card) {
    card.classList.toggle("has-menu");
    show(card);
  }

  function show(card) {
    const isOpen = card.classList.contains("has-menu");
    card.querySelector("[data-menu-button]")?.setAttribute("aria-expanded", String(isOpen));
    const menu = card.querySelector("[data-menu]");
    if (menu) menu.hidden = !isOpen;
  }
})();
