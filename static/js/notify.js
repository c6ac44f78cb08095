// Telling somebody of an event: once however many pages are open, as a notification, or else on the page and by a sound.
(() => {
  "use strict";

  const TOAST_MS = 10_000;
  const WORDS = {
    denied: "Notifications are blocked: allow them for this site in your browser’s settings.",
    unsupported: "This browser shows no notifications here; you are told on the page.",
  };
  const between = window.BroadcastChannel && new BroadcastChannel(`helpdesk:${helpdesk.person}`);

  // The face says what is in view, where a click leads, and how it sounds.
  helpdesk.face = { isInView: () => false, go: () => {}, sound: () => ({ sound: "once", volume: 30 }) };

  const state = () => (window.isSecureContext && window.Notification ? Notification.permission : "unsupported");

  /** Tell of an event {key, title, text, chat or request, unlessInView}; all of it plain text. */
  helpdesk.tell = async (event) => {
    if (event.unlessInView && helpdesk.face.isInView(event.chat)) return navigator.locks || helpdesk.claim(event.key);
    if (!(await helpdesk.isSpeaker())) return undefined;
    if (state() === "granted" && (await helpdesk.isConsoleElsewhere())) return between.postMessage(event);
    return show(event);
  };

  between?.addEventListener("message", ({ data }) => document.querySelector("[data-console]") && show(data));

  async function show(event) {
    if (!(await helpdesk.claim(event.key))) return;
    const { sound, volume } = helpdesk.face.sound();
    if (sound !== "off") helpdesk.beep(volume);
    if (!notified(event)) toast(event);
  }

  function notified(event) {
    if (state() !== "granted") return false;
    try {
      const shown = new Notification(event.title, { body: event.text, tag: event.key, silent: true });
      shown.addEventListener("click", () => {
        shown.close();
        window.focus();
        helpdesk.face.go(event);
      });
      return true;
    } catch {
      return false; // some browsers have it, but not for pages
    }
  }

  const toasts = document.createElement("div");
  toasts.className = "told";
  toasts.setAttribute("role", "status");
  document.addEventListener("DOMContentLoaded", () => document.body.append(toasts));

  /** The words themselves stand in the page already, and stand there once. */
  function toast(event) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = event.title;
    button.addEventListener("click", () => {
      button.remove();
      helpdesk.face.go(event);
    });
    toasts.append(button);
    whenSeen(() => setTimeout(() => button.remove(), TOAST_MS));
  }

  function whenSeen(act) {
    if (!document.hidden) return act();
    return document.addEventListener("visibilitychange", act, { once: true });
  }

  /** Show a notification, or its substitute, just to see one. */
  helpdesk.tellTest = (event) => notified(event) || toast(event);

  /** Ask for the permission, where it was never asked. */
  helpdesk.askToNotify = async () => {
    if (state() === "default") await Notification.requestPermission();
    document.querySelectorAll("[data-notify]").forEach(dress);
  };

  helpdesk.forEach("[data-notify]", dress);

  function dress(place) {
    const now = state();
    place.querySelector("button").hidden = now !== "default";
    helpdesk.write(place.querySelector("span"), WORDS[now] ?? "");
    place.hidden = now === "granted" || (now === "unsupported" && place.dataset.notify !== "all");
  }

  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-notify] button")) helpdesk.askToNotify();
  });
})();
