// What is typed into a form that leaves the page stays in this tab until it was taken: through a reload, an error, signing in again.
(() => {
  "use strict";

  const SENT = "helpdesk:draft-sent";
  const FIELDS = "textarea, input:not([type])";
  const keyOf = (form) => `helpdesk:${helpdesk.person}:draft:${form.dataset.draft}`;

  // Only a form that was taken leads on to another page; whatever is wrong is answered in place.
  guarded(() => {
    const [{ redirectCount }] = performance.getEntriesByType("navigation");
    if (redirectCount) sessionStorage.removeItem(sessionStorage.getItem(SENT));
    sessionStorage.removeItem(SENT);
  });

  helpdesk.forEach("form[data-draft]", (form) => {
    const typed = JSON.parse(guarded(() => sessionStorage.getItem(keyOf(form))) ?? "{}");
    for (const field of form.querySelectorAll(FIELDS)) field.value ||= typed[field.name] ?? "";
    const place = form.closest("details");
    if (place && typed.text && !document.querySelector(".deeds [open]")) place.open = true;
  });

  document.addEventListener("input", ({ target }) => {
    const form = target.closest("form[data-draft]");
    if (!form) return;
    const typed = Array.from(form.querySelectorAll(FIELDS), (field) => [field.name, field.value]);
    guarded(() => sessionStorage.setItem(keyOf(form), JSON.stringify(Object.fromEntries(typed))));
  });

  document.addEventListener("submit", ({ target }) => {
    if (target.matches("[data-draft]")) guarded(() => sessionStorage.setItem(SENT, keyOf(target)));
  });

  helpdesk.forgetDraft = (form) => guarded(() => sessionStorage.removeItem(keyOf(form)));

  function guarded(act) {
    try {
      return act();
    } catch {
      return null; // storage is full or forbidden: the page works without
    }
  }
})();
