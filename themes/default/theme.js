// Optional: every page reads and works without it. Light or dark by hand, and a copy button on code.
(() => {
  const root = document.documentElement;
  let mode = null;
  try { mode = localStorage.getItem("mode"); } catch { /* storage may be off */ }
  if (mode === "dark" || mode === "light") root.classList.add(mode);

  addEventListener("DOMContentLoaded", () => {
    const dark = () => getComputedStyle(root).colorScheme === "dark" ||
      !root.classList.contains("light") && matchMedia("(prefers-color-scheme: dark)").matches;
    for (const button of document.querySelectorAll("button.mode")) {
      const show = () => button.setAttribute("aria-pressed", dark());
      button.hidden = false;
      show();
      button.addEventListener("click", () => {
        const next = dark() ? "light" : "dark";
        root.classList.remove("light", "dark");
        root.classList.add(next);
        try { localStorage.setItem("mode", next); } catch { /* lasts for this page */ }
        show();
      });
    }

    if (!navigator.clipboard) return;
    for (const pre of document.querySelectorAll(".prose pre")) {
      const box = pre.parentElement.matches(".code") ? pre.parentElement : wrap(pre);
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = root.dataset.copy || "Copy";
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(pre.textContent);
        button.textContent = "✓";
        setTimeout(() => { button.textContent = root.dataset.copy || "Copy"; }, 1500);
      });
      box.append(button);
    }
  });

  function wrap(pre) {
    const box = document.createElement("div");
    box.className = "has-copy";
    pre.replaceWith(box);
    box.append(pre);
    return box;
  }
})();
