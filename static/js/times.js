// Times in the reader's zone and language, the exact one on demand; waiting times count on.
(() => {
  "use strict";

  const clock = { hour: "2-digit", minute: "2-digit" };
  const day = { day: "numeric", month: "short" };
  const formats = {
    time: new Intl.DateTimeFormat(undefined, clock),
    created: new Intl.DateTimeFormat(undefined, { ...day, ...clock, timeZoneName: "short" }),
    createdLongAgo: new Intl.DateTimeFormat(undefined, { ...day, year: "numeric", ...clock, timeZoneName: "short" }),
    date: new Intl.DateTimeFormat(undefined, { ...day, year: "numeric" }),
    divider: new Intl.DateTimeFormat(undefined, { weekday: "long", ...day, year: "numeric" }),
    exact: new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" }),
  };
  let serverAheadMs = 0;

  helpdesk.forEach("time[data-format]", (element) => {
    const at = new Date(element.dateTime);
    helpdesk.write(element, words(element.dataset.format, at));
    element.title = formats.exact.format(at);
  });

  function words(format, at) {
    if (format === "short") return isSameDay(at, new Date()) ? formats.time.format(at) : formats.date.format(at);
    if (format === "created" && at.getFullYear() !== new Date().getFullYear()) format = "createdLongAgo";
    return formats[format].format(at);
  }

  /** Return what a day divider says above the lines of `at`. */
  helpdesk.dayWords = (at) => {
    const now = new Date();
    if (isSameDay(at, now)) return "Today";
    if (isSameDay(at, new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1))) return "Yesterday";
    return formats.divider.format(at);
  };

  function isSameDay(one, other) {
    return one.toDateString() === other.toDateString();
  }

  document.addEventListener("helpdesk:answered", ({ detail: headers }) => {
    const ahead = Date.parse(headers.get("Date") ?? "") - Date.now();
    if (!Number.isNaN(ahead)) serverAheadMs = Math.abs(ahead) < 2_000 ? 0 : ahead;
  });

  helpdesk.forEach("time[data-since]", countUp);
  setInterval(() => document.querySelectorAll("time[data-since]").forEach(countUp), 1_000);

  function countUp(element) {
    const seconds = Math.max(0, Math.floor((Date.now() + serverAheadMs - Date.parse(element.dateTime)) / 1_000));
    const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
    const two = (number) => String(number).padStart(2, "0");
    helpdesk.write(element, h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`);
    const limit = 60 * Number(element.closest("[data-limit]")?.dataset.limit ?? 0);
    element.classList.toggle("late", limit > 0 && seconds >= limit);
  }

  helpdesk.forEach("time[data-left]", countDown);
  setInterval(() => document.querySelectorAll("time[data-left]").forEach(countDown), 1_000);

  function countDown(element) {
    const seconds = Math.max(0, Math.ceil((Date.parse(element.dateTime) - Date.now() - serverAheadMs) / 1_000));
    helpdesk.write(element, `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left`);
  }
})();
