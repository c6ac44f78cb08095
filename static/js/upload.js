// Files: chosen, dropped or pasted; sent one after the other with their progress. What is refused says why where it stands.
(() => {
  "use strict";

  const UNREACHABLE = "The server cannot be reached.";
  const WORDS = { asked: "Send this file?", waits: "Waiting …", sends: "Sending …", failed: "Not sent", refused: "Not sent" };
  const BUTTONS = { asked: ["Send", "Cancel"], waits: ["Cancel"], sends: ["Cancel"], failed: ["Retry", "Cancel"], refused: ["Dismiss"] };
  const uploads = [];

  document.addEventListener("click", ({ target }) => {
    target.closest("[data-attach]")?.form.querySelector("input[type=file]").click();
  });

  document.addEventListener("change", ({ target }) => {
    if (!target.matches("[data-composer] input[type=file]")) return;
    take(target.form, target.files, "waits");
    target.value = "";
  });

  // What is pasted or dropped is easily not what was meant: it is asked about first.
  document.addEventListener("paste", (event) => {
    const form = event.target.closest?.("[data-composer]");
    const { files, types } = event.clipboardData;
    if (!form || !files.length || types.includes("text/plain")) return;
    event.preventDefault();
    take(form, files, "asked");
  });

  for (const name of ["dragover", "drop"]) {
    document.addEventListener(name, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault(); // a file beside the mark would replace the page
      const form = event.target.closest?.("[data-chat]")?.querySelector("[data-composer]");
      const isTaken = Boolean(form && attachOf(form));
      event.dataTransfer.dropEffect = isTaken ? "copy" : "none";
      mark(isTaken && name === "dragover" ? form : null);
      if (isTaken && name === "drop") take(form, event.dataTransfer.files, "asked");
    });
  }
  document.addEventListener("dragleave", (event) => event.relatedTarget || mark(null));

  function mark(form) {
    document.querySelectorAll(".takes-files").forEach((each) => each !== form && each.classList.remove("takes-files"));
    form?.classList.add("takes-files");
  }

  function attachOf(form) {
    return form.querySelector("[data-attach]:not([hidden])");
  }

  function take(form, files, state) {
    const attach = attachOf(form);
    if (!attach) return;
    const { mostBytes, mostWords } = attach.dataset;
    for (const file of files) {
      const upload = { id: helpdesk.uuid(), chat: form.dataset.composer, url: attach.dataset.attach, file, state, why: "" };
      upload.isNote = form.classList.contains("is-note");
      if (file.size > mostBytes) Object.assign(upload, { state: "refused", why: `This file is too large: at most ${mostWords} can be sent here.` });
      uploads.push(upload);
    }
    pump(form.dataset.composer);
  }

  function pump(chat) {
    const own = uploads.filter((upload) => upload.chat === chat);
    const next = own.find((upload) => upload.state === "waits");
    if (next && own.every((upload) => upload.state !== "sends")) post(next);
    draw(chat);
  }

  function post(upload) {
    const log = document.getElementById(`log-${upload.chat}`);
    const fields = { client_id: upload.id, after: log ? helpdesk.complete(log) : 0, file: upload.file };
    const form = new FormData();
    if (upload.isNote) fields.note = 1;
    Object.entries(fields).forEach(([name, value]) => form.append(name, value));
    const request = new XMLHttpRequest(); // fetch tells nothing of what is on its way
    Object.assign(upload, { state: "sends", request, part: 0 });
    request.open("POST", upload.url);
    Object.entries(helpdesk.headers(false)).forEach(([name, value]) => request.setRequestHeader(name, value));
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      upload.part = loaded / total;
      draw(upload.chat);
    });
    request.addEventListener("loadend", () => settle(upload, request));
    request.send(form);
  }

  function settle(upload, request) {
    const { status } = request;
    const target = status && request.getResponseHeader("HX-Redirect");
    if (target) location.assign(target);
    if (status >= 200 && status < 300) {
      helpdesk.swap(request.responseText);
      remove(upload);
    } else {
      const words = status ? helpdesk.alertWords(request.responseText) : UNREACHABLE;
      Object.assign(upload, { state: status && status < 429 ? "refused" : "failed", why: words });
    }
    pump(upload.chat);
  }

  function remove(upload) {
    const at = uploads.indexOf(upload);
    if (at >= 0) uploads.splice(at, 1);
  }

  helpdesk.forEach(".line[data-client]", ({ dataset }) => {
    const upload = uploads.find((each) => each.id === dataset.client);
    if (!upload) return;
    remove(upload);
    draw(upload.chat);
  });

  helpdesk.forEach("[data-uploads]", (box) => draw(box.closest("[data-chat]")?.dataset.chat));

  const DEEDS = {
    Send: (upload) => Object.assign(upload, { state: "waits" }),
    Retry: (upload) => Object.assign(upload, { state: "waits", why: "" }),
    Dismiss: remove,
    Cancel: (upload) => {
      remove(upload);
      upload.request?.abort();
    },
  };

  function draw(chat) {
    const box = chat && document.querySelector(`[data-chat="${CSS.escape(chat)}"] [data-uploads]`);
    if (!box) return;
    const shown = new Map(Array.from(box.children, (element) => [element.dataset.upload, element]));
    for (const upload of uploads) {
      if (upload.chat !== chat) continue;
      const element = shown.get(upload.id) ?? appended(box, upload);
      shown.delete(upload.id);
      show(element, upload);
    }
    shown.forEach((element) => element.remove());
  }

  function appended(box, upload) {
    const element = box.appendChild(document.createElement("div"));
    element.className = upload.isNote ? "pending mine note" : "pending mine";
    element.dataset.upload = upload.id;
    for (const name of ["text", "state", "why"]) element.appendChild(document.createElement("div")).className = name;
    element.querySelector(".text").textContent = upload.file.name;
    element.querySelector(".state").setAttribute("role", "status");
    const progress = element.appendChild(document.createElement("progress"));
    progress.setAttribute("aria-label", upload.file.name);
    helpdesk.toBottom(box.closest("[data-scroller]"));
    return element;
  }

  function show(element, upload) {
    element.classList.toggle("failed", upload.state === "failed" || upload.state === "refused");
    helpdesk.write(element.querySelector(".state"), WORDS[upload.state]);
    helpdesk.write(element.querySelector(".why"), upload.why);
    const progress = element.querySelector("progress");
    progress.hidden = upload.state !== "sends";
    progress.value = upload.part ?? 0;
    if (element.dataset.state === upload.state) return;
    element.dataset.state = upload.state;
    element.querySelectorAll("button").forEach((button) => button.remove());
    for (const name of BUTTONS[upload.state]) element.append(button(name, upload));
  }

  function button(name, upload) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "small";
    made.textContent = name;
    made.addEventListener("click", () => {
      DEEDS[name](upload);
      document.querySelector(`[data-composer="${CSS.escape(upload.chat)}"] textarea`)?.focus();
      pump(upload.chat);
    });
    return made;
  }
})();
