// Answers and frames overtake each other: before each swap, what is older than the page, or there already, is left out.
(() => {
  "use strict";

  const REPLACES = new Set(["outerHTML", "outerMorph"]);

  document.addEventListener("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
    const kept = tasks.flatMap((task) => judge(task, ctx));
    tasks.splice(0, tasks.length, ...kept);
  });

  function judge(task, ctx) {
    const { style } = task.swapSpec;
    const target = typeof task.target === "string" ? document.querySelector(task.target) : task.target;
    const root = task.fragment.firstElementChild;
    if (!target) return [];
    if (style === "upsert") return judgeUpsert(task, target);
    if (style === "delete") return isElsewhere(target, ctx) ? [] : [task];
    if (style === "beforeend") return root?.id && document.getElementById(root.id) ? [] : [task];
    if (style === "none" && ctx.response?.status === 429 && root?.id) return replaceById({ ...task, target }, root);
    return REPLACES.has(style) && root ? replaceById({ ...task, target }, root) : [task];
  }

  /** A partial goes where its own id is; a conversation's status may come as the answer to something else. */
  function replaceById(task, root) {
    const known = root.id && root.id !== task.target.id && document.getElementById(root.id);
    if (known) Object.assign(task, { target: known, swapSpec: { style: "outerMorph" } });
    if (task.swapSpec.style === "none") task.swapSpec = { style: "outerHTML" };
    task.fragment = alone(root); // without the white space around it, which would pile up
    if (root.id === "waiting") keepNewerCounts(root);
    return isOlder(root, task.target) ? [] : [task];
  }

  function isOlder(next, known) {
    if (next.id !== known.id) return false;
    if ("versions" in next.dataset) return isListOlder(next);
    const [has, gets] = [Number(known.dataset.version), Number(next.dataset.version)];
    if (Number.isNaN(has) || Number.isNaN(gets)) return false;
    return gets < has || (gets === has && "etag" in next.dataset && next.dataset.etag === known.dataset.etag);
  }

  /** A list is older when any of its channels is: the toolbar's figures know how far each channel has come. */
  function isListOlder(list) {
    const pairs = list.dataset.versions.trim().split(/\s+/).filter(Boolean);
    return pairs.some((pair) => {
      const [channel, version] = pair.split(":").map(Number);
      return version < helpdesk.channelVersion(channel);
    });
  }

  helpdesk.channelVersion = (channel) => Number(document.getElementById(`waiting-${channel}`)?.dataset.version ?? 0);

  function keepNewerCounts(block) {
    for (const next of block.querySelectorAll("[data-waiting]")) {
      const known = document.getElementById(next.id);
      if (known && isOlder(next, known)) next.replaceWith(known.cloneNode());
    }
  }

  /** Lines never change: one that is there is left out. A changed row is morphed, so that a click on it is not lost. */
  function judgeUpsert(task, target) {
    const fragment = document.createDocumentFragment();
    const changed = [];
    for (const next of [...task.fragment.children]) {
      const known = document.getElementById(next.id);
      if (!known && isWanted(next, target)) fragment.append(next);
      if (known && !known.dataset.seq && !isOlder(next, known)) changed.push(morph(task, next, known));
    }
    if (!fragment.childElementCount) return changed;
    return [...changed, { ...task, fragment, swapSpec: placeOf(fragment, target) ?? task.swapSpec }];
  }

  function morph(task, next, known) {
    return { ...task, fragment: alone(next), target: known, swapSpec: { style: "outerMorph" } };
  }

  function alone(element) {
    const fragment = document.createDocumentFragment();
    fragment.append(element);
    return fragment;
  }

  /** To put them all at an end is quick; sorting compares with every line of the log. */
  function placeOf(fragment, target) {
    const last = Number(target.lastElementChild?.dataset.seq ?? 0);
    const first = Number(target.firstElementChild?.dataset.seq ?? 0);
    const numbers = Array.from(fragment.children, (next) => Number(next.dataset.seq));
    if (!numbers.every((number, i) => !i || number > numbers[i - 1])) return null;
    if (numbers[0] > last) return { style: "beforeend" };
    return numbers.at(-1) < first ? { style: "afterbegin" } : null;
  }

  function isWanted(row, list) {
    return !("channels" in list.dataset) || list.dataset.channels.split(" ").includes(row.dataset.channel);
  }

  /** A request moved on before its old channel told that it went. */
  function isElsewhere(row, ctx) {
    if (ctx.sourceElement.id !== "live" || !("channel" in row.dataset)) return false;
    return row.dataset.channel !== String(helpdesk.frame.channel);
  }
})();
