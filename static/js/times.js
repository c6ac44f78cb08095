// Times in the reader's zone and language, the exact one on demand; waiting times count on.
(() => {
  "use strict";

  const timeZone = known(document.body.dataset.zone) || undefined;
  const language = document.body.dataset.language || undefined;
  const inZone = (options, locale = language) => new Intl.DateTimeFormat(locale, { ...options, timeZone });
  const clock = { hour: "2-digit", minute: "2-digit" };
  const day = { day: "numeric", month: "short" };
  const formats = {
    time: inZone(clock),
    created: inZone({ ...day, ...clock, timeZoneName: "short" }),
    createdLongAgo: inZone({ ...day, year: "numeric", ...clock, timeZoneName: "short" }),
    date: inZone({ ...day, year: "numeric" }),
    divider: inZone({ weekday: "long", ...day, year: "numeric" }),
    exact: inZone({ dateStyle: "full", timeStyle: "long" }),
  };
  const key = inZone({ year: "numeric", month: "2-digit", day: "2-digit" }, "sv-SE"); // 2026-11-22
  let serverAheadMs = 0;

  helpdesk.forEach("time[data-format]", (element) => {
    const at = new Date(element.dateTime);
    helpdesk.write(element, words(element.dataset.format, at));
    element.title = formats.exact.format(at);
  });

  function words(format, at) {
    if (format === "short") return dayOf(at) === dayOf(new Date()) ? formats.time.format(at) : formats.date.format(at);
    if (format === "created" && dayOf(at).slice(0, 4) !== dayOf(new Date()).slice(0, 4)) format = "createdLongAgo";
    return formats[format].format(at);
  }

  /** The reader's zone as he chose it; undefined, and so the browser's own, where it knows none of that name. */
  function known(zone) {
    try {
      return zone && new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
    } catch {
      return undefined;
    }
  }

  /** Return the reader's day of a time, as a text that is the same all day. */
  const dayOf = (at) => key.format(at);
  helpdesk.dayOf = dayOf;
  helpdesk.timeZone = timeZone || Intl.DateTimeFormat().resolvedOptions().timeZone;

  /** Return what a day divider says above the lines of `at`. */
  helpdesk.dayWords = (at) => {
    const today = dayOf(new Date());
    if (dayOf(at) === today) return "Today";
    const yesterday = new Date(Date.parse(`${today}T12:00Z`) - 86_400_000).toISOString().slice(0, 10);
    return dayOf(at) === yesterday ? "Yesterday" : formats.divider.format(at);
  };

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
