// Loads the page again after each save, shows faults over it, and with the key f how Mastodon will show the post. Text only: nothing here
// makes HTML of what it is told.
(() => {
  const { events: stream, peer } = document.currentScript.dataset;
  const events = new EventSource(stream);
  const over = (element, style) => {
    Object.assign(element.style, { position: "fixed", zIndex: 2147483647, margin: 0, border: 0 }, style);
    return document.body.appendChild(element);
  };
  let overlay, view;
  events.addEventListener("built", () => location.reload());
  events.addEventListener("fault", (e) => {
    if (!overlay) {
      overlay = over(document.createElement("pre"), {
        inset: "auto 0 0 0", maxHeight: "70vh", overflow: "auto", padding: "1.5rem", background: "#1b1b1f", color: "#ffdcd7",
        font: "14px/1.5 ui-monospace, monospace", whiteSpace: "pre-wrap", borderTop: "4px solid #ff6b57",
      });
      overlay.setAttribute("role", "alert");
    }
    overlay.textContent = JSON.parse(e.data);
  });
  const toggle = (show) => {
    if (!show) {
      view?.remove();
      view = undefined;
      return;
    }
    view = over(document.createElement("iframe"), { inset: 0, width: "100%", height: "100%", background: "#fff" });
    view.title = "As Mastodon shows it (f goes back)";
    view.src = `${peer}?page=${encodeURIComponent(location.pathname)}`;
    view.addEventListener("load", () => view?.contentWindow.addEventListener("keydown", key));
  };
  const key = (e) => {
    const typing = /^(input|textarea|select)$/i.test(e.target.tagName) || e.target.isContentEditable;
    if (typing || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "f") toggle(!view);
    if (e.key === "Escape") toggle(false);
  };
  addEventListener("keydown", key);
})();
