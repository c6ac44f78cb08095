// A menu that popped up goes when something in it was chosen.
(() => {
  "use strict";

  document.addEventListener("click", ({ target }) => {
    if (target.closest(".menu :is(a, button)")) target.closest("[popover]")?.hidePopover();
  });
})();
