// Which actions in which chat this agent is told of: known on every page, in step in all of them.
(() => {
  "use strict";

  let chats = {};

  helpdesk.onFrame("ready", ({ ready }) => {
    chats = {};
    for (const [chat, [, , position, isInternal]] of Object.entries(ready.chats ?? {})) chats[chat] = { position, isInternal };
  });

  helpdesk.onFrame("monitoring", ({ monitoring: chat, position }) => {
    chats[chat] = { ...chats[chat], position };
    const header = document.getElementById(`header-${chat}`);
    if (header && !header.querySelector(".monitoring.htmx-request")) htmx.trigger(header, "behind", {}, false);
  });

  /** Tell whether somebody's line, of whatever kind, is one this agent wants to be told of. */
  helpdesk.isMonitored = (chat, line) => {
    const { position, isInternal } = chats[chat] ?? {};
    if (!position || line.dataset.author === helpdesk.person) return false;
    return position === 2 || Boolean(isInternal) || "ofGuest" in line.dataset;
  };
})();
