// Canned responses: "/" where a word begins looks for them; the arrows choose, Enter or Tab puts one in, and nothing is sent.
(() => {
  "use strict";

  const WANTED = /(?:^|\s)\/([^\s/][^\n/]{0,59})?$/;
  const PAUSE_MS = 120;
  let search = null; // what is typed at the moment: field, box, start of the slash, query
  let dismissed = null; // the search of a slash that is only a slash

  document.addEventListener("input", ({ target, isTrusted }) => {
    if (isTrusted && target.matches("[data-composer] textarea")) look(target);
  });

  function look(field) {
    close();
    const box = field.form.querySelector("[data-canned]");
    const found = box && !field.readOnly ? WANTED.exec(field.value.slice(0, field.selectionStart)) : null;
    const start = found ? found.index + found[0].indexOf("/") : -1;
    const query = found?.[1] ?? "";
    if (dismissed?.field !== field || dismissed.start !== start || !query.startsWith(dismissed.query)) dismissed = null;
    if (start < 0 || dismissed) return;
    search = { field, box, start, query, isWaiting: true, isEntered: false };
    search.timer = setTimeout(ask, PAUSE_MS, search);
  }

  async function ask(mine) {
    const url = `${mine.box.dataset.canned}?q=${encodeURIComponent(mine.query)}`;
    const answer = await helpdesk.send("GET", url, { isAutomatic: false }).catch(() => null);
    if (mine !== search) return;
    const options = answer?.status === 200 ? new DOMParser().parseFromString(answer.text, "text/html").body.children : [];
    if (!options.length) return close();
    mine.isWaiting = false;
    mine.box.replaceChildren(...options);
    mine.box.hidden = false;
    select(mine.box.firstElementChild);
    if (mine.isEntered) putIn(mine.box.firstElementChild);
  }

  document.addEventListener("keydown", onKey, { capture: true });

  /** Enter is held back while the answer is on its way too: it must not send half a name. */
  function onKey(event) {
    if (!search || event.target !== search.field || event.isComposing || event.keyCode === 229) return;
    const { key } = event;
    if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(key)) return close();
    const isPlain = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
    if (!isPlain || !["ArrowDown", "ArrowUp", "Enter", "Tab", "Escape"].includes(key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (key === "Escape") dismiss();
    else if (search.isWaiting) search.isEntered ||= key === "Enter" || key === "Tab";
    else if (key.startsWith("Arrow")) step(key === "ArrowDown" ? 1 : -1);
    else putIn(search.box.querySelector('[aria-selected="true"]'));
  }

  function step(by) {
    const options = [...search.box.children];
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    select(options[(at + by + options.length) % options.length]);
  }

  function select(option) {
    for (const each of option.parentElement.children) each.setAttribute("aria-selected", String(each === option));
    search.field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function putIn(option) {
    const { field, start } = search;
    close();
    field.setRangeText(option.dataset.insert, start, field.selectionStart, "end");
    field.dispatchEvent(new Event("input", { bubbles: true })); // the draft is remembered, its length shown
  }

  function dismiss() {
    dismissed = search;
    close();
  }

  function close() {
    if (!search) return;
    clearTimeout(search.timer);
    search.box.hidden = true;
    search.box.replaceChildren();
    search.field.removeAttribute("aria-activedescendant");
    search = null;
  }

  document.addEventListener("mousedown", (event) => event.target.closest("[data-canned]") && event.preventDefault());
  document.addEventListener("click", ({ target }) => {
    const option = target.closest("[data-canned] [role=option]");
    if (option) putIn(option);
    else if (search && target !== search.field) close();
  });
  document.addEventListener("focusout", ({ target }) => target === search?.field && close());
})();
