// The line between requests and chats: dragged or moved by the arrow keys, and remembered.
(() => {
  "use strict";

  const LEAST = 10;
  const MOST = 80;
  const STEP = 5;
  const splitter = document.querySelector("[data-splitter]");
  if (!splitter) return;

  const area = splitter.parentElement;
  const requests = document.getElementById("requests");
  set(Number(helpdesk.storage.get("requests-height")) || 30);

  splitter.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    splitter.setPointerCapture(event.pointerId);
    splitter.addEventListener("pointermove", drag);
  });

  splitter.addEventListener("lostpointercapture", () => {
    splitter.removeEventListener("pointermove", drag);
    remember();
  });

  splitter.addEventListener("keydown", (event) => {
    const way = { ArrowUp: -STEP, ArrowDown: STEP }[event.key];
    if (!way || event.altKey) return;
    event.preventDefault();
    set(Number(splitter.ariaValueNow) + way);
    remember();
  });

  function drag(event) {
    set(((event.clientY - requests.getBoundingClientRect().top) / innerHeight) * 100);
  }

  function set(percent) {
    const height = Math.round(Math.min(MOST, Math.max(LEAST, percent)));
    area.style.setProperty("--requests-height", `${height}vh`);
    splitter.ariaValueNow = String(height);
    splitter.ariaValueText = `${height} % of the window`;
  }

  function remember() {
    helpdesk.storage.set("requests-height", splitter.ariaValueNow);
  }
})();
