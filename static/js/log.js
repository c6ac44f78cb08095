// Logs: complete, and still while somebody reads back.
(() => {
  "use strict";

  const EVERY_MS = 30_000;
  const NEAR_PX = 40;

  /** Return the number up to which the log of a chat has no gap. */
  helpdesk.complete = (log) => {
    let number = Number(log.firstElementChild?.dataset.seq ?? 1) - 1;
    for (const line of log.children) {
      if (Number(line.dataset.seq) !== number + 1) break;
      number += 1;
    }
    return Math.max(0, number);
  };

  /** Fetch what a log lacks, page by page. */
  helpdesk.catchUp = async (log) => {
    if (log.isCatchingUp) {
      log.isBehindAgain = true;
      return;
    }
    log.isCatchingUp = true;
    try {
      while (log.isConnected && (await fetchPage(log)));
    } catch {
      // no answer: the next poll, or the socket's return, tries again
    }
    log.isCatchingUp = false;
    if (log.isBehindAgain) {
      log.isBehindAgain = false;
      helpdesk.catchUp(log);
    }
  };

  async function fetchPage(log) {
    const after = helpdesk.complete(log);
    const answer = await helpdesk.send("GET", `${log.dataset.afterUrl}?after=${after}`);
    const marks = answer.headers.get("X-Marks");
    if (marks && "read" in log.dataset) helpdesk.raiseMarks(log, marks.split(" ").map(Number));
    if (answer.status !== 200) return false;
    await helpdesk.swap(answer.text);
    return answer.headers.has("X-More") && helpdesk.complete(log) > after;
  }

  const logs = () => document.querySelectorAll("[data-log]");
  const catchUpAll = () => logs().forEach(helpdesk.catchUp);
  document.body.addEventListener("refresh", catchUpAll);
  setInterval(catchUpAll, EVERY_MS);

  helpdesk.onFrame("chat", (frame) => {
    const log = document.getElementById(`log-${frame.chat}`);
    if (log && frame.n > helpdesk.complete(log) + 1) helpdesk.catchUp(log);
  });

  helpdesk.onFrame("changed", (frame) => fetchHeader(frame.changed, frame.version));

  helpdesk.onFrame("ready", ({ ready }) => {
    for (const log of logs()) {
      const [number] = ready.chats?.[log.dataset.log] ?? [Infinity];
      if (number > helpdesk.complete(log)) helpdesk.catchUp(log);
      fetchHeader(log.dataset.log);
    }
  });

  function fetchHeader(chat, version = Infinity) {
    const header = document.querySelector(`[data-header="${CSS.escape(chat)}"]`);
    if (!header || header.closest("[data-chat]").querySelector("button.htmx-request")) return; // its answer says it
    if (Number(header.dataset.version) < version) htmx.trigger(header, "behind", {}, false);
  }

  // At the bottom the log follows; above it, it stays and offers the way down.
  helpdesk.forEach("[data-scroller]", (scroller) => {
    if (scroller.isFollowed) return;
    scroller.isFollowed = true;
    scroller.isReadingBack = false;
    scroller.addEventListener("scroll", () => {
      scroller.isReadingBack = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight > NEAR_PX;
      if (!scroller.isReadingBack) newerButton(scroller).hidden = true;
    });
    newerButton(scroller).addEventListener("click", () => helpdesk.toBottom(scroller));
    new ResizeObserver(() => follow(scroller)).observe(scroller);
    follow(scroller);
  });

  helpdesk.forEach(".line[data-seq]", (line) => {
    const scroller = line.closest("[data-scroller]");
    if (!scroller?.isFollowed || line.isSeen) return;
    line.isSeen = true;
    if (!scroller.isReadingBack) follow(scroller);
    else if (!line.nextElementSibling) newerButton(scroller).hidden = false;
  });

  helpdesk.toBottom = (scroller) => {
    scroller.isReadingBack = false;
    follow(scroller);
  };

  function follow(scroller) {
    if (!scroller.isReadingBack) scroller.scrollTop = scroller.scrollHeight;
  }

  function newerButton(scroller) {
    return scroller.parentElement.querySelector("[data-newer]");
  }
})();
