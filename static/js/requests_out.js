// Headers of requests: watching is not acting, and what is unchanged is not sent again.
(() => {
  "use strict";

  document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
    const isAutomatic = !helpdesk.isAct(ctx);
    const { headers, method } = ctx.request;
    const { etag } = ctx.sourceElement.dataset;
    if (isAutomatic) headers["X-Helpdesk-Automatic"] = "1";
    if (isAutomatic && etag && method === "GET") headers["If-None-Match"] = `"${etag}"`;
  });

  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    document.dispatchEvent(new CustomEvent("helpdesk:answered", { detail: ctx.response.headers }));
  });
})();
