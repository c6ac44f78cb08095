// Agents see on which page their visitor is: told when a conversation begins, and when the page is another one.
(() => {
  "use strict";

  const here = location.origin + location.pathname;

  helpdesk.forEach("#window-view [data-page]", (input) => {
    input.value = here;
  });

  helpdesk.forEach('#window-view[data-view="chat"]', (view) => {
    const { chat } = view.dataset;
    const now = `${chat} ${here}`;
    const runs = view.querySelector(':is([data-state="request"], [data-state="active"])');
    if (!runs || helpdesk.storage.get("page") === now) return;
    helpdesk.storage.set("page", now);
    const { base } = document.getElementById("window").dataset;
    helpdesk.send("POST", `${base}/chats/${chat}/page`, { fields: { page: here } }).catch(() => {});
  });
})();
