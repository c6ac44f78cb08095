// What is typed into a form beside the chats is kept until the chat is in a ticket, or the form is cancelled: over refusals, reloads and sign-ins.
(() => {
  "use strict";

  const FIELDS = ":is(input:not([type=hidden], [type=file], [type=radio], [type=search]), textarea, select)[name]";
  const keyOf = (publicId) => `${helpdesk.person}:${publicId}:form`;
  let files = null;

  helpdesk.forEach("form[data-kept]", (form) => {
    if (form.isDressed) return;
    form.isDressed = true;
    const kept = JSON.parse(helpdesk.storage.get(keyOf(form.dataset.kept)) ?? "{}");
    for (const field of form.querySelectorAll(FIELDS)) {
      if (!(field.name in kept)) continue;
      if (field.type === "checkbox") field.checked = kept[field.name];
      else field.value = kept[field.name];
    }
    const input = form.querySelector("input[type=file]");
    if (input && files?.length) input.files = files;
    files = null;
  });

  helpdesk.forEach("[data-stored]", ({ dataset }) => helpdesk.storage.remove(keyOf(dataset.stored)));

  document.addEventListener("input", ({ target }) => {
    const form = target.closest("form[data-kept]");
    if (!form) return;
    const typed = [...form.querySelectorAll(FIELDS)].map((field) => [field.name, field.type === "checkbox" ? field.checked : field.value]);
    helpdesk.storage.set(keyOf(form.dataset.kept), JSON.stringify(Object.fromEntries(typed)));
  });

  document.addEventListener("click", ({ target }) => {
    const form = target.closest("[data-close-dialog]")?.closest("form[data-kept]");
    if (form) helpdesk.storage.remove(keyOf(form.dataset.kept));
  });

  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    if (ctx.sourceElement.matches?.("form[data-kept]")) files = ctx.sourceElement.querySelector("input[type=file]")?.files;
  });
})();
