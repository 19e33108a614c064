// What the gate measures in a page, as a list of faults. It is put into the page by the debugger and not by a script of the page.
((want) => {
  const faults = [];
  const fault = (what, ...where) => faults.push([what, ...where].join(" "));
  const name = (e) => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + (e.className && typeof e.className === "string" ? "." + e.className.trim().replace(/\s+/g, ".") : "") +
    " " + JSON.stringify((e.textContent || e.getAttribute("aria-label") || "").trim().slice(0, 30));
  const root = document.documentElement, style = (e, p) => getComputedStyle(e, p);
  const shown = (e) => e.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true, opacityProperty: false }) && e.getClientRects().length > 0;

  // Colours, through a canvas: oklch() and the like become what the screen shows.
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const paint = (...layers) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const l of layers) { canvas.fillStyle = l; canvas.fillRect(0, 0, 1, 1); }
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const ground = (e) => {
    const layers = [];
    for (; e; e = e.parentElement) layers.unshift(style(e).backgroundColor);
    return ["#fff", ...layers];
  };
  const luminance = (c) => {
    const [r, g, b] = [c[0], c[1], c[2]].map((v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const contrast = (colour, e) => {
    const [a, b] = [luminance(paint(...ground(e), colour)), luminance(paint(...ground(e)))].sort((x, y) => y - x);
    return (a + .05) / (b + .05);
  };

  if (root.scrollWidth > root.clientWidth) {
    const wide = [...document.body.querySelectorAll("*")].filter((e) => shown(e) && (e.getBoundingClientRect().right > root.clientWidth + 1 || e.getBoundingClientRect().left < -1));
    fault("scrolls sideways by", root.scrollWidth - root.clientWidth, wide.slice(-3).map(name).join(" | "));
  }

  // A page is one column: its header, what it is about, its footer, each as wide as the window.
  const rows = [...document.body.children].filter((e) => shown(e) && e.matches("header, main, footer"));
  for (const [i, e] of rows.entries()) {
    const r = e.getBoundingClientRect();
    if (i && r.top < rows[i - 1].getBoundingClientRect().bottom - 1) fault(name(e), "stands beside what comes before it");
  }

  // Measure: characters on each line but a paragraph's last.
  if (want.measure) {
    const counts = [];
    for (const p of document.querySelectorAll(".prose > p")) {
      const lines = new Map(), walk = document.createTreeWalker(p, NodeFilter.SHOW_TEXT), range = document.createRange();
      for (let n; (n = walk.nextNode());) {
        for (const m of n.data.matchAll(/\S+\s*/g)) {
          range.setStart(n, m.index);
          range.setEnd(n, m.index + m[0].trimEnd().length);
          const at = Math.round(range.getBoundingClientRect().bottom / 8);
          lines.set(at, (lines.get(at) || 0) + m[0].replace(/\s+/g, " ").length);
        }
      }
      counts.push(...[...lines.values()].slice(0, -1));
    }
    counts.sort((a, b) => a - b);
    const median = counts[counts.length >> 1];
    if (counts.length < 7) fault("too few lines to measure:", counts.length);
    else if (median < want.measure[0] || median > want.measure[1]) fault("a line has", median, "characters, want", want.measure.join("–"));
  }

  const body = style(document.body), size = parseFloat(body.fontSize);
  if (want.type) {
    const right = Math.min(Math.max(17, 16 + .003 * innerWidth), 20);
    if (Math.abs(size - right) > .2) fault("body text is", size, "px, want", right);
    if (Math.abs(parseFloat(body.lineHeight) / size - 1.6) > .03) fault("line height is", parseFloat(body.lineHeight) / size);
    for (const h of document.querySelectorAll(".prose > h2")) {
      const s = style(h);
      if (h.previousElementSibling && parseFloat(s.marginTop) < 2.2 * parseFloat(s.marginBottom)) fault("above", name(h), "are", s.marginTop, "and below", s.marginBottom);
    }
    const h1 = document.querySelector("h1");
    if (Math.round(h1.getBoundingClientRect().height / parseFloat(style(h1).lineHeight)) > 3) fault(name(h1), "has more than three lines");
  }

  const dark = want.dark;
  const inBody = contrast(body.color, document.body);
  if (inBody < (dark ? 10 : 12)) fault("text has a contrast of", inBody.toFixed(1));
  const isDark = luminance(paint(...ground(document.body))) < .2;
  if (isDark !== dark) fault(dark ? "is light" : "is dark");
  for (const e of document.querySelectorAll(".meta, .meta time, .when, .hint, .p-summary, .dek, .handle, figcaption, .c-note, .year time, footer p")) {
    if (!shown(e)) continue;
    const c = contrast(style(e).color, e);
    if (c < 5.5) fault(name(e), "has a contrast of", c.toFixed(1), "want 5.5");
  }
  for (const a of document.querySelectorAll(".prose p a, .prose li a, .e-content a")) {
    if (shown(a) && a.textContent.trim() && !a.matches(".anchor, .footnote-ref, .footnote-backref") && !style(a).textDecorationLine.includes("underline")) fault(name(a), "is not underlined");
  }

  // The keyboard: the skip link first, every stop to be seen, nothing too small to hit.
  const stops = [...(document.querySelector("dialog:modal") || document).querySelectorAll("a[href], button, input:not([type=hidden]), summary, select, textarea, [tabindex]:not([tabindex='-1'])")].filter((e) => shown(e) && !e.disabled);
  if (want.skip) {
    const first = stops[0];
    if (!first || !first.matches(".skip") || !document.querySelector(first.getAttribute("href"))) fault("the first stop is", first ? name(first) : "missing", "and not a skip link");
    else {
      first.focus();
      const r = first.getBoundingClientRect();
      if (r.width < 24 || r.height < 24 || r.top < 0) fault("the skip link does not show when it has the focus");
    }
  }
  for (const e of stops) {
    e.focus({ preventScroll: true, focusVisible: true });
    if (document.activeElement !== e) { fault(name(e), "takes no focus"); continue; }
    const s = style(e);
    if (s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2) fault(name(e), "does not show its focus:", s.outline);
    else if (contrast(s.outlineColor, e.parentElement) < 3) fault(name(e), "shows its focus with a contrast of", contrast(s.outlineColor, e.parentElement).toFixed(1));
    if (parseFloat(s.opacity) < .5) fault(name(e), "has the focus and cannot be seen");
  }
  document.activeElement.blur();
  // hit is how far up and down from its middle a press still reaches something: what lies around a small button may be a part of it.
  const hit = (e) => {
    e.scrollIntoView({ block: "center" });
    const r = e.getBoundingClientRect(), x = r.left + r.width / 2, y = r.top + r.height / 2;
    const far = (step) => {
      let d = 0;
      while (d < 40 && e.contains(document.elementFromPoint(x, y + d * step))) d++;
      return d;
    };
    return far(1) + far(-1) - 1;
  };
  for (const e of stops) {
    const inline = style(e).display === "inline" && e.closest("p, li, dd, td, figcaption, blockquote, h1, h2, h3, h4, cite");
    const r = e.getBoundingClientRect();
    if (e.matches(".skip") || e.matches("input[type=checkbox]") || inline) continue;
    if (r.height < 23.9 || r.width < 23.9) fault(name(e), "is", Math.round(r.width) + "×" + Math.round(r.height), "px");
    if (want.buttons && e.matches("button, .btn, input") && Math.round(r.height) < 44 && hit(e) < 44) fault(name(e), "is a button of", Math.round(r.height), "px, pressed on", hit(e));
  }

  scrollTo(0, 0);

  // Who asked for less motion gets none.
  if (document.getAnimations().length) fault("moves");
  if (style(root).scrollBehavior !== "auto") fault("scrolls smoothly");
  for (const e of document.querySelectorAll("*")) {
    if (style(e).transitionDuration.split(",").some((d) => parseFloat(d) > .01)) { fault(name(e), "moves"); break; }
  }

  // Pictures are not counted.
  const heavy = performance.getEntriesByType("resource").filter((r) => !/\.(png|jpe?g|webp|avif|svg)$/.test(new URL(r.name).pathname));
  if (heavy.length + 1 > want.requests) fault("takes", heavy.length + 1, "requests:", heavy.map((r) => r.name).join(" "));
  for (const v of window.violations || []) fault("violates the policy:", v);
  return faults;
})
