// What happens while a page is looked at: progress of syncs and changed reports, by server-sent events, one connection a tab
// and only while it is seen. Forms that take a while say so. Stands before the scripts that dress charts, so that it keeps
// the page as the server made it and can tell what really changed.
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
  const report = document.querySelector("[data-report]");
  if ((!place && !report) || !window.EventSource) return;
  const announce = document.querySelector("[data-announce]");
  const say = (words) => { if (announce) announce.textContent = words; };
  let since = (place || report).dataset.since;

  const fetched = async (address) => {
    const answer = await fetch(address, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };

  // Puts the new in the old one's place: what was open stays open, and what had the focus has it again.
  const swap = (old, fresh) => {
    const adopted = document.importNode(fresh, true);
    const name = (element) => element.id || element.getAttribute("aria-label") || element.textContent;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const opened = [...adopted.querySelectorAll("details")];
    [...old.querySelectorAll("details")].forEach((details, index) => { if (opened[index]) opened[index].open = details.open; });
    old.replaceWith(adopted);
    if (!focused) return;
    const all = [...adopted.querySelectorAll("a, button, summary, input, select, svg, [tabindex]")];
    const again = all.find((one) => one.tagName === focused.tagName && name(one) === name(focused));
    if (again) again.focus({ preventScroll: true });
  };

  // Cards of integrations: the server renders every state; a card whose sync ended is fetched anew.
  const card = (id) => place.querySelector('[data-integration="' + CSS.escape(String(id)) + '"]');
  const title = (article) => { const heading = article.querySelector("h2 a") || document.querySelector("h1"); return heading ? heading.textContent : ""; };
  const renew = async (ids) => {
    const page = await fetched(location.pathname);
    if (!page) return;
    for (const id of ids) {
      const old = card(id);
      const fresh = page.getElementById("integration-" + id);
      if (old && fresh) swap(old, fresh);
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
    say(title(article) + (sync.state === "finished" ? ": the sync is done." : ": the sync failed."));
    renew([sync.integration_id]).catch(() => {});
  };

  // Reports: the same address is fetched again, and each part that differs is put in the old one's place.
  const main = document.getElementById("main");
  const holds = (element) => element === main || element.matches(".panels, .cards, .figures");
  const parts = (element) => new Map([...element.children].map((child, index) => [child.id || child.tagName + child.className + index, child]));
  const writing = (element) => element.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");
  // As the server made it last: scripts have changed what is shown since.
  let known = null;

  const merge = (shown, before, fresh) => {
    const [here, was, will] = [parts(shown), parts(before), parts(fresh)];
    const sameOrder = [...was.keys()].join("\n") === [...will.keys()].join("\n");
    if (!sameOrder || ![...will.keys()].every((key) => here.has(key))) return swap(shown, fresh);
    for (const [key, next] of will) {
      const old = here.get(key);
      if (next.isEqualNode(was.get(key)) || writing(old)) continue;
      if (holds(next) && holds(old)) merge(old, was.get(key), next);
      else swap(old, next);
    }
  };

  const refresh = async () => {
    const page = await fetched(location.href);
    const fresh = page && page.querySelector("[data-report]") && page.getElementById("main");
    if (!fresh) return;
    // The live region stays itself, else nobody would hear it; its instant is no news.
    const mark = fresh.querySelector("[data-report]");
    mark.replaceWith(document.importNode(known.querySelector("[data-report]"), true));
    if (fresh.isEqualNode(known)) return;
    const seen = [...main.querySelectorAll("section[id]")].find((section) => section.getBoundingClientRect().bottom > 0);
    const top = seen && seen.getBoundingClientRect().top;
    merge(document.getElementById("main"), known, fresh);
    known = document.importNode(fresh, true);
    const again = seen && document.getElementById(seen.id);
    // Above the first section in sight nothing may have grown or shrunk under the reader's eyes.
    if (again && window.scrollY > 0) window.scrollBy(0, again.getBoundingClientRect().top - top);
    say("The numbers were brought up to date.");
  };
  // One at a time, and a burst of changes is one.
  let [busy, again] = [false, false];
  const changed = async () => {
    if (busy) { again = true; return; }
    busy = true;
    do {
      again = false;
      await refresh().catch(() => {});
      await new Promise((done) => setTimeout(done, 3000));
    } while (again && !document.hidden);
    busy = false;
  };

  let source = null;
  const close = () => { if (source) source.close(); source = null; };
  const note = (event) => { if (event.lastEventId) since = event.lastEventId; };
  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource("/api/v1/events?since=" + since);
    if (place) source.addEventListener("sync", (event) => { note(event); take(JSON.parse(event.data)); });
    if (report) source.addEventListener("data", (event) => { note(event); changed(); });
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return close();
    // Not looked at until now: the first paint is still to come, and opens it.
    if (report && !known) return;
    open();
    if (place) renew([...place.querySelectorAll("[data-integration]")].map((article) => article.dataset.integration)).catch(() => {});
    if (report) changed();
  });
  window.addEventListener("pagehide", close);
  // Before charts are dressed, whose script comes later and waits for the same event.
  document.addEventListener("painted", () => {
    if (report) known = main.cloneNode(true);
    open();
  }, { once: true });

  if (place) place.addEventListener("submit", (event) => {
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
