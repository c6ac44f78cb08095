// The dialog of the chat menu: what is fetched into it opens it; when it closes, the focus goes back to the entry.
(() => {
  "use strict";

  const dialog = document.getElementById("chat-dialog");
  if (!dialog) return;

  let openedFrom = "";

  helpdesk.forEach("[data-dialog]", (content) => {
    if (!dialog.contains(content)) return;
    if (!dialog.open) dialog.showModal();
    (content.querySelector("input:checked, select") ?? content.querySelector("h2")).focus();
  });

  document.addEventListener("click", ({ target }) => {
    const entry = target.closest('[aria-haspopup="dialog"]');
    if (entry) openedFrom = entry.id;
    if (target === dialog || (target.closest("[data-close-dialog]") && dialog.contains(target))) dialog.close();
  });

  document.body.addEventListener("chat:done", () => dialog.close());

  dialog.addEventListener("close", () => {
    dialog.replaceChildren();
    document.getElementById(openedFrom)?.focus();
  });
})();
