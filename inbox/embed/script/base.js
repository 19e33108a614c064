// What both elements share: making nodes, words, and asking a reader for their account.
// Nothing here makes markup of a string, so it runs under require-trusted-types-for 'script' with no policy at all. The style is a
// constructed sheet, because a strict style-src refuses <style> in a shadow root and lets this through.
// Lines that hold nothing but a comment, and indentation, are taken away before this is served (script.go).

const h = (tag, attrs, ...kids) => {
  const e = document.createElement(tag);
  for (const k in attrs) if (attrs[k] || attrs[k] === "") e.setAttribute(k, attrs[k]);
  e.append(...kids.flat(9).filter((k) => k));
  return e;
};
const sheetOf = (css) => {
  const s = new CSSStyleSheet();
  s.replaceSync(css);
  return s;
};
const web = (u) => (/^https?:\/\//i.test(u) ? u : "");

// Base is an element with words, events, properties that mirror its attributes, and a dialog.
class Base extends HTMLElement {
  say = EN;

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).append(h("slot"));
    this.shadowRoot.adoptedStyleSheets = [SHEET];
  }

  static reflect(names) {
    for (const name of names) {
      Object.defineProperty(this.prototype, name.replace(/-./, (m) => m[1].toUpperCase()), {
        get() { return FLAGS.includes(name) ? this.hasAttribute(name) : this.getAttribute(name); },
        set(v) { this.toggleAttribute(name, v || v === "" || v === 0) && v !== true && this.setAttribute(name, v); },
      });
    }
  }

  get base() { return (this.getAttribute("src") || "").replace(/\/+$/, ""); }

  t(key, arg) { return (this.say[key] || key).replace("%v", () => arg); }

  emit(name, detail) {
    return this.dispatchEvent(new CustomEvent(this.localName + ":" + name, { bubbles: true, composed: true, cancelable: true, detail }));
  }

  button(words, pressed) {
    const b = h("button", { type: "button" }, words);
    b.onclick = pressed;
    return b;
  }

  // ask takes the place of following a link to /interact: what is typed goes there as acct.
  ask(href, uri) {
    const input = h("input", { required: "", autocomplete: "username", placeholder: "@you@social.example" });
    const shut = this.button(this.t("close"), () => box.close());
    const form = h("form", { method: "dialog" }, h("label", {}, this.t("your-account"), input), h("button", {}, this.t("go-on")), " ", shut);
    const box = h("dialog", { part: "dialog" }, form);
    form.onsubmit = () => {
      const acct = input.value;
      if (this.emit("intent", { acct, uri })) open(href + "&acct=" + encodeURIComponent(acct), "_blank", "noopener,noreferrer");
    };
    box.onclose = () => box.remove();
    this.shadowRoot.append(box);
    box.showModal();
  }
}
