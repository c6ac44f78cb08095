// Who signs out or goes unavailable with customer chats in hand is asked once what becomes of them.
(() => {
  "use strict";

  const dialog = document.getElementById("in-hand");
  if (!dialog) return;

  let goOn = null;

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-leaves]");
    if (!button || button.isAnswered || button.dataset.leaves === "next" && !leadsAway()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(button);
  }, { capture: true });

  /** From external, a click on the button leads to unavailable. */
  function leadsAway() {
    return document.getElementById("availability").dataset.level === "2";
  }

  async function ask(button) {
    const answer = await helpdesk.send("GET", dialog.dataset.url, { isAutomatic: false }).catch(() => null);
    goOn = () => {
      button.isAnswered = true;
      button.click();
      button.isAnswered = false;
    };
    if (answer?.status !== 200) return goOn();
    await helpdesk.swap(answer.text, dialog, "innerHTML");
    dialog.showModal();
    dialog.querySelector("h2").focus();
  }

  dialog.addEventListener("click", async ({ target }) => {
    const { inHand } = target.dataset;
    if (!inHand) return;
    if (inHand === "offer" || inHand === "close") {
      target.disabled = true;
      const answer = await helpdesk.send("POST", dialog.dataset.url, { fields: { deed: inHand }, isAutomatic: false }).catch(() => null);
      target.disabled = false;
      if (answer?.status !== 204) return helpdesk.alert(dialog.querySelector("footer"), "This could not be done. Please try again.");
    }
    dialog.close();
    if (inHand !== "cancel") goOn();
  });
})();
