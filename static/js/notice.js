// The line about not being reachable can be dismissed; it comes back when the reason is another one, or was gone.
(() => {
  "use strict";

  const key = `${helpdesk.person}:notice`;

  document.addEventListener("click", ({ target }) => {
    const notice = target.closest("[data-dismiss-notice]")?.closest(".notice");
    if (!notice) return;
    helpdesk.storage.set(key, reasonOf(notice));
    notice.hidden = true;
  });

  helpdesk.forEach(".notice", (notice) => {
    if (!reasonOf(notice)) helpdesk.storage.remove(key);
    else notice.hidden = reasonOf(notice) === helpdesk.storage.get(key);
  });

  function reasonOf(notice) {
    return notice.querySelector("p")?.textContent.trim() ?? "";
  }
})();
