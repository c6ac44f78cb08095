// Words that are typed into a ticket: kept until the page shows the article that was made of them.
(() => {
  "use strict";

  const keyOf = (field) => `${helpdesk.person}:${field.dataset.draft}:draft`;

  helpdesk.forEach("textarea[data-draft]", (field) => {
    if (field.isDressed) return;
    field.isDressed = true;
    const { text, after } = JSON.parse(helpdesk.storage.get(keyOf(field)) ?? "{}");
    const made = Number(location.hash.match(/^#article-(\d+)$/)?.[1]);
    if (made > after) return helpdesk.storage.remove(keyOf(field));
    if (!text || field.value) return;
    field.value = text;
    if (!document.querySelector(".deeds [open]")) field.closest("details").open = true;
  });

  function keep(field, after) {
    if (!field.value) return helpdesk.storage.remove(keyOf(field));
    helpdesk.storage.set(keyOf(field), JSON.stringify({ text: field.value, after }));
  }

  document.addEventListener("input", ({ target }) => target.matches("[data-draft]") && keep(target));

  // Whether it was taken shows when the next page comes: that one has an article behind those of this page.
  document.addEventListener("submit", ({ target }) => {
    const field = target.querySelector("[data-draft]");
    if (field) keep(field, Number(target.elements.after.value));
  });
})();
