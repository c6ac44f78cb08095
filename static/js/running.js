// The list of running chats follows its channels; who joins one goes to its card.
(() => {
  "use strict";

  const list = () => document.getElementById("running");

  helpdesk.onFrame("channel", () => {
    if (list()) htmx.trigger(list(), "behind", {}, false);
  });

  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    const { join } = ctx.sourceElement.dataset ?? {};
    if (join && ctx.response.status < 300) location.assign(join);
  });
})();
