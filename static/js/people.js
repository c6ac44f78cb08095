// Logged-In Users: who comes and goes is fetched once for many changes; a colour alone follows its frame.
(() => {
  "use strict";

  const SPREAD_MS = 500; // two hundred agents do not ask in the same moment
  const REST_MS = 3_000;
  const shown = new Map();
  let timer = null;
  let askedAt = 0;

  const widget = () => document.getElementById("people");
  if (!widget()) return;

  helpdesk.onFrame("presence", ({ presence, state }) => {
    const row = document.getElementById(`person-${presence}`);
    const before = row ? row.dataset.shown : shown.get(presence);
    shown.set(presence, state);
    if (standing(before) !== standing(state)) ask();
  });
  helpdesk.onFrame("ready", ask);
  document.addEventListener("visibilitychange", () => timer === "later" && ask());

  /** Between active and away neither the place nor the icon changes. */
  function standing(state) {
    return ["active", "away"].includes(state) ? "here" : state;
  }

  function ask() {
    if (document.hidden) timer = "later";
    if (document.hidden || (timer && timer !== "later")) return;
    const rest = Math.max(0, askedAt + REST_MS - Date.now());
    timer = setTimeout(fetchNow, rest + Math.random() * SPREAD_MS);
  }

  function fetchNow() {
    timer = null;
    askedAt = Date.now();
    if (document.querySelector("#people.htmx-request, #people .htmx-request, #people-words.htmx-request")) return ask();
    return htmx.trigger(widget(), "behind", {}, false);
  }

  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.("#people [role=tab]") || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const other = event.target.nextElementSibling ?? event.target.previousElementSibling;
    other.focus();
    other.click();
  });
})();
