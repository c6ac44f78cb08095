// The figure in the page title: what waits for the reader, added up from everybody who counts something.
(() => {
  "use strict";

  const counts = {};
  const title = document.title;

  /** Have `count` things of the kind `name` stand in the title. */
  helpdesk.badge = (name, count) => {
    counts[name] = count;
    const sum = Object.values(counts).reduce((total, each) => total + each, 0);
    document.title = sum ? `(${sum}) ${title}` : title;
  };
})();
