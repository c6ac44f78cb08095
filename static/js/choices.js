// Who has chosen is not asked again: an answer that is still on its way would take the choice away.
document.addEventListener("change", ({ target }) => {
  const list = target.closest(".choices[id]");
  if (!list) return;
  document.querySelectorAll(`[hx-target="#${list.id}"]`).forEach((search) => htmx.trigger(search, "htmx:abort", {}, false));
});
