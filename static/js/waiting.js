// How many requests wait: the figures per channel are added up here, and frames are only believed in order.
(() => {
  "use strict";

  const KINDS = ["customer", "public"];
  const OWN = ["lists", "self", "personal"];

  helpdesk.onFrame("channel", (frame) => {
    const known = helpdesk.channelVersion(frame.channel);
    if (!document.getElementById("waiting") || frame.version <= known) return false;
    if (frame.version === known + 1 && !isCutOff(frame)) return true;
    helpdesk.raise("lists");
    return false;
  });

  /** A list that shows only its first rows cannot place a new one: it is fetched. */
  function isCutOff() {
    return Boolean(document.querySelector("[data-kind][data-more]"));
  }

  helpdesk.onFrame("ready", ({ ready }) => {
    const channels = ready.channels ?? {};
    const here = Array.from(document.querySelectorAll("[data-waiting]"), (count) => count.dataset.waiting);
    const isBehind = Object.entries(channels).some(([id, version]) => version > helpdesk.channelVersion(id));
    if (isBehind || here.length !== Object.keys(channels).length) helpdesk.raise("lists");
    const own = document.getElementById("waiting")?.dataset.own;
    if (own !== undefined && own !== ready.own) OWN.forEach(helpdesk.raise);
  });

  document.addEventListener("DOMContentLoaded", addUp);
  document.addEventListener("htmx:after:swap", addUp);

  function addUp() {
    const counts = [...document.querySelectorAll("[data-waiting]")];
    const personal = Number(document.querySelector("[data-personal]")?.dataset.personal ?? 0);
    const sums = { personal };
    for (const kind of KINDS) sums[kind] = sum(counts, kind);
    const total = sums.customer + sums.public + sums.personal;
    show("[data-total]", total);
    document.querySelectorAll("[data-plural]").forEach((ending) => (ending.hidden = total === 1));
    for (const kind of Object.keys(sums)) show(`[data-sum="${kind}"]`, sums[kind]);
    for (const kind of KINDS) showWidget(kind, counts, sums[kind]);
    show('[data-shown="personal"]', sums.personal || "");
  }

  function sum(counts, kind) {
    return counts.reduce((total, count) => total + Number(count.dataset[kind]), 0);
  }

  function show(selector, words) {
    document.querySelectorAll(selector).forEach((element) => helpdesk.write(element, String(words)));
  }

  function showWidget(kind, counts, all) {
    const list = document.getElementById(`requests-${kind}`);
    if (!list) return;
    const channels = list.dataset.channels.split(" ");
    const shown = sum(counts.filter((count) => channels.includes(count.dataset.waiting)), kind);
    show(`[data-shown="${kind}"]`, shown || "");
    show(`[data-elsewhere="${kind}"]`, all > shown ? `${all - shown} more in other channels` : "");
  }
})();
