// About this customer: fetched when it is opened, and again while it is open when the customer goes to another page.
(() => {
  "use strict";

  const fetchAbout = (details) => htmx.trigger(details.querySelector("[hx-get]"), "behind", {}, false);

  document.addEventListener("toggle", ({ target }) => {
    if (target.matches?.("[data-about]") && target.open) fetchAbout(target);
  }, { capture: true });

  helpdesk.onFrame("about", ({ about }) => {
    document.querySelectorAll(`[data-about="${CSS.escape(about)}"][open]`).forEach(fetchAbout);
  });
})();
