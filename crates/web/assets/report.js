// A page that takes a while to come: the one that is left shows that it was heard.
(() => {
  "use strict";
  const main = document.getElementById("main");
  const leave = () => main.classList.add("leaving");
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || event.defaultPrevented || link.hasAttribute("download") || link.target) return;
    const to = new URL(link.href, location.href);
    const elsewhere = to.pathname !== location.pathname || to.search !== location.search;
    if (to.origin === location.origin && elsewhere) leave();
  });
  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented && event.target.method === "get") leave();
  });
  window.addEventListener("pageshow", () => main.classList.remove("leaving"));

  // The way to this page is in sight where the row of ways is wider than the window. Asking where it lies lays the page out,
  // which is not to happen while the first picture of it is being made.
  const here = document.querySelector(".ways [aria-current]");
  const bring = () => {
    here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.clientWidth / 2 + here.offsetWidth / 2;
  };
  if (here) requestAnimationFrame(bring);
})();
