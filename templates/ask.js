// Optional: asks for the reader's account where a link leads to /interact, in a dialog, when live.js tells of such a link ("ask"). On the page of /interact
// itself it remembers the account, if the reader wants it to. words are the texts in the page's language.
(words) => {
  const KEY = "account";
  const h = (tag, attrs, ...kids) => {
    const e = Object.assign(document.createElement(tag), attrs);
    e.append(...kids);
    return e;
  };
  const saved = () => { try { return localStorage.getItem(KEY) || ""; } catch { return ""; } };
  const save = (acct) => { try { acct ? localStorage.setItem(KEY, acct) : localStorage.removeItem(KEY); } catch { /* storage may be off */ } };

  // remember adds to a form that asks for an account the choice to keep it, and a way to forget it.
  const remember = (form, input) => {
    const box = h("input", { type: "checkbox", checked: !!saved() });
    const forget = h("button", { type: "button", className: "btn quiet", textContent: words.forget.replace("%v", saved()), hidden: !saved() });
    input.value ||= saved();
    forget.onclick = () => {
      save("");
      forget.hidden = true;
      box.checked = false;
      input.value = "";
      input.focus();
    };
    form.addEventListener("submit", () => save(box.checked ? input.value.trim() : ""));
    return h("p", { className: "c-keep" }, h("label", {}, box, " " + words.remember), forget);
  };

  const page = document.querySelector(".interact form");
  if (page) page.lastElementChild.before(remember(page, page.elements.acct));

  // lead asks the daemon where the reader's own server takes this. Where that cannot be asked from here, its page does.
  const lead = async (href, acct, wrong) => {
    const to = new URL(href);
    const body = new URLSearchParams(to.search);
    body.set("acct", acct);
    if (to.origin === location.origin) {
      try {
        const d = await (await fetch(to.pathname, { method: "POST", headers: { Accept: "application/json" }, body })).json();
        if (d.next) return location.assign(d.next);
        if (d.error) return void (wrong.textContent = d.error);
      } catch { /* its page says what is wrong */ }
    }
    location.assign(to.origin + to.pathname + "?" + body);
  };

  const ask = (a) => {
    const input = h("input", { name: "acct", required: true, autocomplete: "username", autocapitalize: "none", spellcheck: false, inputMode: "email", placeholder: "@you@social.example" });
    const wrong = h("p", { className: "err", role: "alert" });
    const shut = h("button", { type: "button", className: "btn quiet", textContent: words.close, onclick: () => dialog.close() });
    const form = h("form", {}, h("label", {}, words["your-account"], input), wrong);
    form.append(remember(form, input), h("p", {}, h("button", { textContent: words["go-on"] }), " ", shut));
    const dialog = h("dialog", { className: "c-ask", ariaLabel: a.ariaLabel || a.textContent.trim() }, form);
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      lead(a.href, input.value, wrong);
    });
    dialog.onclose = () => dialog.remove();
    document.body.append(dialog);
    dialog.showModal();
  };
  addEventListener("ask", (e) => ask(e.detail));
}
