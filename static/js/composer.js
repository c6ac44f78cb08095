// The composer: Enter sends, Shift+Enter makes a line; what is typed is kept until it is on its way.
(() => {
  "use strict";

  const MOST = 4_000;
  const COUNT_FROM = 3_800;

  helpdesk.forEach("[data-composer]", (form) => {
    if (form.isDressed) return;
    form.isDressed = true;
    const field = form.elements.text;
    const chat = form.dataset.composer;
    field.value ||= helpdesk.storage.get(draftKey(chat)) ?? "";
    showCount(field);
    helpdesk.resumeLines(chat, form.getAttribute("action"));
    obeyHeader(chat);
  });

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    const isPlainEnter = event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
    if (!isPlainEnter || event.isComposing || event.keyCode === 229 || !field.matches?.("[data-composer] textarea")) return;
    event.preventDefault();
    field.form.requestSubmit();
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-composer]")) return;
    event.preventDefault();
    submit(form, form.elements.text);
  });

  function submit(form, field) {
    const text = field.value.trim();
    if (field.readOnly || !text) return;
    if (lengthOf(text) > MOST) return helpdesk.alert(field, tooLong(text));
    helpdesk.clearAlert(field);
    keep(field, "");
    helpdesk.sendLine(form.dataset.composer, form.getAttribute("action"), text, form.classList.contains("is-note"));
    field.focus();
  }

  function tooLong(text) {
    return `Please use at most ${MOST.toLocaleString()} characters; this has ${lengthOf(text).toLocaleString()}.`;
  }

  function lengthOf(text) {
    return [...text.normalize("NFC")].length;
  }

  function draftKey(chat) {
    return `${helpdesk.person}:${chat}:draft`;
  }

  function keep(field, text) {
    field.value = text;
    remember(field);
  }

  function remember(field) {
    showCount(field);
    const chat = field.form.dataset.composer;
    if (!chat) return;
    if (field.value) helpdesk.storage.set(draftKey(chat), field.value);
    else helpdesk.storage.remove(draftKey(chat));
  }

  document.addEventListener("input", ({ target }) => {
    if (target.matches("[data-composer] textarea")) remember(target);
    else if (target.matches("[data-limited]")) showCount(target);
  });

  function showCount(field) {
    const count = lengthOf(field.value);
    const counter = field.form.querySelector("[data-counter]");
    helpdesk.write(counter, count < COUNT_FROM ? "" : `${count.toLocaleString()} / ${MOST.toLocaleString()}`);
    counter.classList.toggle("over", count > MOST);
  }

  // Another tab of the same person sent or changed the draft: this one follows unless somebody writes in it.
  window.addEventListener("storage", ({ key, oldValue, newValue }) => {
    const chat = key?.match(/^helpdesk:[^:]+:([^:]+):draft$/)?.[1];
    const field = chat && document.querySelector(`[data-composer="${CSS.escape(chat)}"]`)?.elements.text;
    const isInUse = field === document.activeElement && document.hasFocus();
    if (!field || isInUse || field.value !== (oldValue ?? "")) return;
    field.value = newValue ?? "";
    showCount(field);
  });

  /** Put words that were refused back into the composer, before what is in it by now. */
  helpdesk.giveBack = (chat, text, status, words) => {
    const field = document.querySelector(`[data-composer="${CSS.escape(chat)}"]`)?.elements.text;
    if (!field) return helpdesk.storage.set(draftKey(chat), text);
    keep(field, field.value ? `${text}\n${field.value}` : text);
    if (status === 409) {
      setReadOnly(field.form, true);
      const header = document.querySelector(`[data-header="${CSS.escape(chat)}"]`);
      return htmx.trigger(header, "behind", {}, false);
    }
    return helpdesk.alert(field, words || "This was not sent. Your text is kept.");
  };

  helpdesk.forEach("[data-header]", (header) => obeyHeader(header.dataset.header));

  function obeyHeader(chat) {
    const header = document.querySelector(`[data-header="${CSS.escape(chat)}"]`);
    const form = document.querySelector(`[data-composer="${CSS.escape(chat)}"]`);
    if (header && form) setReadOnly(form, header.dataset.mayWrite === "0");
  }

  function setReadOnly(form, isReadOnly) {
    form.elements.text.readOnly = isReadOnly;
    form.querySelectorAll(".send, .attach").forEach((button) => {
      button.hidden = isReadOnly;
    });
    form.classList.toggle("is-read-only", isReadOnly);
  }

  /** Forget the draft of a chat that has left the screen for good. */
  helpdesk.forgetDraft = (chat) => {
    helpdesk.storage.remove(draftKey(chat));
    helpdesk.setNote?.(chat, false);
  };
})();
