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
    if (frame.active_at) circle.dataset.activeAt = frame.active_at;
    else delete circle.dataset.activeAt;
    say(circle, frame.label);
  }

  // How long somebody has been away is worked out here: what the server sends knows no relative times.
  helpdesk.forEach("[data-active-at]", sayHowLong);
  setInterval(() => document.querySelectorAll("[data-active-at]").forEach(sayHowLong), 30_000);

  function sayHowLong(circle) {
    const minutes = Math.max(0, Math.round((Date.now() - Date.parse(circle.dataset.activeAt)) / 60_000));
    say(circle, circle.title.replace(/last active [^,]*/, `last active ${minutes} min ago`));
  }

  function say(circle, label) {
    circle.title = label;
    helpdesk.write(circle.firstElementChild, label);
    if (circle.dataset.activeAt && label.includes("UTC")) sayHowLong(circle);
  }
})();
