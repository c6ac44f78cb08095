// Every failure says in plain words what happened, near to what was clicked; failures of polls stay silent.
(() => {
  "use strict";

  const UNREACHABLE = "The server cannot be reached. Nothing was lost; please try again.";
  const UNEXPECTED = "That did not work. Nothing was lost; please try again.";
  const TOAST_MS = 10_000;

  /** Show `words` in the nearest place for alerts above `source`. */
  helpdesk.alert = (source, words) => {
    const slot = slotFor(source);
    const alert = document.createElement("p");
    alert.className = "alert";
    alert.setAttribute("role", "alert");
    alert.textContent = words;
    alert.classList.toggle("unreachable", words === UNREACHABLE);
    slot.replaceChildren(alert);
    if (slot.closest("dialog")) alert.scrollIntoView({ block: "nearest" });
    if (slot.id === "toasts") setTimeout(() => alert.remove(), TOAST_MS);
  };

  /** The server is back: what said otherwise is out of date. */
  helpdesk.clearUnreachable = () => document.querySelectorAll(".alert.unreachable").forEach((alert) => alert.remove());

  helpdesk.clearAlert = (source) => slotFor(source).replaceChildren();

  function slotFor(source) {
    for (let place = source; place; place = place.parentElement) {
      const slot = place.querySelector(":scope > [data-alert]");
      if (slot) return slot;
    }
    return document.getElementById("toasts");
  }

  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    if (helpdesk.isAct(ctx)) helpdesk.clearAlert(ctx.sourceElement);
  });

  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.response.status < 400 || ctx.hx.redirect) return;
    if (!helpdesk.isAct(ctx)) return event.preventDefault();
    const words = helpdesk.alertWords(ctx.text);
    const isPage = ctx.response.status >= 500 || /^\s*<!doctype/i.test(ctx.text);
    if (!words && !isPage) return; // a form or dialog that says itself what is wrong
    helpdesk.alert(ctx.sourceElement, words || UNEXPECTED);
    event.preventDefault();
  });

  document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
    if (helpdesk.isAct(ctx) && !ctx.response) helpdesk.alert(ctx.sourceElement, UNREACHABLE);
  });

  document.addEventListener("click", (event) => event.target.closest("#toasts .alert")?.remove());
})();
