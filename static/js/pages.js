// Several pages of one person agree which of them speaks. Locks end with their page, so nobody waits for a dead one;
// where browsers have none (no https), notes in the storage do.
(() => {
  "use strict";

  const CLAIM_MS = 10_000;
  const SETTLE_MS = 250; // what one page writes others read a little later
  const prefix = `helpdesk:${helpdesk.person}:`;
  const self = helpdesk.uuid();
  const { locks } = navigator;
  const held = {};
  let isUp = false;

  const isConsole = () => Boolean(document.querySelector("[data-console]"));

  helpdesk.onFrame?.("ready", () => setUp(true));
  document.addEventListener("htmx:ws:close", () => setUp(false));
  window.addEventListener("focus", sayWhatIAm);
  window.addEventListener("blur", sayWhatIAm);
  document.addEventListener("visibilitychange", sayWhatIAm);

  function setUp(isIt) {
    isUp = isIt;
    sayWhatIAm();
  }

  /** A page that hears nothing just now leaves the word to others. */
  function sayWhatIAm() {
    if (!locks) return;
    hold("up", isUp);
    hold("focus", isUp && document.hasFocus());
    hold("console", isUp && isConsole());
  }

  function hold(what, isSo) {
    if (!isSo) {
      held[what]?.();
      delete held[what];
    } else if (!held[what]) {
      const whileSo = new Promise((release) => {
        held[what] = release;
      });
      locks.request(`${prefix}${what}:${self}`, { mode: "shared" }, () => whileSo);
    }
  }

  async function others() {
    const all = locks ? (await locks.query()).held.map(({ name }) => name) : [];
    const names = all.filter((name) => name.startsWith(prefix) && !name.endsWith(self));
    return { has: (what) => names.some((name) => name.startsWith(`${prefix}${what}:`)) };
  }

  /** Resolves to whether this page is to speak: the one in focus; without one Manage Chats; without that any. */
  helpdesk.isSpeaker = async () => {
    if (document.hasFocus()) return true;
    const pages = await others();
    return !pages.has("focus") && (isConsole() || !pages.has("console"));
  };

  /** Resolves to whether Manage Chats is open, but in another page. */
  helpdesk.isConsoleElsewhere = async () => !isConsole() && (await others()).has("console");

  /** Resolves to true in exactly one page for each key. */
  helpdesk.claim = (key) => (locks ? claimLock(key) : claimNote(key));

  function claimLock(key) {
    return new Promise((resolve) => {
      locks.request(`${prefix}claim:${key}`, { ifAvailable: true }, (lock) => {
        resolve(Boolean(lock));
        return lock && new Promise((release) => setTimeout(release, CLAIM_MS));
      });
    });
  }

  /** Who wrote first has it, the page in focus before Manage Chats before others; all are read when all are written. */
  async function claimNote(key) {
    const mark = `${helpdesk.person}:claim:${key}:`;
    const others = () => helpdesk.storage.keys(mark);
    if (others().length) return false;
    const rank = document.hasFocus() ? 0 : 1 + !isConsole();
    const own = `${mark}${rank}:${Date.now()}:${self}`;
    helpdesk.storage.set(own, "");
    setTimeout(() => helpdesk.storage.remove(own), CLAIM_MS);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return (others().sort()[0] ?? own) === own;
  }
})();
