// On a phone one card fills the screen; the others are a strip on top.
(() => {
  "use strict";

  const strip = document.getElementById("strip");
  if (!strip) return;

  document.addEventListener("DOMContentLoaded", draw);
  document.addEventListener("htmx:after:swap", draw);
  document.addEventListener("helpdesk:arranged", draw);

  function draw() {
    const cards = helpdesk.cards();
    while (strip.childElementCount > cards.length) strip.lastElementChild.remove();
    cards.forEach((card, i) => {
      const button = strip.children[i] ?? newButton();
      button.dataset.chat = card.dataset.chat;
      helpdesk.write(button, card.querySelector("h3").textContent);
    });
  }

  function newButton() {
    const button = document.createElement("button");
    button.type = "button";
    strip.append(button);
    return button;
  }

  strip.addEventListener("click", ({ target }) => {
    const card = document.getElementById(`chat-${target.dataset.chat}`);
    card?.scrollIntoView({ block: "nearest", inline: "start" });
  });
})();
