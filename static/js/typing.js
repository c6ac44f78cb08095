// Who is typing: told to the others while one writes, shown while they do.
(() => {
  "use strict";

  const FIRST_MS = 250; // who presses Enter at once was not typing
  const EVERY_MS = 3_000;
  const AFTER_LINE_MS = 700;
  const GONE_MS = 5_000;
  const LATE_MS = 500; // a word about typing that was overtaken by the line itself
  const own = new Map();
  const others = new Map();

  document.addEventListener("input", ({ target }) => {
    if (!target.matches?.("[data-composer] textarea")) return;
    const chat = target.form.dataset.composer;
    const state = own.get(chat) ?? { toldAt: -Infinity, sentAt: -Infinity };
    own.set(chat, state);
    if (!isTyping(target)) return stop(state);
    const now = performance.now();
    const waitMs = Math.max(FIRST_MS, state.toldAt + EVERY_MS - now, state.sentAt + AFTER_LINE_MS - now);
    state.timer ??= setTimeout(() => tell(chat, state, target), waitMs);
    return undefined;
  });

  document.addEventListener("submit", ({ target }) => {
    const state = target.matches("[data-composer]") && own.get(target.dataset.composer);
    if (!state) return;
    stop(state);
    Object.assign(state, { toldAt: -Infinity, sentAt: performance.now() });
  });

  function tell(chat, state, field) {
    state.timer = undefined;
    if (isTyping(field) && helpdesk.say({ typing: chat })) state.toldAt = performance.now();
  }

  function stop(state) {
    clearTimeout(state.timer);
    state.timer = undefined;
  }

  /** Nobody hears of a note before it is written. */
  function isTyping(field) {
    return field.isConnected && !field.readOnly && field.value.trim() && !field.form.classList.contains("is-note");
  }

  helpdesk.onFrame("typing", ({ typing: chat, who, name }) => {
    const people = others.get(chat) ?? new Map();
    others.set(chat, people);
    const known = people.get(who);
    if (who === helpdesk.person || Date.now() - (known?.saidAt ?? 0) < LATE_MS) return;
    clearTimeout(known?.timer);
    people.set(who, { name, timer: setTimeout(() => forget(chat, who), GONE_MS) });
    show(chat);
  });

  // Whoever wrote the last line, or left with it, has stopped.
  helpdesk.forEach(".line[data-seq]", (line) => {
    const chat = line.closest("[data-log]")?.dataset.log;
    if (chat && !line.nextElementSibling && others.get(chat)?.has(line.dataset.author)) forget(chat, line.dataset.author);
  });

  function forget(chat, who) {
    const people = others.get(chat);
    clearTimeout(people.get(who)?.timer);
    people.set(who, { saidAt: Date.now() });
    show(chat);
  }

  function show(chat) {
    const names = [...others.get(chat).values()].map(({ name }) => name).filter(Boolean);
    const place = document.querySelector(`[data-chat="${CSS.escape(chat)}"] [data-typing]`);
    helpdesk.write(place, names.length ? `${names.join(", ")} ${names.length > 1 ? "are" : "is"} typing …` : "");
  }
})();
