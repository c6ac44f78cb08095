// Presence circles follow their frames; a slower answer does not turn them back.
(() => {
  "use strict";

  const newest = new Map();

  helpdesk.onFrame("presence", (frame) => {
    if (frame.version < (newest.get(frame.presence)?.version ?? 0)) return;
    newest.set(frame.presence, frame);
    document.querySelectorAll(`[data-presence="${CSS.escape(frame.presence)}"]`).forEach(bringUpToDate);
  });

  helpdesk.forEach("[data-presence]", bringUpToDate);

  function bringUpToDate(circle) {
    const frame = newest.get(circle.dataset.presence);
    if (!frame || Number(circle.dataset.version) >= frame.version) return;
    circle.dataset.state = frame.state;
    circle.dataset.version = frame.version;
    circle.title = frame.label;
    helpdesk.write(circle.firstElementChild, frame.label);
  }
})();
