// What every behaviour shares: storage that may be missing, requests, and "do this to all such content, now and later".
window.helpdesk = (() => {
  "use strict";

  const dressers = [];
  const TIMEOUT_MS = 10_000;
  const ACTS = new Set(["click", "submit", "change"]);

  /** Call `dress(element)` for every element that matches, on the page now or swapped in later; it may be called twice. */
  function forEach(selector, dress) {
    dressers.push([selector, dress]);
  }

  function dressAll(root) {
    for (const [selector, dress] of dressers) {
      if (root.matches?.(selector)) dress(root);
      root.querySelectorAll(selector).forEach(dress);
    }
  }

  /** Send a request with the page's own headers; resolves to {status, text, headers, file}, rejects when there is no answer. */
  async function send(method, url, { fields, isAutomatic = true, etag, timeoutMs = TIMEOUT_MS } = {}) {
    const response = await fetch(url, {
      method,
      headers: headersFor(isAutomatic, etag),
      body: fields && new URLSearchParams(fields),
      credentials: "same-origin",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const file = response.headers.has("Content-Disposition") ? await response.blob() : null;
    const text = file ? "" : await response.text();
    document.dispatchEvent(new CustomEvent("helpdesk:answered", { detail: response.headers }));
    const target = response.headers.get("HX-Redirect");
    if (target) location.assign(target);
    return { status: response.status, text, headers: response.headers, file };
  }

  function headersFor(isAutomatic, etag) {
    const own = document.body.getAttribute("hx-headers:inherited");
    const headers = { "HX-Request": "true", "HX-Current-URL": location.href, Accept: "text/html", ...JSON.parse(own || "{}") };
    if (isAutomatic) headers["X-Helpdesk-Automatic"] = "1";
    if (etag) headers["If-None-Match"] = `"${etag}"`;
    return headers;
  }

  /** Swap an answer or frame in: its hx-partial and hx-upsert elements name their own targets. */
  function swap(text, target, style = "none") {
    return htmx.swap({ sourceElement: document.body, target: target ?? document.body, swap: style, text });
  }

  /** Return the words of an alert fragment, or "" when `text` is something else. */
  function alertWords(text) {
    const parsed = new DOMParser().parseFromString(text, "text/html").body;
    const alert = parsed.firstElementChild;
    const isAlert = parsed.childElementCount === 1 && alert.getAttribute("role") === "alert";
    return isAlert ? alert.textContent.trim() : "";
  }

  /** Return a random UUID, also where the page is not in a secure context. */
  function uuid() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  /** Tell whether a person caused this request: polls, refreshes and loads are told by the type of their event. */
  function isAct(ctx) {
    return ctx?.sourceEvent?.isTrusted || ACTS.has(ctx?.sourceEvent?.type);
  }

  /** Raise an event that elements listen to with hx-trigger="… from:body". */
  function raise(name) {
    htmx.trigger(document.body, name);
  }

  /** Write text only when it differs, so that live regions speak once. */
  function write(element, text) {
    if (element && element.textContent !== text) element.textContent = text;
  }

  const storage = {
    get: (key) => guarded(() => localStorage.getItem(`helpdesk:${key}`)),
    set: (key, value) => guarded(() => localStorage.setItem(`helpdesk:${key}`, value)),
    remove: (key) => guarded(() => localStorage.removeItem(`helpdesk:${key}`)),
    keys: (prefix) =>
      (guarded(() => Object.keys(localStorage)) ?? [])
        .filter((key) => key.startsWith(`helpdesk:${prefix}`))
        .map((key) => key.slice("helpdesk:".length)),
  };

  function guarded(act) {
    try {
      return act();
    } catch {
      return null; // storage is full or forbidden: the page works without
    }
  }

  document.addEventListener("DOMContentLoaded", () => dressAll(document.body));
  htmx.onLoad((root) => root.querySelectorAll && dressAll(root));

  return { forEach, send, headers: headersFor, swap, alertWords, isAct, uuid, raise, write, storage, person: document.body.dataset.person };
})();
