// Where a notification leads: to the request's preview or the chat's card, and never away from words that are not kept.
(() => {
  "use strict";

  const isConsole = () => Boolean(document.querySelector("[data-console]"));

  helpdesk.consolePath = () => document.getElementById("waiting").getAttribute("hx-get").replace(/\/waiting$/, "");

  helpdesk.face.isInView = (chat) => {
    const card = document.getElementById(`chat-${chat}`);
    if (!card || !document.hasFocus()) return false;
    const [own, frame] = [card.getBoundingClientRect(), card.parentElement.getBoundingClientRect()];
    const bottom = Math.min(own.bottom, frame.bottom, innerHeight);
    const right = Math.min(own.right, frame.right, innerWidth);
    return bottom > Math.max(own.top, frame.top, 0) && right > Math.max(own.left, frame.left, 0);
  };

  helpdesk.face.go = ({ request, chat }) => {
    if (!request && !chat) return undefined;
    const place = request ? `request-${request}` : `chat-${chat}`;
    if (isConsole() || (chat && document.getElementById(place))) return open(place);
    const url = `${helpdesk.consolePath()}#${place}`;
    if (isUnsaved() || document.querySelector(".card")) return window.open(url);
    return location.assign(url);
  };

  /** Something was typed or chosen that only this page knows. */
  function isUnsaved() {
    return [...document.querySelectorAll("textarea, input, select[name]")].some((field) => {
      if (field.matches("select")) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
      return field.matches("[type=checkbox], [type=radio]") ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
    });
  }

  function open(place) {
    const [kind, id] = [place.slice(0, place.indexOf("-")), place.slice(place.indexOf("-") + 1)];
    return kind === "request" ? helpdesk.openPreview(id) : helpdesk.openCard(id);
  }

  document.addEventListener("DOMContentLoaded", goToNamed);
  window.addEventListener("hashchange", goToNamed);

  function goToNamed() {
    const place = location.hash.slice(1);
    if (!isConsole() || !/^(request|chat)-[\w-]{22}$/.test(place)) return;
    history.replaceState(null, "", location.pathname);
    open(place);
  }
})();
