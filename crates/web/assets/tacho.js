// Better with script, complete without: the choice of light or dark, and panels that close.
(() => {
  "use strict";
  const root = document.documentElement;

  // The page is read before it is played with: what only script can do waits for "painted", which comes once the first picture is
  // on the screen. A browser that keeps that instant to itself is given a second from its first frame on.
  let told = false;
  const painted = () => {
    if (told) return;
    told = true;
    document.dispatchEvent(new Event("painted"));
  };
  new PerformanceObserver(painted).observe({ type: "paint", buffered: true });
  requestAnimationFrame(() => setTimeout(painted, 1000));

  const themes = ["system", "light", "dark"];
  const button = document.getElementById("theme");
  const show = (theme) => {
    button.textContent = theme[0].toUpperCase() + theme.slice(1);
    button.setAttribute("aria-label", "Theme: " + theme);
    button.title = "Theme: system, light or dark";
  };
  if (button) {
    button.classList.add("ready");
    show(root.dataset.theme);
    button.addEventListener("click", () => {
      const next = themes[(themes.indexOf(root.dataset.theme) + 1) % themes.length];
      root.dataset.theme = next;
      show(next);
      const secure = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = "tacho_theme=" + next + "; Path=/; Max-Age=31536000; SameSite=Lax" + secure;
    });
  }

  // A panel behind a question mark closes when something else is pressed.
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll("details.why[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const open of document.querySelectorAll("details.why[open]")) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });
})();
