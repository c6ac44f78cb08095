// The dialogs of the chat menu: what is fetched into one opens it; when it closes, the focus goes back to the entry.
// The ticket panel stands beside the chats, which stay usable: it is no modal one.
(() => {
  "use strict";

  const panel = document.getElementById("ticket-panel");
  const openedFrom = {};

  helpdesk.forEach("dialog > [data-dialog]", (content) => {
    const dialog = content.parentElement;
    if (!dialog.open) dialog === panel ? dialog.show() : dialog.showModal();
    const first = dialog === panel ? "[aria-invalid]" : "input:checked, select";
    (content.querySelector(first) ?? content.querySelector("h2")).focus();
  });

  // A form that is open beside the chats is not replaced by another one: what was typed would be lost.
  document.addEventListener("click", (event) => {
    const entry = event.target.closest('[aria-haspopup="dialog"]');
    const dialog = entry && document.querySelector(entry.getAttribute("hx-target"));
    if (dialog === panel && panel?.open && panel.querySelector("form")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      helpdesk.alert(panel.querySelector("form"), "This form is open still. Please finish or cancel it first.");
      panel.querySelector("h2").focus();
    } else if (dialog) {
      openedFrom[dialog.id] = entry.id;
    }
  }, { capture: true });

  document.addEventListener("click", ({ target }) => {
    const dialog = target.closest("dialog");
    if (dialog && dialog !== panel && target === dialog && dialog.querySelector("[data-dialog]")) dialog.close();
    if (target.closest("[data-close-dialog]")) dialog?.close();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && panel?.open && panel.contains(event.target)) panel.close();
  });

  document.body.addEventListener("chat:done", () => document.getElementById("chat-dialog")?.close());

  document.addEventListener("close", ({ target }) => {
    if (!(target.id in openedFrom)) return;
    target.replaceChildren();
    document.getElementById(openedFrom[target.id])?.focus();
  }, { capture: true });
})();
