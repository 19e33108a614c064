// <fedi-follow src="https://inbox.example">: a button that follows the blog from the reader's own server. It asks nothing of any server
// until it is used.

const FLAGS = [];
const NAMES = ["src", "for", "theme"];

class FediFollow extends Base {
  static observedAttributes = NAMES;

  connectedCallback() {
    const uri = this.getAttribute("for") || "";
    const href = this.base + "/interact?" + new URLSearchParams({ intent: "follow", uri });
    const a = h("a", { part: "button", class: "btn", href }, this.textContent.trim() || this.t("follow"));
    a.onclick = (e) => {
      if (e.ctrlKey || e.metaKey || e.shiftKey) return;
      e.preventDefault();
      if (this.emit("follow", { uri })) this.ask(href, uri);
    };
    this.shadowRoot.replaceChildren(a);
  }

  attributeChangedCallback() { if (this.isConnected) this.connectedCallback(); }
}
FediFollow.reflect(NAMES);
customElements.get("fedi-follow") || customElements.define("fedi-follow", FediFollow);
