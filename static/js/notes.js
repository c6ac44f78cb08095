// Internal notes: a composer in another colour, whose lines only agents read. The mode lasts until it is switched off.
(() => {
  "use strict";

  const WORDS = "Internal note";
  const formOf = (chat) => document.querySelector(`[data-composer="${CSS.escape(chat)}"]`);
  const keyOf = (chat) => `${helpdesk.person}:${chat}:note`;

  helpdesk.forEach("[data-composer]", (form) => {
    if (form.hasNotes || !form.querySelector("[data-note]")) return;
    form.hasNotes = true;
    form.label = form.elements.text.placeholder;
    dress(form, helpdesk.storage.get(keyOf(form.dataset.composer)) === "1");
  });

  helpdesk.forEach("[data-header]", ({ dataset }) => {
    const form = formOf(dataset.header);
    if (form?.hasNotes) offer(form);
  });

  document.addEventListener("click", ({ target }) => {
    const form = target.closest("[data-note]")?.form;
    if (form) toggle(form);
  });

  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.code !== "KeyI") return;
    const form = event.target.closest?.("[data-chat]")?.querySelector("[data-composer]");
    if (!form?.hasNotes || form.querySelector("[data-note]").hidden) return;
    event.preventDefault();
    toggle(form);
  });

  /** Have the composer of a chat, here or when it comes, write notes or lines for everybody. */
  helpdesk.setNote = (chat, isNote) => {
    if (isNote) helpdesk.storage.set(keyOf(chat), "1");
    else helpdesk.storage.remove(keyOf(chat));
    const form = formOf(chat);
    if (form?.hasNotes) dress(form, isNote);
  };

  function toggle(form) {
    helpdesk.setNote(form.dataset.composer, !form.classList.contains("is-note"));
    form.elements.text.focus();
  }

  function dress(form, isNote) {
    const field = form.elements.text;
    form.classList.toggle("is-note", isNote);
    form.querySelector("[data-note]").setAttribute("aria-pressed", String(isNote));
    field.placeholder = isNote ? `${WORDS} (agents only)` : form.label;
    field.setAttribute("aria-label", isNote ? WORDS : form.label.replace("…", ""));
    offer(form);
  }

  function offer(form) {
    const header = document.querySelector(`[data-header="${CSS.escape(form.dataset.composer)}"]`);
    form.querySelector("[data-note]").hidden = !header || !("mayNote" in header.dataset);
  }

  // Another tab of the same agent: what was typed there as a note never becomes a line for everybody here.
  window.addEventListener("storage", ({ key, newValue }) => {
    const chat = key?.match(/^helpdesk:[^:]+:([^:]+):note$/)?.[1];
    const form = chat && formOf(chat);
    if (form?.hasNotes && (newValue === "1" || !form.elements.text.value)) dress(form, newValue === "1");
  });
})();
