// The chat window: a button that opens it, a view inside, and what it remembers once there is a chat.
(() => {
  "use strict";

  const section = document.getElementById("window");
  if (!section) return;

  const FIRST = ["[data-composer] textarea:not([readonly])", "form [aria-invalid]", "form :is(input, textarea):not([type=hidden])", ".view-body button", "h2"];
  const { base, live, door } = section.dataset;
  const isKnown = "known" in section.dataset;
  const panel = document.getElementById("window-panel");
  const bubble = document.getElementById("bubble");
  const unread = document.getElementById("unread");
  const memoryKey = `window:${door}`;
  const memory = { isOpen: false, chat: "", ...JSON.parse(helpdesk.storage.get(memoryKey) ?? "{}") };

  let loading = null;

  const view = () => document.getElementById("window-view");
  const isLoaded = () => view().dataset.view !== "none";

  if (isKnown || memory.chat) load();
  if (isKnown) helpdesk.connect(live);
  if (memory.chat && memory.isOpen) setOpen(true);

  bubble.addEventListener("click", () => {
    setOpen(true);
    if (!isLoaded()) load();
    focusView();
  });

  /** Open the window with this conversation in it. */
  helpdesk.openWindow = (chat) => {
    setOpen(true);
    if (!chat || view().dataset.chat === chat) return focusView(); // a request stands beside whatever is open
    return show(`/chats/${chat}`);
  };

  // A page may begin a conversation about what it shows, or show one that is over.
  document.addEventListener("click", ({ target }) => {
    const over = target.closest("[data-open-chat]");
    if (over) helpdesk.openWindow(over.dataset.openChat);
    const ticket = target.closest("[data-start-chat]")?.dataset.startChat;
    if (!ticket) return;
    setOpen(true);
    show(`/start?about=${ticket}`);
  });

  panel.addEventListener("click", ({ target }) => {
    if (target.closest("[data-minimize]")) minimize();
    if (target.closest("[data-again]")) load();
    if (target.closest("a[data-leads-on]")) setOpen(false); // on a phone it would cover what it leads to
  });

  panel.addEventListener("keydown", (event) => event.key === "Escape" && minimize());

  function minimize() {
    setOpen(false);
    bubble.focus();
  }

  function setOpen(isOpen) {
    panel.hidden = !isOpen;
    bubble.hidden = isOpen;
    bubble.setAttribute("aria-expanded", String(isOpen));
    memory.isOpen = isOpen;
    noteView();
  }

  /** Fetch the view, once at a time: a second answer would take away what was opened after the first. */
  function load() {
    loading ??= fetchView().finally(() => {
      loading = null;
    });
  }

  async function fetchView() {
    const answer = await fetchInto(memory.chat ? `/?chat=${memory.chat}` : "/");
    if (answer?.status !== 200) sayNotLoaded(helpdesk.alertWords(answer?.text ?? ""));
  }

  /** Show something else, whatever else is on its way into the window: the view of now may be gone when it comes. */
  async function show(path) {
    await loading;
    const answer = await fetchInto(path);
    if (answer?.status !== 200) sayWhyNot(view(), answer);
  }

  async function fetchInto(path) {
    const answer = await helpdesk.send("GET", `${base}${path}`).catch(() => null);
    if (answer?.status === 200) await helpdesk.swap(answer.text, view(), "outerHTML");
    return answer;
  }

  function sayWhyNot(place, answer) {
    helpdesk.alert(place, helpdesk.alertWords(answer?.text ?? "") || "That did not work. Please try again.");
  }

  function sayNotLoaded(words) {
    if (isLoaded()) return;
    helpdesk.alert(view().querySelector("[data-alert]").firstElementChild ?? view(), words || "The chat cannot be reached at the moment.");
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = "Try again";
    again.dataset.again = "";
    view().querySelector("[data-alert]").append(again);
  }

  helpdesk.forEach("#window-view", (now) => {
    now.querySelectorAll("[data-client-id]").forEach((input) => {
      input.value ||= helpdesk.uuid();
    });
    if (now.isNoted) return;
    now.isNoted = true;
    const box = now.querySelector("#start-text");
    if (box) box.value ||= begun;
    if (now.dataset.view === "chat") helpdesk.connect(live);
    noteView();
    if (!panel.hidden) focusView();
  });

  // What he began to write stays, in memory only, while the window shows something else.
  let begun = "";
  section.addEventListener("input", ({ target }) => {
    if (target.id === "start-text") begun = target.value;
  });
  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    if (ctx.sourceElement.matches("form.start") && ctx.response.status === 200) forget(ctx.sourceElement);
  });

  function forget(form) {
    begun = "";
    helpdesk.forgetDraft(form);
  }

  /** Remember where the reader is. Before the first chat nothing is stored. */
  function noteView() {
    memory.chat = view().dataset.chat || memory.chat;
    if (memory.chat) helpdesk.storage.set(memoryKey, JSON.stringify(memory));
    showUnread();
  }

  document.addEventListener("helpdesk:unread", showUnread);

  function showUnread() {
    const count = view().querySelector("[data-log]")?.unread ?? 0;
    unread.hidden = !count || !panel.hidden;
    helpdesk.write(unread.querySelector("[data-unread]"), String(count));
  }

  /** Put the focus where the reader goes on, unless he is somewhere else. */
  function focusView() {
    const { activeElement } = document;
    if (activeElement !== document.body && !section.contains(activeElement)) return;
    if (panel.contains(activeElement) && view().contains(activeElement)) return;
    for (const selector of FIRST) {
      const first = view().querySelector(selector);
      if (first) return first.focus();
    }
  }

  // A hidden window has no need to ask who is there.
  document.addEventListener("htmx:config:request", (event) => {
    const { sourceElement, sourceEvent } = event.detail.ctx;
    if (panel.hidden && !isKnown && sourceElement.dataset.view === "home" && !sourceEvent?.isTrusted) event.preventDefault();
  });

  // An agent's request is accepted. Its card may be gone before the answer is here, so that htmx could not bring it in.
  section.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-accept]");
    if (button) accept(button);
  });

  async function accept(button) {
    button.disabled = true;
    const answer = await helpdesk.send("POST", button.dataset.accept, { isAutomatic: false }).catch(() => null);
    helpdesk.raise("personal");
    button.disabled = false;
    if (answer?.status !== 200) return sayWhyNot(button, answer);
    await helpdesk.swap(answer.text, view(), "outerHTML");
    setOpen(true);
    return focusView();
  }

  helpdesk.onFrame("changed", () => tellHome());
  helpdesk.onFrame("chat", () => tellHome());

  function tellHome() {
    if (view().dataset.view === "home") htmx.trigger(view(), "behind", {}, false);
  }

  document.addEventListener("helpdesk:over", () => {
    if (isKnown) return location.assign(`${section.dataset.signIn}?next=${encodeURIComponent(location.pathname)}`);
    memory.chat = "";
    helpdesk.storage.remove(memoryKey);
    return load();
  });
})();
