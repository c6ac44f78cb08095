// The preview of a request: opened by its row, closed by accepting; it learns when somebody else was faster.
(() => {
  "use strict";

  const EVERY_MS = 5_000;
  const dialog = document.getElementById("preview");
  if (!dialog) return;

  let openedFrom = "";
  let gone = "";

  const shown = () => dialog.querySelector("[data-preview]");

  helpdesk.forEach("[data-preview]", (preview) => {
    if (dialog.open) return;
    if (openedFrom !== preview.dataset.preview) return dialog.replaceChildren(); // it was cancelled meanwhile
    dialog.showModal();
    dialog.querySelector("h2")?.focus();
  });

  /** Open the preview of a request, listed here or not. */
  helpdesk.openPreview = (chat) => {
    if (document.getElementById(`chat-${chat}`)) return helpdesk.openCard(chat);
    [openedFrom, gone] = [chat, ""];
    return fetchDialog(`${helpdesk.consolePath()}/${chat}/preview`, (words) => helpdesk.alert(document.body, words));
  };

  document.addEventListener("click", ({ target }) => {
    const link = target.closest("[data-open]");
    if (link) [openedFrom, gone] = [link.dataset.open, ""];
    if (target.closest("[data-close-dialog]") || target === dialog) target.closest("dialog").close();
  });

  dialog.addEventListener("close", () => {
    dialog.replaceChildren();
    const link = document.getElementById(`open-${openedFrom}`);
    openedFrom = "";
    if (link) link.focus();
    else if (document.activeElement === document.body) document.getElementById("title-customer").focus();
  });

  // Accepted: the dialog goes before the card comes, whose log has the same id; and the row, which polling would leave a while.
  document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
    if (!ctx.sourceElement.matches?.("[data-accept]") || ctx.response.status !== 200) return;
    helpdesk.focusCard = shown()?.dataset.preview;
    document.getElementById(`request-${helpdesk.focusCard}`)?.remove();
    dialog.close();
    dialog.replaceChildren();
  });

  document.body.addEventListener("chat:declined", () => dialog.close());

  // The row left the lists while its preview was open: accepted, withdrawn or moved; the server says which.
  document.addEventListener("htmx:after:swap", () => {
    const preview = shown();
    if (dialog.open && document.activeElement === document.body) dialog.querySelector("h2")?.focus();
    const isThere = preview && document.getElementById(`request-${preview.dataset.preview}`);
    if (!preview || isThere || gone === preview.dataset.preview) return;
    if (preview.querySelector("[data-accept].htmx-request")) return;
    gone = preview.dataset.preview;
    askAgain(preview.dataset);
  });

  function askAgain({ preview: chat, url }) {
    return fetchDialog(url, tooLate, () => shown()?.dataset.preview === chat);
  }

  /** Fetch a preview; it says itself who was faster. `refuse` is called with the words of who may not see it at all. */
  async function fetchDialog(url, refuse, isWanted = () => true) {
    const answer = await helpdesk.send("GET", url).catch(() => null);
    if (!isWanted()) return;
    if (answer?.status === 200 || answer?.status === 409) await helpdesk.swap(answer.text, dialog, "innerHTML");
    else if (answer?.status === 404) refuse(helpdesk.alertWords(answer.text));
  }

  function tooLate(words) {
    helpdesk.alert(shown().querySelector("footer"), words);
    dialog.querySelectorAll("footer button:not([data-close-dialog])").forEach((button) => {
      button.disabled = true;
    });
  }

  setInterval(() => dialog.open && !gone && dialog.querySelectorAll("[data-log]").forEach(helpdesk.catchUp), EVERY_MS);
})();
