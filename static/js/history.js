// Older lines come in pages as one scrolls up; what is being read stays where it is.
(() => {
  "use strict";

  const NEAR_PX = 160;
  const FAILED = "Older messages could not be loaded.";

  helpdesk.forEach("[data-scroller]", (scroller) => {
    if (scroller.hasHistory) return;
    scroller.hasHistory = true;
    scroller.addEventListener("scroll", () => look(scroller), { passive: true });
    new ResizeObserver(() => look(scroller)).observe(scroller);
  });

  function look(scroller) {
    const isNear = scroller.clientHeight && scroller.scrollTop < NEAR_PX;
    if (isNear && !scroller.isLoading && !scroller.hasFailed) load(scroller);
  }

  async function load(scroller) {
    const log = scroller.querySelector("[data-log]");
    const first = firstOf(log);
    if (first <= 1) return;
    scroller.isLoading = true;
    await keepPlace(scroller, () => say(scroller, "Loading older messages …"));
    const answer = await helpdesk.send("GET", `${log.dataset.afterUrl}?before=${first}`).catch(() => null);
    scroller.hasFailed = answer?.status !== 200;
    await keepPlace(scroller, async () => {
      if (!scroller.hasFailed) await helpdesk.swap(answer.text);
      say(scroller, wordsFor(scroller, log));
    });
    scroller.isLoading = false;
    if (firstOf(log) < first) look(scroller);
  }

  function firstOf(log) {
    return Number(log.firstElementChild?.dataset.seq ?? 1);
  }

  function wordsFor(scroller, log) {
    if (scroller.hasFailed) return FAILED;
    return firstOf(log) > 1 ? "" : "Beginning of the chat";
  }

  function say(scroller, words) {
    const place = scroller.querySelector("[data-older]");
    helpdesk.write(place, words);
    if (words === FAILED) place.append(againButton(scroller));
  }

  function againButton(scroller) {
    const again = document.createElement("button");
    again.type = "button";
    again.className = "small";
    again.textContent = "Try again";
    again.addEventListener("click", () => load(scroller));
    return again;
  }

  /** Change what is above, and have the first words in view stand where they stood: not every browser does that. */
  async function keepPlace(scroller, change) {
    if (!scroller.isReadingBack) return change();
    scroller.scrollTop ||= 1; // at the very top browsers follow what is added there
    const words = wordsInView(scroller);
    const before = words?.getBoundingClientRect().top;
    await change();
    if (words) scroller.scrollTop += words.getBoundingClientRect().top - before;
    return undefined;
  }

  function wordsInView(scroller) {
    const { top } = scroller.getBoundingClientRect();
    return [...scroller.querySelectorAll(".line .text")].find((words) => words.getBoundingClientRect().top >= top);
  }
})();
