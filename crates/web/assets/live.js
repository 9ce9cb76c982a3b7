// Live progress of syncs by server-sent events, one connection a tab and only while it is seen; forms that take a while say so.
(() => {
  "use strict";
  for (const form of document.querySelectorAll("form[data-busy]")) {
    form.addEventListener("submit", () => {
      const button = form.querySelector("button:not([type=button])");
      if (!button) return;
      button.textContent = form.dataset.busy;
      button.setAttribute("aria-busy", "true");
      // After the browser has taken the form: a disabled button would not be sent twice by an impatient hand.
      setTimeout(() => { button.disabled = true; });
    });
  }
  // A page that comes back from the browser's memory has its buttons back.
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  const place = document.querySelector("[data-live]");
  if (!place || !window.EventSource) return;
  const announce = document.querySelector("[data-announce]");
  const card = (id) => place.querySelector('[data-integration="' + CSS.escape(String(id)) + '"]');
  const name = (article) => { const heading = article.querySelector("h2 a") || document.querySelector("h1"); return heading ? heading.textContent : ""; };

  // The server renders every state; a card whose sync ended is fetched anew.
  const renew = async (ids) => {
    const answer = await fetch(location.pathname, { headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ids) {
      const old = card(id);
      const fresh = page.getElementById("integration-" + id);
      if (!old || !fresh) continue;
      const inside = old.contains(document.activeElement) ? document.activeElement : null;
      const open = old.querySelector("details[open]") !== null;
      const adopted = document.importNode(fresh, true);
      if (open && adopted.querySelector("details")) adopted.querySelector("details").open = true;
      old.replaceWith(adopted);
      if (inside) {
        const label = inside.getAttribute("aria-label") || inside.textContent;
        const again = [...adopted.querySelectorAll("a, button, summary")].find((one) => (one.getAttribute("aria-label") || one.textContent) === label);
        if (again) again.focus();
      }
    }
  };

  const show = (id, percent, words) => {
    const article = card(id);
    if (!article) return;
    article.querySelector("[data-running]").hidden = false;
    article.querySelector("progress").value = percent;
    article.querySelector("[data-words]").textContent = words;
  };

  const take = (sync) => {
    const article = card(sync.integration_id);
    if (!article) return;
    if (sync.state === "queued") return show(sync.integration_id, 0, "waiting for a worker");
    if (sync.state === "running") {
      return show(sync.integration_id, sync.percent, sync.done + " of " + sync.total + " parts read");
    }
    if (announce) announce.textContent = name(article) + (sync.state === "finished" ? ": the sync is done." : ": the sync failed.");
    renew([sync.integration_id]).catch(() => {});
  };

  let source = null;
  const close = () => { if (source) source.close(); source = null; };
  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource("/api/v1/events?since=" + place.dataset.since);
    source.addEventListener("sync", (event) => take(JSON.parse(event.data)));
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return close();
    open();
    renew([...place.querySelectorAll("[data-integration]")].map((article) => article.dataset.integration)).catch(() => {});
  });
  window.addEventListener("pagehide", close);
  open();

  place.addEventListener("submit", (event) => {
    const form = event.target;
    if (!("sync" in form.dataset)) return;
    event.preventDefault();
    const id = form.closest("[data-integration]").dataset.integration;
    const asked = fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    // Without an answer that is good the form goes the ordinary way, and its page says what is wrong.
    asked.then((answer) => { if (!answer.ok) throw new Error(String(answer.status)); show(id, 0, "waiting for a worker"); })
      .catch(() => form.submit());
  });
})();
