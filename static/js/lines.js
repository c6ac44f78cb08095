// Lines of a log, as this reader sees them: "You", a divider where a day begins, one name above lines that go on.
(() => {
  "use strict";

  const WRITTEN = new Set(["line", "file"]);

  helpdesk.forEach(".line[data-seq]", dress);

  function dress(line) {
    const isMine = line.dataset.author === helpdesk.person && isWritten(line);
    line.classList.toggle("mine", isMine);
    if (isMine) helpdesk.write(line.querySelector(".author"), "You");
    divide(line);
    if (line.nextElementSibling) divide(line.nextElementSibling);
  }

  function divide(line) {
    const day = dayOf(line);
    const before = line.previousElementSibling;
    const isSameDay = Boolean(before) && dayOf(before) === day;
    if (isSameDay) delete line.dataset.day;
    else line.dataset.day = helpdesk.dayWords(timeOf(line));
    line.classList.toggle("goes-on", isSameDay && isWritten(line) && isWritten(before) && before.dataset.author === line.dataset.author);
  }

  function isWritten(line) {
    return WRITTEN.has(line.dataset.kind);
  }

  function dayOf(line) {
    line.day ??= helpdesk.dayOf(timeOf(line));
    return line.day;
  }

  function timeOf(line) {
    return new Date(line.querySelector("time").dateTime);
  }

  let today = helpdesk.dayOf(new Date());
  setInterval(() => {
    if (today === helpdesk.dayOf(new Date())) return;
    today = helpdesk.dayOf(new Date());
    document.querySelectorAll(".line[data-day]").forEach(divide);
  }, 60_000);
})();
