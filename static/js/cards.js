// My Active Chats: cards come and go; the number beside the title follows.
(() => {
  "use strict";

  const area = document.getElementById("active-chats");
  if (!area) return;

  const cards = () => [...area.querySelectorAll(":scope > .card")];

  document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
    if (ctx.sourceElement !== area) return;
    ctx.request.body.set("have", cards().map((card) => card.dataset.chat).join(","));
  });

  helpdesk.onFrame("ready", ({ ready }) => {
    const here = new Set(cards().map((card) => card.dataset.chat));
    const mine = Object.keys(ready.chats ?? {});
    if (mine.length !== here.size || mine.some((chat) => !here.has(chat))) helpdesk.raise("active");
  });

  helpdesk.forEach("#active-chats > .card", (card) => {
    if (helpdesk.focusCard !== card.dataset.chat) return;
    helpdesk.focusCard = undefined;
    showChats();
    helpdesk.goToCard(card);
  });

  /** Bring a card to the front and its composer under the keys. */
  helpdesk.goToCard = (card) => {
    card.scrollIntoView({ block: "nearest", inline: "start" });
    card.querySelector("textarea").focus({ preventScroll: true });
  };

  /** Go to the card of a chat, also when it is still to come. */
  helpdesk.openCard = (chat) => {
    document.getElementById("preview").close();
    const card = document.getElementById(`chat-${chat}`);
    if (!card) {
      helpdesk.focusCard = chat;
      return helpdesk.raise("active");
    }
    showChats();
    return helpdesk.goToCard(card);
  };

  helpdesk.cards = cards;

  document.addEventListener("DOMContentLoaded", () => {
    count();
    const named = location.hash && cards().find((card) => `#${card.id}` === location.hash);
    if (!named) return;
    showChats();
    helpdesk.goToCard(named);
  });
  document.addEventListener("htmx:after:swap", count);

  function count() {
    const words = String(cards().length);
    document.querySelectorAll("[data-cards]").forEach((element) => helpdesk.write(element, words));
  }

  // A dismissed card takes its unsent words with it.
  document.addEventListener("htmx:before:cleanup", ({ target }) => {
    const isDismissed = target.matches?.(".card") && target.querySelector('[data-header][data-state="closed"]');
    if (isDismissed) helpdesk.forgetDraft(target.dataset.chat);
  });

  // With its card gone, the focus goes to the title: what is typed on must not land in another chat.
  let focused = null;
  document.addEventListener("focusin", ({ target }) => {
    focused = target.closest(".card");
  });
  document.addEventListener("htmx:after:swap", () => {
    if (focused && !focused.isConnected && document.activeElement === document.body) document.getElementById("title-active")?.focus();
  });

  // On a phone requests and chats are two tabs.
  document.addEventListener("click", ({ target }) => {
    const tab = target.closest("[role=tab]");
    if (tab) select(tab);
  });

  document.addEventListener("keydown", ({ key, target }) => {
    if (!target.matches?.("[role=tab]") || !["ArrowLeft", "ArrowRight"].includes(key)) return;
    const other = target.nextElementSibling ?? target.previousElementSibling;
    select(other);
    other.focus();
  });

  function showChats() {
    select(document.querySelector('[role=tab][data-tab="chats"]'));
  }

  function select(tab) {
    tab.closest("[data-console]").dataset.tab = tab.dataset.tab;
    for (const each of tab.parentElement.children) {
      each.setAttribute("aria-selected", String(each === tab));
      each.tabIndex = each === tab ? 0 : -1;
    }
  }
})();
