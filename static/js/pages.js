// Several pages of one person agree which of them speaks. Locks end with their page, so nobody waits for a dead one;
// where browsers have none (no https), a note in the storage does.
(() => {
  "use strict";

  const CLAIM_MS = 10_000;
  const NOTES = 30;
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

  async function claimNote(key) {
    const wait = (isConsole() ? 0 : 60) + Math.random() * 60;
    if (!document.hasFocus()) await new Promise((resolve) => setTimeout(resolve, wait));
    const notes = (helpdesk.storage.get(`${helpdesk.person}:claims`) ?? "").split(" ");
    if (notes.includes(key)) return false;
    helpdesk.storage.set(`${helpdesk.person}:claims`, [...notes, key].slice(-NOTES).join(" "));
    return true;
  }
})();
