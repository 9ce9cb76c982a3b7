// Better with script, complete without: a tooltip over chart points, and the choice of light or dark.
(() => {
  "use strict";
  const root = document.documentElement;

  const themes = ["system", "light", "dark"];
  const button = document.getElementById("theme");
  const show = (theme) => {
    button.textContent = theme[0].toUpperCase() + theme.slice(1);
    button.setAttribute("aria-label", "Theme: " + theme);
    button.title = "Theme: system, light or dark";
  };
  if (button) {
    button.hidden = false;
    show(root.dataset.theme);
    button.addEventListener("click", () => {
      const next = themes[(themes.indexOf(root.dataset.theme) + 1) % themes.length];
      root.dataset.theme = next;
      show(next);
      const secure = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = "tacho_theme=" + next + "; Path=/; Max-Age=31536000; SameSite=Lax" + secure;
    });
  }

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);

  const line = (text, strong) => {
    const row = document.createElement("div");
    const label = document.createElement("span");
    label.textContent = text;
    row.append(label);
    if (strong !== undefined) {
      const value = document.createElement("b");
      value.textContent = strong;
      row.append(value);
    }
    return row;
  };

  const fill = (svg, target) => {
    const day = target.dataset.day;
    const points = day
      ? svg.querySelectorAll('[data-series][data-day="' + CSS.escape(day) + '"]')
      : [target];
    tip.replaceChildren();
    if (day) tip.append(line(day));
    for (const point of points) tip.append(line(point.dataset.series, point.dataset.text));
    if (points.length === 0) tip.append(line("no data"));
    if ([...points].some((point) => "provisional" in point.dataset)) tip.append(line("provisional"));
    for (const lit of svg.querySelectorAll(".lit")) lit.classList.remove("lit");
    for (const point of points) point.classList.add("lit");
  };

  const hide = (svg) => {
    tip.hidden = true;
    for (const lit of svg.querySelectorAll(".lit")) lit.classList.remove("lit");
  };

  for (const svg of document.querySelectorAll("svg.chart")) {
    // A browser would show the title as a tooltip of its own over the whole chart.
    const title = svg.querySelector(":scope > title");
    const description = svg.querySelector(":scope > desc");
    if (title) {
      svg.setAttribute("aria-label", title.textContent + ". " + (description ? description.textContent : ""));
      svg.removeAttribute("aria-labelledby");
      title.remove();
    }
    svg.addEventListener("pointermove", (event) => {
      const target = event.target.closest("[data-day], [data-series]");
      if (!target) return hide(svg);
      fill(svg, target);
      tip.hidden = false;
      const box = tip.getBoundingClientRect();
      const left = Math.min(event.clientX + 14, root.clientWidth - box.width - 8);
      const above = event.clientY - box.height - 12;
      // Positions set by script through the object model are not inline styles to the content policy.
      tip.style.left = Math.max(8, left) + "px";
      tip.style.top = (above > 8 ? above : event.clientY + 16) + "px";
    });
    svg.addEventListener("pointerleave", () => hide(svg));
  }

  // A picture wider than its place shows its newest end first.
  for (const picture of document.querySelectorAll(".picture")) picture.scrollLeft = picture.scrollWidth;

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
