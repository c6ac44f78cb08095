// How far this reader got, told to the server; and how many lines he has not read yet.
(() => {
  "use strict";

  const SOON_MS = 150;
  const LOOK_EVERY_MS = 2_000;
  const AGAIN_MS = 10_000;
  const told = new Map();
  let timer = null;

  const logs = () => [...document.querySelectorAll("[data-log][data-read]")];

  helpdesk.forEach("[data-log][data-read]", soon);
  helpdesk.forEach(".line[data-seq]", soon);
  document.addEventListener("helpdesk:marks", soon);
  document.addEventListener("visibilitychange", soon);
  document.addEventListener("scroll", soon, { capture: true, passive: true });
  document.addEventListener("click", soon);
  window.addEventListener("focus", soon);
  setInterval(look, LOOK_EVERY_MS);

  function soon() {
    timer ??= setTimeout(look, SOON_MS);
  }

  helpdesk.onFrame("ready", () => {
    told.clear();
    soon();
  });

  function look() {
    timer = null;
    const steps = logs().map((log) => [log, stepOf(log)]);
    const news = steps.filter(([log, step]) => isNew(log, step));
    const read = Object.fromEntries(news.map(([log, step]) => [log.dataset.log, step]));
    if (news.length && helpdesk.say({ read })) news.forEach(note);
    count(steps);
  }

  /** A line is delivered when it is in the page, and seen when the end of its log is in view and the page in use. */
  function stepOf(log) {
    const number = helpdesk.complete(log);
    return [number, isInView(log) ? number : 0];
  }

  function isInView(log) {
    if (document.visibilityState !== "visible" || !document.hasFocus()) return false;
    const scroller = log.closest("[data-scroller]");
    const box = scroller.getBoundingClientRect();
    if (!box.height || scroller.isReadingBack) return false;
    return scroller.contains(document.elementFromPoint(box.left + box.width / 2, box.bottom - 4));
  }

  /** What was told and not confirmed is told again after a while: a hint may get lost. */
  function isNew(log, [delivered, seen]) {
    const known = told.get(log.dataset.log) ?? { delivered: 0, seen: Number(log.dataset.read), at: Date.now() };
    if (delivered > known.delivered || seen > known.seen) return true;
    return seen > Number(log.dataset.read) && Date.now() - known.at > AGAIN_MS;
  }

  function note([log, [delivered, seen]]) {
    const { seen: before = 0 } = told.get(log.dataset.log) ?? {};
    told.set(log.dataset.log, { delivered, seen: Math.max(before, seen), at: Date.now() });
  }

  // While the socket is down, with every round of polling.
  document.body.addEventListener("refresh", () => {
    for (const log of logs()) post(log, stepOf(log));
  });

  async function post(log, [delivered, seen]) {
    if (helpdesk.isUp() || !isNew(log, [delivered, seen])) return;
    const url = log.dataset.afterUrl.replace(/messages$/, "cursor");
    const answer = await helpdesk.send("POST", url, { fields: { delivered, seen } }).catch(() => null);
    if (answer?.status !== 204) return;
    note([log, [delivered, seen]]);
    helpdesk.raiseMarks(log, [0, 0, seen]);
  }

  function count(steps) {
    let total = 0;
    for (const [log, [, seen]] of steps) {
      const read = Math.max(seen, told.get(log.dataset.log)?.seen ?? 0, Number(log.dataset.read));
      log.unread = unreadOf(log, read);
      total += log.unread;
    }
    helpdesk.badge("unread", total);
    document.dispatchEvent(new CustomEvent("helpdesk:unread", { detail: total }));
  }

  function unreadOf(log, read) {
    let number = 0;
    for (let line = log.lastElementChild; line && Number(line.dataset.seq) > read; line = line.previousElementSibling) {
      if (!line.classList.contains("system") && line.dataset.author !== helpdesk.person) number += 1;
    }
    return number;
  }
})();
