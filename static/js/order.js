// The order of My Active Chats: a card is dragged by its grip, or moved by keys or by the grip's menu; the server remembers it.
(() => {
  "use strict";

  const DRAG_PX = 6;
  const EDGE_PX = 40;
  const STEPS = { ArrowLeft: "left", ArrowUp: "left", ArrowRight: "right", ArrowDown: "right" };
  const area = document.getElementById("active-chats");
  if (!area) return;

  const cards = helpdesk.cards;
  let drag = null;
  let menuOf = null;
  let isSaving = false;
  let isMoved = false;

  helpdesk.forEach("#card-order", ({ dataset }) => {
    if (isSaving || drag) return;
    const named = dataset.order.split(" ").map((chat) => document.getElementById(`chat-${chat}`));
    arrange([...new Set([...named.filter(Boolean), ...cards()])]);
  });

  /** Put the cards into this order around the one that has the focus, which is not touched; the others keep their scroll. */
  function arrange(order) {
    if (order.every((card, i) => card === cards()[i])) return;
    const scrollers = [area, ...area.querySelectorAll("[data-scroller]")].map((each) => [each, each.scrollTop]);
    const still = Math.max(0, order.findIndex((card) => card.contains(document.activeElement)));
    order[still].before(...order.slice(0, still));
    order[still].after(...order.slice(still + 1));
    for (const [each, top] of scrollers) each.scrollTop = top;
    document.dispatchEvent(new CustomEvent("helpdesk:arranged"));
  }

  function move(card, to) {
    const order = cards();
    const from = order.indexOf(card);
    const place = { first: 0, left: from - 1, right: from + 1, last: order.length - 1 }[to] ?? order.indexOf(to);
    if (from < 0 || place < 0 || place >= order.length || place === from) return;
    order.splice(place, 0, ...order.splice(from, 1));
    arrange(order);
    card.scrollIntoView({ block: "nearest", inline: "start" });
    const words = `${card.querySelector("h3").textContent} is now chat ${place + 1} of ${order.length}.`;
    helpdesk.write(document.getElementById("moved"), words);
    save();
  }

  async function save() {
    isMoved = true;
    if (isSaving) return;
    isSaving = true;
    while (isMoved) {
      isMoved = false;
      const order = cards().map((card) => card.dataset.chat);
      document.getElementById("card-order").dataset.order = order.join(" ");
      const fields = { order: order.join(",") };
      const answer = await helpdesk.send("POST", area.dataset.orderUrl, { fields, isAutomatic: false }).catch(() => null);
      if (answer?.status !== 204) helpdesk.alert(area, "The new order could not be stored. It is kept until you reload this page.");
    }
    isSaving = false;
  }

  document.addEventListener("keydown", (event) => {
    const card = event.target.closest?.("#active-chats > .card");
    const step = card && STEPS[event.key];
    const isPlain = !event.altKey && !event.shiftKey && !event.ctrlKey && !event.metaKey && event.target.closest("[data-grip]");
    const isChord = event.altKey && event.shiftKey && event.key.match(/Left|Right/);
    if (!step || !(isPlain || isChord)) return;
    event.preventDefault();
    move(card, step);
  });

  area.addEventListener("pointerdown", (event) => {
    const grip = event.button === 0 && event.target.closest("[data-grip]");
    if (!grip) return;
    drag = { card: grip.closest(".card"), x: event.clientX, y: event.clientY, isMoving: false, target: null };
    grip.setPointerCapture(event.pointerId);
  });

  area.addEventListener("pointermove", ({ clientX, clientY }) => {
    if (!drag) return;
    drag.isMoving ||= Math.hypot(clientX - drag.x, clientY - drag.y) > DRAG_PX;
    if (!drag.isMoving) return;
    scrollAt(clientY);
    const under = document.elementFromPoint(clientX, clientY)?.closest("#active-chats > .card");
    mark(drag.card, under === drag.card ? null : under);
  });

  /** Near the upper or lower edge the cards behind it come into sight. */
  function scrollAt(y) {
    const { top, bottom } = area.getBoundingClientRect();
    if (y < top + EDGE_PX) area.scrollTop -= EDGE_PX / 2;
    if (y > bottom - EDGE_PX) area.scrollTop += EDGE_PX / 2;
  }

  function mark(card, target) {
    drag.target?.classList.remove("is-target");
    drag.target = target ?? null;
    drag.target?.classList.add("is-target");
    card.classList.add("is-dragged");
  }

  area.addEventListener("lostpointercapture", ({ target }) => {
    if (!drag?.isMoving) return void (drag = null);
    const { card, target: other } = drag;
    mark(card, null);
    card.classList.remove("is-dragged");
    drag = null;
    target.wasDragged = true;
    setTimeout(() => delete target.wasDragged); // the click that ends a drag opens no menu
    if (other) move(card, other);
    return undefined;
  });

  document.addEventListener("click", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (grip?.wasDragged) return event.preventDefault();
    if (grip) menuOf = grip.closest(".card");
    const { move: to } = event.target.dataset;
    return to && move(menuOf, to);
  });
})();
