// Keyboard: "?" shows the sheet, Alt with the arrows walks the active chats.
(() => {
  "use strict";

  const sheet = document.getElementById("keys");
  if (!sheet) return;

  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches?.("input, textarea, select");
    if (event.key === "?" && !isTyping && !document.querySelector("dialog[open]")) return show(event);
    if (event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key)) walk(event);
    return undefined;
  });

  document.addEventListener("click", (event) => event.target.closest("[data-show-keys]") && show(event));

  function show(event) {
    event.preventDefault();
    sheet.showModal();
  }

  function walk(event) {
    const cards = helpdesk.cards?.() ?? [];
    if (!cards.length) return;
    event.preventDefault();
    const at = cards.indexOf(document.activeElement.closest(".card"));
    const step = event.key === "ArrowDown" ? 1 : -1;
    const next = at < 0 ? 0 : (at + step + cards.length) % cards.length;
    helpdesk.goToCard(cards[next]);
  }
})();
