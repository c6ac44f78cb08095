// Lines on their way: one after the other, under an id of their own, so that sending again does no harm. They outlive a reload.
(() => {
  "use strict";

  const KEEP_MS = 7 * 24 * 3_600_000;
  const queues = new Map();

  /** Put a line, or a note, into the queue of a chat: it is shown at once, and posted when those before it are stored. */
  helpdesk.sendLine = (chat, url, text, isNote = false) => {
    const line = { id: helpdesk.uuid(), text, at: Date.now(), isNote };
    helpdesk.storage.set(keyOf(chat, line.id), JSON.stringify(line));
    const queue = queueOf(chat, url);
    queue.lines.push(line);
    draw(queue);
    pump(queue, false);
  };

  /** Show what was on its way when the page was left, and send it on. */
  helpdesk.resumeLines = (chat, url) => {
    const queue = queueOf(chat, url);
    const known = new Set(queue.lines.map((line) => line.id));
    for (const key of helpdesk.storage.keys(keyOf(chat, ""))) {
      const line = JSON.parse(helpdesk.storage.get(key));
      if (known.has(line.id)) continue;
      if (isStored(line.id) || Date.now() - line.at > KEEP_MS) helpdesk.storage.remove(key);
      else queue.lines.push(line);
    }
    queue.lines.sort((one, other) => one.at - other.at);
    draw(queue);
    pump(queue, true);
  };

  helpdesk.isSending = (chat) => Boolean(queues.get(chat)?.lines.length);

  function keyOf(chat, id) {
    return `${helpdesk.person}:${chat}:line:${id}`;
  }

  function queueOf(chat, url) {
    if (!queues.has(chat)) queues.set(chat, { chat, url, lines: [], isBusy: false });
    return queues.get(chat);
  }

  async function pump(queue, isAutomatic) {
    if (queue.isBusy) return;
    queue.isBusy = true;
    queue.lines.forEach((line) => Object.assign(line, { isStuck: false, why: "" }));
    draw(queue);
    while (queue.lines.length && (await post(queue, queue.lines[0], isAutomatic)));
    queue.isBusy = false;
  }

  /** Resolves to whether the next line may follow. */
  async function post(queue, line, isAutomatic) {
    const log = document.getElementById(`log-${queue.chat}`);
    const fields = { text: line.text, client_id: line.id, after: log ? helpdesk.complete(log) : 0 };
    if (line.isNote) fields.note = 1;
    try {
      const answer = await helpdesk.send("POST", queue.url, { fields, isAutomatic });
      return await settle(queue, line, answer);
    } catch {
      return fail(queue, line, "");
    }
  }

  async function settle(queue, line, { status, text, headers }) {
    if (status < 300) {
      await helpdesk.swap(text);
      forget(queue, line);
      if (headers.has("X-More")) document.querySelectorAll(`#log-${queue.chat}`).forEach(helpdesk.catchUp);
      return true;
    }
    const words = helpdesk.alertWords(text);
    if ([403, 404, 409, 422].includes(status)) return giveBack(queue, status, words);
    return fail(queue, line, words);
  }

  /** The line may have been stored all the same: then it has arrived by another way and left the queue. */
  function fail(queue, line, words) {
    if (!queue.lines.includes(line)) return true;
    queue.lines.forEach((each) => Object.assign(each, { isStuck: true, why: each === line ? words : "" }));
    draw(queue);
    return false;
  }

  /** The chat does not take it: the words go back to where they were written; a note stays one. */
  function giveBack(queue, status, words) {
    const text = queue.lines.map((line) => line.text).join("\n");
    if (queue.lines.some((line) => line.isNote)) helpdesk.setNote(queue.chat, true);
    queue.lines.slice().forEach((line) => forget(queue, line));
    helpdesk.giveBack(queue.chat, text, status, words);
    return false;
  }

  function forget(queue, line) {
    queue.lines = queue.lines.filter((each) => each !== line);
    helpdesk.storage.remove(keyOf(queue.chat, line.id));
    draw(queue);
  }

  function isStored(id) {
    return Boolean(document.querySelector(`.line[data-client="${CSS.escape(id)}"]`));
  }

  helpdesk.forEach(".line[data-client]", (arrived) => {
    const queue = queues.get(arrived.closest("[data-log]")?.dataset.log);
    const line = queue?.lines.find((each) => each.id === arrived.dataset.client);
    if (line) forget(queue, line);
  });

  helpdesk.onFrame("ready", sendAllAgain);
  window.addEventListener("online", sendAllAgain);

  function sendAllAgain() {
    queues.forEach((queue) => queue.lines.length && pump(queue, true));
  }

  function draw(queue) {
    const outbox = document.querySelector(`[data-chat="${CSS.escape(queue.chat)}"] [data-outbox]`);
    if (!outbox) return;
    const shown = new Map(Array.from(outbox.children, (element) => [element.dataset.pending, element]));
    for (const line of queue.lines) {
      const element = shown.get(line.id) ?? outbox.appendChild(drawn(line));
      shown.delete(line.id);
      showState(queue, line, element);
    }
    shown.forEach((element) => element.remove());
    helpdesk.toBottom(outbox.closest("[data-scroller]"));
  }

  function drawn(line) {
    const element = document.createElement("div");
    element.className = line.isNote ? "pending mine note" : "pending mine";
    element.dataset.pending = line.id;
    for (const name of ["text", "state", "why"]) {
      element.appendChild(document.createElement("div")).className = name;
    }
    element.querySelector(".text").textContent = line.text;
    element.querySelector(".state").setAttribute("role", "status");
    return element;
  }

  function showState(queue, line, element) {
    element.classList.toggle("failed", Boolean(line.isStuck));
    helpdesk.write(element.querySelector(".state"), line.isStuck ? "Not sent" : "Sending …");
    helpdesk.write(element.querySelector(".why"), line.why ?? "");
    const retry = element.querySelector("button");
    if (line.isStuck && !retry) element.append(retryButton(queue));
    if (!line.isStuck) retry?.remove();
  }

  function retryButton(queue) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = "Retry";
    button.addEventListener("click", () => pump(queue, false));
    return button;
  }
})();
