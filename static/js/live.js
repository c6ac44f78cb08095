// The socket: frames in, activity out; and the polling that carries on while it is down.
(() => {
  "use strict";

  const SAY_OFFLINE_MS = 3_000;
  const POLL_MS = 5_000;
  const SILENCE_MS = 30_000;
  const ACTIVITY_MS = 30_000;
  const OVER = 4001;
  const NOT_ACTIVE = 4003;
  const LATER = 10; // attempts: as long a wait as there is

  const live = document.getElementById("live");
  const status = document.getElementById("connection");
  const handlers = {};
  let connection = null;
  let isUp = false;
  let heardAt = Date.now();
  let toldActiveAt = 0;
  let offlineTimer = null;
  let pollTimer = null;
  let why = "Offline, reconnecting";

  /** Call `handle(frame)` for frames that have `key`; when it returns false, the frame's content is not swapped in. */
  helpdesk.onFrame = (key, handle) => {
    (handlers[key] ??= []).push(handle);
  };

  /** Open the socket at `path`, if it is not open yet. */
  helpdesk.connect = (path) => {
    if (live.hasAttribute("hx-ws:connect")) return;
    live.setAttribute("hx-ws:connect", path);
    htmx.process(live, true);
    down();
  };

  helpdesk.isUp = () => isUp && connection?.socket?.readyState === WebSocket.OPEN;

  /** Say something small to the server; returns whether the socket took it. It may get lost all the same. */
  helpdesk.say = (words) => {
    if (!helpdesk.isUp()) return false;
    connection.socket.send(JSON.stringify(words));
    return true;
  };

  if (!live) return;
  if (live.hasAttribute("hx-ws:connect")) down();

  document.addEventListener("htmx:ws:before:connection", ({ detail }) => {
    connection = detail.connection;
  });
  document.addEventListener("htmx:ws:close", ({ detail }) => {
    if (detail.code === OVER) return over();
    if (detail.reason !== "closed") return undefined;
    return closed(detail);
  });
  document.addEventListener("htmx:ws:before:message:incoming", (event) => {
    heardAt = Date.now();
    const frame = parsed(event.detail.message.data);
    helpdesk.frame = frame;
    if ("ready" in frame) {
      up();
      helpdesk.clearUnreachable();
    }
    for (const key of Object.keys(frame)) {
      for (const handle of handlers[key] ?? []) if (handle(frame) === false) event.preventDefault();
    }
  });

  function parsed(data) {
    try {
      return JSON.parse(data) ?? {};
    } catch {
      return {};
    }
  }

  function up() {
    isUp = true;
    clearTimeout(offlineTimer);
    clearInterval(pollTimer);
    offlineTimer = pollTimer = null;
    helpdesk.write(status, "");
    document.body.classList.remove("is-offline");
  }

  /** While chat is switched off sockets are taken and closed at once, which htmx counts as a success. */
  function closed({ code, connection: closing }) {
    if (code === NOT_ACTIVE) closing.attempt = LATER;
    why = code === NOT_ACTIVE ? "Chat is not active." : "Offline, reconnecting";
    if (document.body.classList.contains("is-offline")) sayOffline();
    down();
  }

  function down() {
    isUp = false;
    offlineTimer ??= setTimeout(sayOffline, SAY_OFFLINE_MS);
    pollTimer ??= setInterval(() => helpdesk.raise("refresh"), POLL_MS);
  }

  function sayOffline() {
    helpdesk.write(status, why);
    document.body.classList.add("is-offline");
  }

  /** The session has ended: the words typed so far are kept, and are there again after signing in. */
  function over() {
    up();
    live.removeAttribute("hx-ws:connect");
    const { signIn } = live.dataset;
    if (signIn) location.assign(`${signIn}?next=${encodeURIComponent(location.pathname)}`);
    else document.dispatchEvent(new CustomEvent("helpdesk:over"));
  }

  helpdesk.onFrame("refresh", () => helpdesk.raise("refresh"));
  helpdesk.onFrame("lists", () => helpdesk.raise("lists"));
  helpdesk.onFrame("self", () => helpdesk.raise("self"));
  helpdesk.onFrame("personal", () => helpdesk.raise("personal"));
  helpdesk.onFrame("active", () => helpdesk.raise("active"));

  document.addEventListener("helpdesk:answered", () => {
    heardAt = Date.now();
  });
  window.addEventListener("offline", down);
  window.addEventListener("online", reconnect);
  window.addEventListener("focus", refreshAfterSilence);
  document.addEventListener("visibilitychange", refreshAfterSilence);
  window.addEventListener("pagehide", letGo, { capture: true });
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());

  /** Closing a socket that is still connecting makes browsers complain; they drop it by themselves. */
  function letGo() {
    if (connection?.socket?.readyState === WebSocket.CONNECTING) connection.socket = null;
  }

  /** The old socket may look open for minutes although nothing comes through any more. */
  function reconnect() {
    helpdesk.raise("refresh");
    if (connection?.socket?.readyState === WebSocket.OPEN) connection.socket.close();
  }

  function refreshAfterSilence() {
    if (document.visibilityState !== "visible" || Date.now() - heardAt < SILENCE_MS) return;
    heardAt = Date.now();
    helpdesk.raise("refresh");
  }

  for (const name of ["keydown", "pointerdown", "wheel"]) {
    document.addEventListener(name, tellActive, { capture: true, passive: true });
  }

  function tellActive(event) {
    if (!event.isTrusted || !document.hasFocus() || Date.now() - toldActiveAt < ACTIVITY_MS) return;
    if (helpdesk.say({ active: true })) toldActiveAt = Date.now();
  }
})();
