// Marks of one's own lines: sent, delivered, seen. They follow from two numbers at the log, which only rise.
(() => {
  "use strict";

  const SIGNS = { sent: "✓", delivered: "✓✓", seen: "✓✓" };
  const WORDS = { sent: "Sent", delivered: "Delivered", seen: "Seen" };
  const logOf = (chat) => document.querySelector(`[data-log="${CSS.escape(chat)}"][data-read]`);

  /** Raise what stands at a log: how far the other side got, and up to where this reader has read. */
  helpdesk.raiseMarks = (log, numbers) => {
    if (!log) return;
    ["delivered", "seen", "read"].forEach((name, i) => {
      if (numbers[i] > Number(log.dataset[name])) log.dataset[name] = numbers[i];
    });
    drawAll(log);
  };

  helpdesk.onFrame("marks", (frame) => helpdesk.raiseMarks(logOf(frame.marks), [frame.delivered, frame.seen]));
  helpdesk.onFrame("read", (frame) => helpdesk.raiseMarks(logOf(frame.read), [0, 0, frame.seen]));
  helpdesk.onFrame("ready", ({ ready }) => {
    for (const [chat, numbers] of Object.entries(ready.marks ?? {})) helpdesk.raiseMarks(logOf(chat), numbers);
  });

  helpdesk.forEach(".line[data-seq]", (line) => {
    const log = line.closest("[data-read]");
    if (log) draw(log, line);
  });

  /** From the end: what is seen already stays so, and so does all before it. */
  function drawAll(log) {
    const mine = log.querySelectorAll(".line.mine:not(.note)");
    for (let i = mine.length - 1; i >= 0 && mine[i].dataset.mark !== "seen"; i -= 1) draw(log, mine[i]);
    document.dispatchEvent(new CustomEvent("helpdesk:marks", { detail: log }));
  }

  function draw(log, line) {
    if (!line.matches(".mine:not(.note)")) return;
    const mark = markOf(log, Number(line.dataset.seq));
    if (line.dataset.mark === mark) return;
    line.dataset.mark = mark;
    const sign = line.querySelector(".mark") ?? line.appendChild(newSign());
    sign.textContent = SIGNS[mark];
    sign.title = WORDS[mark];
    sign.setAttribute("aria-label", WORDS[mark]);
  }

  function markOf(log, number) {
    if (number <= Number(log.dataset.seen)) return "seen";
    return number <= Number(log.dataset.delivered) ? "delivered" : "sent";
  }

  function newSign() {
    const sign = document.createElement("span");
    sign.className = "mark";
    sign.setAttribute("role", "img");
    return sign;
  }
})();
