// Files of a form that are too many or too large: said when they are chosen, not after they were sent in vain.
(() => {
  "use strict";

  const FIELD = "input[type=file][data-most-files]";

  document.addEventListener("change", ({ target }) => target.matches(FIELD) && check(target));

  document.addEventListener("submit", (event) => {
    const field = event.target.querySelector(FIELD);
    if (field && !check(field)) event.preventDefault();
  });

  /** Returns whether they can be sent; else says why not. */
  function check(field) {
    const { mostFiles, mostBytes, words } = field.dataset;
    const files = [...field.files];
    const size = files.reduce((sum, file) => sum + file.size, 0);
    field.setCustomValidity(files.length > mostFiles || size > mostBytes ? `These files cannot be sent. ${words}` : "");
    return field.reportValidity();
  }
})();
