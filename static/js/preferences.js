// Personal Preferences: "Test" lets the sound be heard and a note be seen, as chosen in the form.
(() => {
  "use strict";

  document.addEventListener("click", ({ target }) => {
    const form = target.closest("[data-test-sound]")?.form;
    if (!form) return;
    if (form.elements.sound.value !== "off") helpdesk.beep(Number(form.elements.volume.value));
    helpdesk.tellTest({ key: "test", title: "A test", text: "This is how you will be told." });
  });
})();
