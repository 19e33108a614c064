// Optional: a page with comments reads and works without this. While it is open it tells of new replies, and it asks for the reader's account
// in a dialog where a link would lead to /interact. On that page it remembers the account, if the reader wants it to.
(() => {
  const KEY = "account";
  const INTERACT = "/interact?";
  const h = (tag, attrs, ...kids) => {
    const e = Object.assign(document.createElement(tag), attrs);
    e.append(...kids);
    return e;
  };
  const saved = () => { try { return localStorage.getItem(KEY) || ""; } catch { return ""; } };
  const save = (acct) => { try { acct ? localStorage.setItem(KEY, acct) : localStorage.removeItem(KEY); } catch { /* storage may be off */ } };
  const wordsOf = (e) => JSON.parse(e.dataset.words);

  // remember adds to a form that asks for an account the choice to keep it, and a way to forget it.
  const remember = (form, input, words) => {
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

  const page = document.querySelector("form[data-words]");
  if (page) page.lastElementChild.before(remember(page, page.elements.acct, wordsOf(page)));

  const section = document.getElementById("comments");
  const box = () => section.querySelector(".c-live");
  if (!section || !box()) return;
  const words = wordsOf(box());
  const lang = section.closest("[lang]")?.lang || "en";
  const own = section.querySelector(`a[href*="${INTERACT}"]`);
  if (!own) return;
  const base = own.href.slice(0, own.href.indexOf(INTERACT));
  const button = (text, onclick) => h("button", { type: "button", textContent: text, onclick });
  const say = (...what) => box().replaceChildren(...what);
  const items = () => [...section.querySelectorAll("li[id]")];

  // nameOf finds an element again after the thread was written anew.
  const nameOf = (e) => {
    const li = e.closest("li[id]") || section;
    return [li.id, e.tagName, [...li.querySelectorAll(e.tagName)].indexOf(e)].join();
  };

  // put writes the thread anew. What the reader looks at stays where it is, what was unfolded stays so, and the focus too.
  const put = (body, show) => {
    const open = new Set([...section.querySelectorAll("details[open]")].map(nameOf));
    const had = new Set(items().map((e) => e.id));
    const focus = section.contains(document.activeElement) && nameOf(document.activeElement);
    const mark = items().find((e) => e.getBoundingClientRect().bottom > 0);
    const top = mark && mark.getBoundingClientRect().top;
    section.replaceChildren(...body.childNodes);
    for (const d of section.querySelectorAll("details")) d.open = open.has(nameOf(d));
    const now = mark && document.getElementById(mark.id);
    if (now) scrollBy({ top: now.getBoundingClientRect().top - top, behavior: "instant" });
    const first = show && items().find((e) => !had.has(e.id));
    if (first) {
      first.tabIndex = -1;
      first.focus({ preventScroll: true });
      first.scrollIntoView({ block: "nearest" });
    } else if (focus) [...section.querySelectorAll("a, button, summary")].find((e) => nameOf(e) === focus)?.focus({ preventScroll: true });
  };

  const refresh = async (show) => {
    section.setAttribute("aria-busy", "true");
    try {
      const r = await fetch(base + "/comments/" + encodeURIComponent(box().dataset.key), { cache: "no-cache", credentials: "omit" });
      if (!r.ok) throw Error(r.status);
      put(new DOMParser().parseFromString(await r.text(), "text/html").body, show);
    } catch {
      say(words.failed + " ", button(words.again, () => refresh(show)));
    }
    section.removeAttribute("aria-busy");
  };

  // What is gone or edited is put right at once. New replies wait behind a button, unless the reader is not there yet: the page never moves.
  const heard = ({ v, replies }) => {
    if (v === box().dataset.state) return;
    const more = replies - section.querySelectorAll("article.u-comment").length;
    if (more < 1 || section.getBoundingClientRect().top > innerHeight) return void refresh();
    const form = words["new." + new Intl.PluralRules(lang).select(more)] || words["new.other"];
    say(button(form.replace("#", more), () => refresh(true)));
  };

  let source;
  const listen = () => {
    source?.close();
    if (document.hidden || !navigator.onLine) return;
    source = new EventSource(base + "/api/v1/stream?post=" + encodeURIComponent(box().dataset.post));
    source.addEventListener("thread", (e) => heard(JSON.parse(e.data)));
  };
  new IntersectionObserver((list, seen) => {
    if (!list.some((e) => e.isIntersecting)) return;
    seen.disconnect();
    listen();
    document.addEventListener("visibilitychange", listen);
    addEventListener("offline", () => say(words.offline));
    addEventListener("online", () => { say(); listen(); });
  }, { rootMargin: "800px" }).observe(section);

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
    const shut = button(words.close, () => dialog.close());
    shut.className = "btn quiet";
    const form = h("form", {}, h("label", {}, words["your-account"], input), wrong);
    form.append(remember(form, input, words), h("p", {}, h("button", { textContent: words["go-on"] }), " ", shut));
    const dialog = h("dialog", { className: "c-ask", ariaLabel: a.ariaLabel || a.textContent.trim() }, form);
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      lead(a.href, input.value, wrong);
    });
    dialog.onclose = () => dialog.remove();
    document.body.append(dialog);
    dialog.showModal();
  };
  addEventListener("click", (e) => {
    const a = e.target.closest?.(`a[href^="${base}${INTERACT}"]`);
    if (!a || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
    e.preventDefault();
    ask(a);
  });
})();
