// Ending a chat or taking back a request is asked once, in its own card: Enter yes, Esc no.
(() => {
  "use strict";

  document.addEventListener("click", ({ target }) => {
    const ask = target.closest("[data-ask]");
    if (ask) return open(ask);
    if (target.closest("[data-no]")) close(target.closest("[data-confirm]"));
  });

  document.addEventListener("keydown", (event) => {
    const question = event.key === "Escape" && event.target.closest?.("[data-confirm]");
    if (!question) return;
    event.stopPropagation();
    close(question);
  }, { capture: true });

  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    const question = ctx.sourceElement.closest?.("[data-confirm]");
    if (question && ctx.response.status < 400) question.hidden = true;
  });

  function open(ask) {
    const question = areaOf(ask)?.querySelector(`[data-confirm="${ask.dataset.ask}"]`);
    if (!question) return;
    question.hidden = false;
    question.querySelector("[data-yes]").focus();
  }

  function close(question) {
    question.hidden = true;
    areaOf(question).querySelector(`[data-ask="${question.dataset.confirm}"]`)?.focus();
  }

  function areaOf(element) {
    return element.closest(".card, .panel");
  }

  // The chat may end, or the request be answered, while the question stands.
  helpdesk.forEach("[data-header]", (header) => {
    for (const question of header.parentElement.querySelectorAll("[data-confirm]:not([hidden])")) {
      question.hidden = header.dataset.state === "closed" || !areaOf(question).querySelector(`[data-ask="${question.dataset.confirm}"]`);
    }
  });
})();
