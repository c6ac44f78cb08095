// Lines of a log, as this reader sees them: "You", and a divider where a day begins.
(() => {
  "use strict";

  helpdesk.forEach(".line[data-seq]", dress);

  function dress(line) {
    const isMine = line.dataset.author === helpdesk.person && line.dataset.kind === "line";
    line.classList.toggle("mine", isMine);
    if (isMine) helpdesk.write(line.querySelector(".author"), "You");
    divide(line);
    if (line.nextElementSibling) divide(line.nextElementSibling);
  }

  function divide(line) {
    const day = dayOf(line);
    const words = line.previousElementSibling && dayOf(line.previousElementSibling) === day ? "" : helpdesk.dayWords(new Date(day));
    if (words) line.dataset.day = words;
    else delete line.dataset.day;
  }

  function dayOf(line) {
    line.day ??= new Date(line.querySelector("time").dateTime).toDateString();
    return line.day;
  }

  let today = new Date().toDateString();
  setInterval(() => {
    if (today === new Date().toDateString()) return;
    today = new Date().toDateString();
    document.querySelectorAll(".line[data-day]").forEach(divide);
  }, 60_000);
})();
