// What customers and visitors are told of: an agent who asks, and what agents say while nobody looks.
(() => {
  "use strict";

  const panel = document.getElementById("window-panel");
  if (!panel) return;

  const shown = () => document.getElementById("window-view")?.dataset.chat;

  helpdesk.face.isInView = (chat) => document.hasFocus() && !panel.hidden && shown() === chat;
  helpdesk.face.go = ({ chat }) => helpdesk.openWindow(chat);

  helpdesk.onFrame("personal", ({ personal: request, by, text }) => {
    if (by) helpdesk.tell({ key: `request:${request}`, title: `${by} would like to chat with you`, text, request });
  });

  // What agents asked before this page could hear it.
  helpdesk.onFrame("ready", ({ ready }) => {
    const incoming = document.getElementById("incoming");
    if (incoming && incoming.dataset.etag !== ready.own) helpdesk.raise("personal");
  });

  helpdesk.onFrame("chat", ({ chat, n, content }) => {
    const line = new DOMParser().parseFromString(content, "text/html").querySelector(".line");
    if (line?.dataset.author !== "agent" && line?.dataset.kind !== "asked") return;
    const title = line.querySelector(".author")?.textContent ?? "Chat";
    helpdesk.tell({ key: `line:${chat}:${n}`, title, text: line.querySelector(".text").textContent, chat, unlessInView: true });
  });
})();
