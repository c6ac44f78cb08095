// Unread lines, counted on the card and on the phone's strip.
(() => {
  "use strict";

  document.addEventListener("helpdesk:unread", () => {
    for (const log of document.querySelectorAll("[data-log][data-read]")) {
      const place = log.closest(".card")?.querySelector(":scope > [data-unread]");
      if (place) show(place, log.unread);
      const button = document.querySelector(`#strip [data-chat="${CSS.escape(log.dataset.log)}"]`);
      if (button) mark(button, log.unread);
    }
  });

  function show(place, number) {
    place.hidden = !number;
    helpdesk.write(place.firstElementChild, String(number || ""));
  }

  function mark(button, number) {
    if (number) button.dataset.unread = number;
    else delete button.dataset.unread;
  }
})();
