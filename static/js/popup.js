// A chat in a window of its own: one window for each chat; choosing the entry again brings it to the front.
(() => {
  "use strict";

  const SHAPE = "popup,width=440,height=640";

  document.addEventListener("click", (event) => {
    const entry = event.target.closest("[data-window]");
    if (entry) open(event, entry);
    if (event.target.closest("[data-close-window]")) window.close();
  });

  /** Opened by its name alone a window that is there stays as it is; a new one is blank. */
  function open(event, entry) {
    const popup = window.open("", `chat-${entry.dataset.window}`, SHAPE);
    if (!popup) return; // forbidden: the link leads to a tab
    event.preventDefault();
    if (popup.location.href === "about:blank") popup.location.replace(entry.href);
    popup.focus();
  }
})();
