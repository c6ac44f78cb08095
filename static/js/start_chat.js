// The dialog Start Chat: opened by an icon beside a name; what is typed is kept until it is sent or given up.
(() => {
  "use strict";

  const dialog = document.getElementById("start-chat");
  if (!dialog) return;

  let openedFrom = "";

  const field = () => dialog.querySelector("textarea");
  const draftKey = () => `${helpdesk.person}:ask-${field().form.dataset.startChat}:draft`;

  document.addEventListener("click", ({ target }) => {
    openedFrom = target.closest("[data-ask-person]")?.id ?? openedFrom;
  });

  helpdesk.forEach("[data-start-chat]", () => {
    field().value ||= helpdesk.storage.get(draftKey()) ?? "";
    if (!dialog.open) dialog.showModal();
    field().focus();
  });

  dialog.addEventListener("input", () => helpdesk.storage.set(draftKey(), field().value));

  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229 || event.target !== field()) return;
    event.preventDefault();
    field().form.requestSubmit();
  });

  dialog.addEventListener("click", ({ target }) => {
    if (target.closest("[data-cancel]")) done();
    else if (target === dialog) dialog.close();
  });

  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    if (dialog.contains(ctx.sourceElement) && ctx.response.status === 204) done();
  });

  function done() {
    helpdesk.storage.remove(draftKey());
    dialog.close();
  }

  dialog.addEventListener("close", () => {
    dialog.replaceChildren();
    (document.getElementById(openedFrom) ?? document.getElementById("main")).focus();
  });
})();
