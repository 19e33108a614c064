// Loads the page again after each save, and shows faults over it. Text only: nothing here makes HTML of what it is told.
(() => {
  const events = new EventSource(document.currentScript.dataset.events);
  let overlay;
  events.addEventListener("built", () => location.reload());
  events.addEventListener("fault", (e) => {
    overlay ||= document.body.appendChild(document.createElement("pre"));
    overlay.setAttribute("role", "alert");
    Object.assign(overlay.style, {
      position: "fixed", inset: "auto 0 0 0", maxHeight: "70vh", overflow: "auto", margin: 0, padding: "1.5rem", zIndex: 2147483647,
      background: "#1b1b1f", color: "#ffdcd7", font: "14px/1.5 ui-monospace, monospace", whiteSpace: "pre-wrap", borderTop: "4px solid #ff6b57",
    });
    overlay.textContent = JSON.parse(e.data);
  });
})();
