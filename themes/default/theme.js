// Optional: every page reads and works without it. Light or dark by hand, a copy button on code, pictures at their full size, footnotes under the
// finger that asks for them, and the section that is being read marked in the table of contents.
(() => {
  const root = document.documentElement;
  const make = (tag, its) => Object.assign(document.createElement(tag), its);
  // Storage may be off: the choice then lasts for one page.
  let mode;
  try { mode = localStorage.getItem("mode"); } catch {}
  if (/^(dark|light)$/.test(mode)) root.classList.add(mode);

  addEventListener("DOMContentLoaded", () => {
    const has = (mode) => root.classList.contains(mode);
    const dark = () => has("dark") || !has("light") && matchMedia("(prefers-color-scheme: dark)").matches;
    for (const button of document.querySelectorAll("button.mode")) {
      const show = () => { button.ariaPressed = dark(); };
      button.hidden = false;
      show();
      button.addEventListener("click", () => {
        const next = dark() ? "light" : "dark";
        root.classList.remove("light", "dark");
        root.classList.add(next);
        try { localStorage.setItem("mode", next); } catch {}
        show();
      });
    }

    document.querySelectorAll(".prose img, .lead img").forEach(zoomable);
    document.querySelector(".prose")?.addEventListener("click", footnote);
    contents();
    if (!navigator.clipboard) return;
    for (const pre of document.querySelectorAll(".prose pre")) {
      const box = pre.parentElement.matches(".code") ? pre.parentElement : wrap(pre);
      const copy = root.dataset.copy || "Copy";
      const button = make("button", { className: "copy", textContent: copy });
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(pre.textContent);
        button.textContent = "✓";
        setTimeout(() => { button.textContent = copy; }, 1500);
      });
      box.append(button);
    }
  });

  // A picture that is larger than the column shows it opens on the whole screen. Its description names the button.
  function zoomable(img) {
    const room = Math.min(innerWidth, img.getAttribute("width"));
    if (img.closest("a, button") || !img.alt || room < img.clientWidth * 1.25) return;
    const button = make("button", { className: "zoom", ariaHasPopup: "dialog" });
    const shown = img.closest("picture") || img;
    shown.replaceWith(button);
    button.append(shown);
    button.addEventListener("click", () => {
      const box = make("dialog", { className: "zoomed", ariaLabel: img.alt }), shut = make("button"), large = shown.cloneNode(true);
      for (const part of [large, ...large.children]) if ("sizes" in part) part.sizes = "100vw";
      (large.querySelector("img") || large).loading = "eager";
      shut.append(large);
      box.append(shut);
      box.addEventListener("click", () => box.close());
      box.addEventListener("close", () => box.remove());
      document.body.append(box);
      box.showModal();
    });
  }

  // Where a note stands far below, a tap shows it at the foot of the screen. From the keyboard the link leads there, as it does without this.
  function footnote(event) {
    const ref = event.target.closest(".footnote-ref");
    const note = ref && event.detail && document.getElementById(decodeURIComponent(ref.hash.slice(1)));
    if (!note?.showPopover || getComputedStyle(note).position === "absolute") return;
    event.preventDefault();
    const box = make("div", { className: "peek", popover: "auto", role: "note" });
    box.append(...note.cloneNode(true).childNodes);
    box.querySelectorAll(".footnote-backref").forEach((a) => a.remove());
    box.addEventListener("toggle", (e) => { if (e.newState === "closed") box.remove(); });
    ref.after(box);
    box.showPopover();
  }

  function contents() {
    const links = [...document.querySelectorAll(".toc a")];
    const heads = links.map((a) => document.getElementById(decodeURIComponent(a.hash.slice(1))));
    const mark = () => {
      const at = heads.findLastIndex((h) => h && h.getBoundingClientRect().top < innerHeight * .3);
      links.forEach((a, i) => { a.ariaCurrent = i === at ? "location" : null; });
    };
    const seen = new IntersectionObserver(mark, { rootMargin: "0px 0px -70% 0px" });
    heads.forEach((h) => h && seen.observe(h));
  }

  function wrap(pre) {
    const box = make("div", { className: "has-copy" });
    pre.replaceWith(box);
    box.append(pre);
    return box;
  }
})();
