// What agents are told of: requests they could accept, personal ones, answers, and what they monitor.
(() => {
  "use strict";

  const RING_MS = 8_000;
  const TYPING_MS = 4_000;
  const FRESH_MS = 120_000;
  const WORDS = { asked: "asks you for a chat", handed: "offers you a chat", lost: "is not connected any more: a chat waits for you" };
  const channelOf = new Map();
  let toldTypingAt = 0;

  const facts = () => document.getElementById("waiting")?.dataset ?? {};
  const list = (name) => (facts()[name] ?? "").split(" ");
  const wants = (what) => list("tell").includes(what);
  const isMine = (channel) => Boolean(channel) && list("mine").includes(String(channel));
  const isExternal = () => (document.getElementById("availability")?.dataset.level ?? facts().availability) === "2";

  helpdesk.face.sound = () => ({ sound: facts().sound ?? "off", volume: Number(facts().volume) });

  helpdesk.onFrame("channel", ({ channel, content }) => {
    const row = parsed(content).querySelector('tr[id^="request-"]');
    if (row) return void came(row);
    const gone = /#request-([\w-]{22})" hx-swap="delete"/.exec(content)?.[1];
    // What moved comes elsewhere a moment before or after.
    setTimeout(() => channelOf.get(gone) === String(channel) && channelOf.delete(gone), 1_000);
    return undefined;
  });

  // A request that came while the socket was down stands in the list the page fetches.
  let isListed = false;
  document.addEventListener("DOMContentLoaded", () => {
    isListed = true;
  });
  helpdesk.forEach('tr[id^="request-"][data-channel]', (row) => {
    if (row.closest("#requests-personal") || channelOf.has(idOf(row))) return;
    const age = Date.now() - Date.parse(row.querySelector("time").dateTime);
    if (isListed && age < FRESH_MS) came(row);
    else channelOf.set(idOf(row), row.dataset.channel);
  });

  const idOf = (row) => row.id.slice("request-".length);

  function came(row) {
    const [request, { channel }] = [idOf(row), row.dataset];
    const isKnown = isMine(channelOf.get(request));
    channelOf.set(request, channel);
    if (isKnown || !isMine(channel) || !isExternal() || !wants("requests")) return;
    const title = `Chat request from ${row.querySelector("bdi").textContent}`;
    helpdesk.tell({ key: `request:${request}:${channel}`, title, text: row.querySelector(".description").textContent.trim(), request });
  }

  helpdesk.onFrame("personal", ({ personal: request, by, text, how = "asked" }) => {
    if (by && wants("personal")) helpdesk.tell({ key: `request:${request}:${how}`, title: `${by} ${WORDS[how]}`, text, request });
  });

  helpdesk.onFrame("answered", ({ answered: chat, by, is_accepted: isAccepted, n }) => {
    const title = `${by} has ${isAccepted ? "accepted" : "rejected"} your chat request`;
    if (wants("answers")) helpdesk.tell({ key: `line:${chat}:${n}`, title, text: "", chat });
  });

  helpdesk.onFrame("chat", ({ chat, n, content }) => {
    const line = parsed(content).querySelector(".line");
    if (!line || !wants("monitored") || !helpdesk.isMonitored(chat, line)) return;
    const title = line.querySelector(".author")?.textContent ?? "Chat";
    helpdesk.tell({ key: `line:${chat}:${n}`, title, text: line.querySelector(".text").textContent, chat, unlessInView: true });
  });

  /** Rows only stand where a table could be: the elements that carry them are left out. */
  function parsed(content) {
    const template = document.createElement("template");
    template.innerHTML = content.replace(/<\/?hx-[^>]*>/g, "").trim();
    return template.content;
  }

  document.addEventListener("DOMContentLoaded", count);
  document.addEventListener("htmx:after:swap", count);

  function count() {
    helpdesk.badge("requests", general() + personal());
  }

  function general() {
    if (!isExternal()) return 0;
    const counts = [...document.querySelectorAll("[data-waiting]")].filter(({ dataset }) => isMine(dataset.waiting));
    return counts.reduce((sum, { dataset }) => sum + Number(dataset.customer) + Number(dataset.public), 0);
  }

  function personal() {
    return Number(document.querySelector("[data-personal]")?.dataset.personal ?? 0);
  }

  // "Until somebody accepts": one page rings, and not while he types in any.
  setInterval(ring, RING_MS);

  async function ring() {
    const { sound, volume } = helpdesk.face.sound();
    const waits = (wants("requests") && general()) || (wants("personal") && personal());
    if (sound !== "repeat" || !waits || isTyping() || !(await helpdesk.isSpeaker())) return;
    if (await helpdesk.claim(`ring:${Math.floor(Date.now() / RING_MS)}`)) helpdesk.beep(volume);
  }

  const typingKey = `${helpdesk.person}:typing`;
  const isTyping = () => Date.now() - Number(helpdesk.storage.get(typingKey) ?? 0) < TYPING_MS;

  document.addEventListener("input", () => {
    if (Date.now() - toldTypingAt < 1_000) return;
    toldTypingAt = Date.now();
    helpdesk.storage.set(typingKey, String(toldTypingAt));
  });
})();
