// The dialogs of the chat menu: what is fetched into one opens it; when it closes, the focus goes back to the entry.
// The ticket panel stands beside the chats, which stay usable: it is no modal one.
(() => {
  "use strict";

  const panel = document.getElementById("ticket-panel");
  const openedFrom = {};
  const PUBLIC_ID_LENGTH = 22;

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
    if (target.querySelector("[data-stored]") && document.querySelector(".protocol")) location.reload();
    target.replaceChildren();
    goBack(openedFrom[target.id]);
  }, { capture: true });

  /** The entry may be gone, or its menu closed: then to the triangle of its chat, or where the page begins. */
  function goBack(entry) {
    for (const id of [entry, `menu-${entry.slice(-PUBLIC_ID_LENGTH)}`, "main"]) {
      const place = document.getElementById(id);
      place?.focus();
      if (place && document.activeElement === place) return;
    }
  }

  // A button that was pressed has lost the focus while it waited; what is wrong stands above.
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    const dialog = ctx.sourceElement.closest?.("dialog[open]");
    if (dialog && document.activeElement === document.body) dialog.querySelector("h2")?.focus();
  });
})();
