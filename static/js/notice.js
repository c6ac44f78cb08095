// The line about not being reachable can be dismissed; it comes back when the reason is another one.
(() => {
  "use strict";

  let dismissed = "";

  document.addEventListener("click", ({ target }) => {
    const notice = target.closest("[data-dismiss-notice]")?.closest(".notice");
    if (!notice) return;
    dismissed = reasonOf(notice);
    notice.replaceChildren();
  });

  helpdesk.forEach(".notice", (notice) => {
    if (dismissed && reasonOf(notice) === dismissed) notice.replaceChildren();
  });

  function reasonOf(notice) {
    return notice.querySelector("p")?.textContent.trim() ?? "";
  }
})();
