// Charts, better with script, complete without: values under the pointer and by the arrow keys, legends that hide series,
// and dragging over days to look at them more closely. Listens at the document, so that charts may be swapped at any time.
(() => {
  "use strict";
  const root = document.documentElement;
  const made = (name, kind, text) => {
    const element = document.createElement(name);
    element.className = kind;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const drawn = (name, kind, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    element.setAttribute("class", kind);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };

  const tip = made("div", "tip");
  tip.hidden = true;
  // What the keyboard finds is said aloud by a place of its own: the pointer would never let it finish a sentence.
  tip.setAttribute("aria-hidden", "true");
  const said = made("div", "visually-hidden");
  said.setAttribute("aria-live", "polite");
  document.body.append(tip, said);

  const chartOf = (target) => (target instanceof Element ? target.closest("svg.chart") : null);
  const placesOf = (svg) => [...svg.querySelectorAll("[data-place]")];
  const seriesOf = (svg) => [...svg.querySelectorAll("g[data-series]")];
  const number = (element, name) => Number(element.getAttribute(name));
  const middle = (place) => number(place, "x") + number(place, "width") / 2;

  const written = (day) =>
    new Date(day + "T00:00:00Z").toLocaleDateString("en-GB", {
      weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC",
    });
  const heading = ({ day, to, x }) => (day ? written(day) + (to ? " to " + written(to) : "") : x);

  // The lines of a place: label, value and the class of its colour.
  const linesOf = (svg, place) => {
    const series = seriesOf(svg);
    if (series.length === 0) return [[place.dataset.label, place.dataset.text, ""]];
    const texts = (place.dataset.text || "").split("|");
    return series
      .map((one, index) => [one.dataset.label, texts[index], [...one.classList].find((name) => name.startsWith("series-")), one])
      .filter(([, text, , one]) => text && !one.classList.contains("off"));
  };

  let lit = null;
  const dim = () => {
    tip.hidden = true;
    if (!lit) return;
    for (const element of lit.querySelectorAll(".lit")) {
      if (element.matches("circle.point")) element.remove();
      else element.classList.remove("lit");
    }
    lit = null;
  };

  const light = (svg, place) => {
    dim();
    lit = svg;
    place.classList.add("lit");
    const heights = (place.dataset.at || "").split("|");
    seriesOf(svg).forEach((series, index) => {
      if (!heights[index] || series.classList.contains("off")) return;
      const colour = [...series.classList].find((name) => name.startsWith("series-"));
      place.parentNode.append(drawn("circle", "point lit " + colour, { cx: middle(place), cy: heights[index], r: 3.5 }));
    });
    const head = heading(place.dataset);
    tip.replaceChildren();
    if (head) tip.append(made("div", "head", head));
    const lines = linesOf(svg, place);
    for (const [label, text, colour] of lines) {
      const row = made("div", "");
      if (colour) row.append(made("i", "dot " + colour));
      if (label) row.append(made("span", "", label));
      if (text) row.append(made("b", "", text));
      tip.append(row);
    }
    const remarks = [];
    if (lines.length === 0) remarks.push("no data");
    if ("provisional" in place.dataset) remarks.push("provisional");
    if (place.dataset.note) remarks.push(place.dataset.note);
    for (const remark of remarks) tip.append(made("div", "remark", remark));
    tip.hidden = false;
    const words = lines.map(([label, text]) => [label, text].filter(Boolean).join(" "));
    return [head, ...words, ...remarks].filter(Boolean).join(", ");
  };

  // Positions set by script through the object model are not inline styles to the content policy.
  const put = (x, y) => {
    const box = tip.getBoundingClientRect();
    const left = Math.min(x + 14, root.clientWidth - box.width - 8);
    const above = y - box.height - 12;
    tip.style.left = Math.max(8, left) + "px";
    tip.style.top = (above > 8 ? above : y + 16) + "px";
  };

  // Days chosen by dragging or with shift and the arrow keys.
  let chosen = null;
  const unchoose = () => {
    if (chosen && chosen.mark) chosen.mark.remove();
    chosen = null;
  };
  const choose = (place) => {
    const [first, last] = [chosen.from, place].sort((one, other) => number(one, "x") - number(other, "x"));
    chosen.to = place;
    chosen.days = [first.dataset.day, last.dataset.to || last.dataset.day];
    if (chosen.mark) chosen.mark.remove();
    if (first === last) return;
    const from = number(first, "x");
    chosen.mark = drawn("rect", "selection", {
      x: from, y: number(first, "y"), width: number(last, "x") + number(last, "width") - from, height: number(first, "height"),
    });
    chosen.svg.append(chosen.mark);
  };
  const zoom = () => {
    const [from, to] = chosen.days;
    unchoose();
    const address = new URL(location.href);
    for (const name of ["days", "window", "from", "to", "page"]) address.searchParams.delete(name);
    // A week or a month may end in the future, of which there is nothing to see.
    const yesterday = new Date(Date.now() - 864e5).toISOString().slice(0, 10);
    address.searchParams.set("from", from);
    address.searchParams.set("to", to > yesterday && from <= yesterday ? yesterday : to);
    location.assign(address);
  };
  const isTimeline = (svg) => svg.classList.contains("chart-timeline");

  document.addEventListener("pointerdown", (event) => {
    const svg = chartOf(event.target);
    const place = svg && event.target.closest("[data-place]");
    if (!place || !isTimeline(svg) || event.button !== 0 || event.pointerType === "touch") return;
    unchoose();
    chosen = { svg, from: place, to: place, dragged: true };
  });
  document.addEventListener("pointermove", (event) => {
    const svg = chartOf(event.target);
    const place = svg && event.target.closest("[data-place]");
    if (!place) {
      // What the keyboard shows stays until it moves on.
      if (lit && lit !== document.activeElement) dim();
      return;
    }
    if (chosen && chosen.dragged && chosen.svg === svg) choose(place);
    light(svg, place);
    put(event.clientX, event.clientY);
  });
  document.addEventListener("pointerup", () => {
    if (!chosen || !chosen.dragged) return;
    if (chosen.to === chosen.from) unchoose();
    else zoom();
  });
  document.addEventListener("pointercancel", unchoose);

  // Steps to the right and down, in places; elsewhere the next place is both.
  const steps = (svg) => (svg.matches(".chart-calendar") ? [7, 1] : svg.matches(".chart-punch") ? [1, 24] : [1, 1]);
  const aim = (svg, places, key) => {
    const [across, down] = steps(svg);
    const at = places.findIndex((place) => place.classList.contains("lit"));
    const ways = { ArrowRight: across, ArrowLeft: -across, ArrowDown: down, ArrowUp: -down };
    if (key === "Home") return 0;
    if (key === "End") return places.length - 1;
    if (!(key in ways)) return -1;
    if (at < 0) return ways[key] > 0 ? 0 : places.length - 1;
    const next = at + ways[key];
    return next < 0 || next >= places.length ? at : next;
  };
  document.addEventListener("keydown", (event) => {
    const svg = chartOf(document.activeElement);
    if (event.key === "Escape") {
      unchoose();
      return dim();
    }
    if (!svg || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" && chosen && chosen.svg === svg && chosen.to !== chosen.from) return zoom();
    const places = placesOf(svg);
    const next = places[aim(svg, places, event.key)];
    if (!next) return;
    event.preventDefault();
    const before = svg.querySelector("[data-place].lit");
    if (event.shiftKey && isTimeline(svg) && before) {
      if (!chosen) chosen = { svg, from: before, to: before };
      choose(next);
    } else {
      unchoose();
    }
    const words = light(svg, next);
    said.textContent = chosen ? words + ", " + chosen.days.map(written).join(" to ") + " chosen: Enter looks closer" : words;
    const box = next.getBoundingClientRect();
    put(box.left + box.width / 2, box.top + Math.min(box.height / 2, 60));
  });
  document.addEventListener("focusout", (event) => {
    const svg = chartOf(event.target);
    if (!svg) return;
    // Pressing the pointer on another chart takes the focus there after its days began to be chosen.
    if (chosen && chosen.svg === svg && !chosen.dragged) unchoose();
    if (lit === svg) dim();
  });

  // What is stacked closes the gap that a hidden series leaves. The heights are those the picture was drawn with.
  const restack = (svg) => {
    const filled = svg.matches(".chart-stacked, .chart-columns");
    const places = placesOf(svg);
    const series = seriesOf(svg);
    if (!filled || places.length === 0) return;
    const bottom = number(places[0], "y") + number(places[0], "height");
    const floor = places.map(() => bottom);
    const drawnAt = places.map((place) => {
      if (!place.dataset.drawn) place.dataset.drawn = place.dataset.at || "";
      let below = bottom;
      return place.dataset.drawn.split("|").map((text) => {
        if (text === "") return null;
        const height = below - Number(text);
        below = Number(text);
        return height;
      });
    });
    const now = places.map(() => []);
    series.forEach((one, index) => {
      const off = one.classList.contains("off");
      const tops = places.map((_, at) => {
        const height = drawnAt[at][index];
        return off || height === null || height === undefined ? null : floor[at] - height;
      });
      if (!off) draw(svg, one, places, tops, floor);
      tops.forEach((top, at) => {
        now[at][index] = top === null ? "" : top;
        if (top !== null) floor[at] = top;
      });
    });
    places.forEach((place, at) => {
      if (place.dataset.at !== undefined) place.dataset.at = now[at].join("|");
    });
  };
  const draw = (svg, series, places, tops, floor) => {
    const step = number(places[0], "width");
    const block = (at, width) =>
      "M" + (middle(places[at]) - width / 2) + " " + tops[at] + "h" + width + "V" + floor[at] + "h-" + width + "Z";
    const set = (kind, course) => {
      const path = series.querySelector("path." + kind);
      if (path) path.setAttribute("d", course);
    };
    if (svg.matches(".chart-columns")) {
      const width = step < 4 ? step : Math.min(step * 0.72, 44);
      return set("bar", tops.map((top, at) => (top === null ? "" : block(at, width))).join(""));
    }
    let [area, line] = ["", ""];
    for (let from = 0; from < tops.length; from += 1) {
      if (tops[from] === null) continue;
      let to = from;
      while (to + 1 < tops.length && tops[to + 1] !== null) to += 1;
      if (from === to) area += block(from, step * 0.6);
      else {
        const upper = [];
        const lower = [];
        for (let at = from; at <= to; at += 1) {
          upper.push(middle(places[at]) + " " + tops[at]);
          lower.unshift(middle(places[at]) + " " + floor[at]);
        }
        line += "M" + upper.join("L");
        area += "M" + upper.concat(lower).join("L") + "Z";
      }
      from = to;
    }
    set("area", area);
    set("line", line);
  };

  const toggles = (legend) => {
    const home = legend.closest("section, figure, .box");
    const svg = home && home.querySelector("svg.chart");
    const entries = [...legend.querySelectorAll("li[data-series]")];
    if (!svg || entries.length < 2) return;
    for (const entry of entries) {
      if (entry.querySelector("button")) continue;
      const series = svg.querySelector('g[data-series="' + CSS.escape(entry.dataset.series) + '"]');
      if (!series) continue;
      const button = made("button", "");
      button.type = "button";
      button.setAttribute("aria-pressed", "true");
      button.append(...entry.childNodes);
      entry.append(button);
      button.addEventListener("click", () => {
        const shown = !series.classList.toggle("off");
        button.setAttribute("aria-pressed", String(shown));
        restack(svg);
      });
    }
  };

  const prepare = () => {
    const wide = [];
    for (const svg of document.querySelectorAll("svg.chart:not([tabindex])")) {
      // A browser would show the title as a tooltip of its own over the whole chart.
      const title = svg.querySelector(":scope > title");
      const description = svg.querySelector(":scope > desc");
      const words = [title && title.textContent, description && description.textContent, "The arrow keys read the values."];
      svg.setAttribute("aria-label", words.filter(Boolean).join(". ").replaceAll("..", "."));
      svg.removeAttribute("aria-labelledby");
      if (title) title.remove();
      svg.setAttribute("role", "application");
      svg.setAttribute("aria-roledescription", "chart");
      svg.setAttribute("tabindex", "0");
      const picture = svg.closest(".picture");
      if (!picture) continue;
      // The chart takes the keyboard's place of what scrolls around it; a picture that is too wide shows its newest end.
      picture.removeAttribute("tabindex");
      if (svg.matches(".chart-timeline, .chart-calendar")) wide.push(picture);
    }
    for (const legend of document.querySelectorAll(".legend")) toggles(legend);
    // Last, and all reading before all writing: each change in between would lay the page out once more.
    const widths = wide.map((picture) => picture.scrollWidth);
    wide.forEach((picture, index) => { picture.scrollLeft = widths[index]; });
  };
  const brings = (node) => node instanceof Element && (node.matches("svg.chart, .legend") || node.querySelector("svg.chart, .legend"));
  const begin = () => {
    prepare();
    const main = document.querySelector("main");
    if (!main) return;
    new MutationObserver((changes) => {
      if (changes.some((change) => [...change.addedNodes].some(brings))) prepare();
    }).observe(main, { childList: true, subtree: true });
  };
  document.addEventListener("painted", begin, { once: true });
})();
