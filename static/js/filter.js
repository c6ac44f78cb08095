// All or My Chat Channels: one choice, shown by both general widgets.
(() => {
  "use strict";

  document.addEventListener("change", ({ target }) => {
    if (!target.matches("[data-filter-form] input")) return;
    choose(target.value);
    document.querySelectorAll("[data-kind]").forEach((list) => htmx.trigger(list, "htmx:abort", {}, false));
  });

  // Chosen in another tab: the list that comes says what it shows.
  helpdesk.forEach("[data-kind][data-filter]", (list) => choose(list.dataset.filter));

  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    const radio = ctx.sourceElement;
    if (!radio.matches?.("[data-filter-form] input") || ctx.response?.status < 400) return;
    choose(radio.value === "all" ? "mine" : "all");
  });

  function choose(value) {
    document.querySelectorAll(`[data-filter-form] input[value="${value}"]`).forEach((radio) => {
      radio.checked = true;
    });
  }
})();
