// Download: the card or window says that the PDF is being made, then the browser keeps it; a failure offers another try.
(() => {
  "use strict";

  const PLACE = ".card, #window-view";
  const TIMEOUT_MS = 60_000;
  const MOST_TRIES = 6; // while others are being printed
  const FAILED = "The PDF could not be fetched. Please try again.";
  const busy = new WeakSet();

  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-download]");
    if (button) download(button.closest(PLACE), button.dataset.download);
  });

  // A header that is fetched anew brings an idle button.
  helpdesk.forEach("[data-download]", (button) => mark(button.closest(PLACE)));

  async function download(card, url) {
    if (busy.has(card)) return;
    helpdesk.clearAlert(card);
    const progress = show(card);
    const answer = await fetched(url);
    progress.remove();
    busy.delete(card);
    mark(card);
    if (answer?.file) return keep(answer);
    helpdesk.alert(card, (answer && helpdesk.alertWords(answer.text)) || FAILED);
    offerAgain(card, url);
  }

  async function fetched(url) {
    const fields = { zone: helpdesk.timeZone };
    for (let tries = 1; ; tries += 1) {
      const answer = await helpdesk.send("POST", url, { fields, isAutomatic: false, timeoutMs: TIMEOUT_MS }).catch(() => null);
      const wait_s = answer?.status === 503 && Number(answer.headers.get("Retry-After"));
      if (!wait_s || tries === MOST_TRIES) return answer;
      await new Promise((done) => setTimeout(done, wait_s * 1000));
    }
  }

  function keep({ file, headers }) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = nameIn(headers.get("Content-Disposition"));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  function nameIn(disposition) {
    const coded = /filename\*=UTF-8''([^;]+)/.exec(disposition);
    return coded ? decodeURIComponent(coded[1]) : /filename="?([^";]+)/.exec(disposition)?.[1] ?? "chat.pdf";
  }

  function show(card) {
    busy.add(card);
    mark(card);
    const progress = document.createElement("p");
    progress.className = "progress";
    progress.setAttribute("role", "status");
    progress.textContent = "Preparing the PDF…";
    card.querySelector("[data-alert]").before(progress);
    return progress;
  }

  function mark(card) {
    const button = card?.querySelector("[data-download]");
    if (busy.has(card)) button?.setAttribute("aria-busy", "true");
    else button?.removeAttribute("aria-busy");
  }

  function offerAgain(card, url) {
    const again = document.createElement("button");
    again.type = "button";
    again.className = "small";
    again.textContent = "Retry";
    again.dataset.download = url;
    card.querySelector("[data-alert] .alert").append(" ", again);
  }
})();
