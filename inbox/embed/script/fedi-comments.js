// <fedi-comments src="https://inbox.example" for="https://blog.example/post/">: the thread of a post on any page. One request to src, and
// the pictures from there. Content comes as trees of allowed elements and becomes nodes.

const TAGS = /^(p|br|span|a|del|pre|code|em|strong|b|i|u|ul|ol|li|blockquote|ruby|rt|rp)$/;
const OUT = { rel: "nofollow ugc noopener noreferrer", target: "_blank" };
const FLAGS = ["live", "eager", "count-only"];
const NAMES = [...FLAGS, "src", "for", "sort", "max-depth", "limit", "show", "avatars", "theme", "count", "lang"];

const tree = (list) => (list || []).map((n) => {
  if (!Array.isArray(n)) return n;
  const [tag, a, ...kids] = n;
  if (tag == "emoji") return a.own ? h("img", { src: web(a.src), alt: a.name, title: a.name, class: "emoji", width: 20, height: 20, loading: "lazy" }) : a.name;
  if (!TAGS.test(tag)) return tree(kids);
  return h(tag, { ...(tag == "a" && { href: web(a.href), ...OUT }), class: a.class, lang: a.lang, dir: a.dir }, tree(kids));
});
const nameOf = (f) => h("i", {}, tree(f.name)).textContent.trim() || f.handle;

class FediComments extends Base {
  static observedAttributes = NAMES;
  #run = 0;
  #shown = 0;
  #begun;
  #source;
  #near = new IntersectionObserver((list) => {
    if (list.some((e) => e.isIntersecting)) this.refresh();
  }, { rootMargin: "400px" });

  connectedCallback() {
    if (!this.data) this.#put({}, h("slot"));
    this.eager ? this.refresh() : this.#near.observe(this);
  }

  // An element that is moved is taken out and put in again: what was under way is dropped, and begun anew.
  disconnectedCallback() {
    this.#run++;
    this.#source?.close();
    this.#near.disconnect();
  }

  attributeChangedCallback(name, old, now) {
    if (!this.#begun || old === now || !this.isConnected) return;
    if (/src|for|lang|live/.test(name)) this.refresh();
    else if (this.data) this.#draw();
  }

  get #post() {
    return new URL(this.getAttribute("for") || document.querySelector("link[rel=canonical]")?.href || location.href, location).href.replace(/#.*/, "");
  }

  // refresh asks again; what stands there stays until the answer is here.
  async refresh() {
    const run = ++this.#run;
    this.#begun = true;
    this.#near.disconnect();
    if (this.data) this.shadowRoot.firstChild.ariaBusy = true;
    else this.#put({ "aria-busy": true }, h("div", { class: "wait" }));
    try {
      const lang = this.lang || this.closest("[lang]")?.lang || "en";
      // No cookie goes to another origin unless it is asked for. What is asked again is asked of the daemon: the browser may hold an
      // answer for a minute.
      const r = await fetch(this.base + "/api/v1/thread?" + new URLSearchParams({ post: this.#post, lang }), { referrerPolicy: "no-referrer", cache: this.data && "no-cache", signal: AbortSignal.timeout(2e4) });
      if (!r.ok) throw Error(r.status);
      const data = await r.json();
      if (run != this.#run) return;
      this.data = data;
      this.say = { ...EN, ...data.words };
      this.tongue = data.spoken;
      if (this.emit("load", { replies: data.count, likes: data.likes.count, boosts: data.boosts.count })) this.#draw();
      this.#listen();
    } catch (error) {
      if (run == this.#run && this.emit("error", { error })) this.#failed();
    }
  }

  // replyTo asks for the reader's account, as the Reply links do.
  replyTo(uri) {
    if (this.emit("reply", { uri })) this.ask(this.#interact("reply", uri), uri);
  }

  #interact(intent, uri) { return this.base + "/interact?" + new URLSearchParams({ intent, uri }); }

  #put(attrs, ...kids) {
    const root = h("section", { part: "root", lang: this.tongue, ...attrs }, kids);
    // What the page's author says to expect keeps its place, so that nothing below moves.
    if (this.count > 0) root.style.minHeight = this.count * 8 + 12 + "em";
    // What stands beside it is a dialog, in which somebody may be typing.
    this.shadowRoot.firstChild.replaceWith(root);
    return root;
  }

  #n(key, n) {
    const w = this.say[key + "." + new Intl.PluralRules(this.tongue).select(n)] || this.say[key + ".other"];
    return w.replace("#", n);
  }

  // #failed keeps a thread that shows already, and comes again by itself once there is a network.
  #failed() {
    const again = () => this.refresh(), off = !navigator.onLine;
    if (off) addEventListener("online", again, { once: true });
    const say = h("p", { part: "error", role: "alert" }, this.t(off ? "no-network" : "failed"), " ", this.button(this.t("again"), again));
    if (!this.data) return void this.#put({}, say, this.#reply(this.#post), h("slot"));
    this.#draw();
    this.shadowRoot.firstChild.append(say);
  }

  // #reply is a plain link, which a click makes a dialog.
  #reply(uri, who) {
    const a = h("a", { part: !who && "reply-button", class: !who && "btn", href: this.#interact("reply", uri), "aria-label": who && this.t("reply-to", who) },
      this.t(who ? "reply" : "reply-fedi"));
    a.onclick = (e) => {
      if (e.ctrlKey || e.metaKey || e.shiftKey) return;
      e.preventDefault();
      this.replyTo(uri);
    };
    return a;
  }

  #draw() {
    const d = this.data, shows = (k) => !this.show || this.show.split(/\s+/).includes(k);
    this.#shown = 0;
    if (this.countOnly) return void this.shadowRoot.firstChild.replaceWith(h("span", { part: "root" }, this.#n("replies", d.count)));
    const open = [...this.shadowRoot.querySelectorAll("[open]")].map((e) => e.textContent);
    const root = this.#put({}, h("h2", { part: "heading" }, this.t("comments"), " ", h("small", {}, d.count && this.#n("replies", d.count))),
      d.closed ? h("p", { part: "empty" }, this.t("closed")) : !d.count && h("p", { part: "empty" }, this.t("empty")), d.pending && h("p", {}, this.#n("pending", d.pending)),
      h("p", { part: "bar" }, !d.closed && this.#reply(d.post), ["like", "boost"].map((k) => [" ", h("a", { href: web(d.actions[k]), ...OUT }, this.t(k))])),
      ["likes", "boosts"].map((k) => shows(k) && d[k].count && this.#pile(k, d[k])),
      shows("likes") && this.#reactions(d.reactions),
      shows("replies") && this.#list(this.#sorted(d.replies), 1),
      ["quotes", "mentions"].map((k) => shows(k) && d[k] && [h("h3", {}, this.t(k)), this.#list(d[k], 1)]),
      h("p", { "aria-live": "polite" }));
    for (const e of root.querySelectorAll("details")) e.open = open.includes(e.textContent);
    const rest = this.#shown - this.#most;
    if (rest > 0) root.lastChild.before(this.button(this.t("more", rest), () => this.limit = this.#shown));
  }

  get #most() { return +this.limit || 50; }

  #sorted(list) {
    const rank = { newest: (c) => Date.parse(c.published), top: (c) => (c.likes || 0) + (c.boosts || 0) }[this.sort];
    return rank ? [...list].sort((a, b) => rank(b) - rank(a)) : list;
  }

  #list(list, depth) {
    const items = (list || []).flatMap((c) => this.#items(c, depth));
    return items.length && h("ol", { part: "list" }, items);
  }

  // #items is a comment and, where it stands as deep as may be, its answers beside it.
  #items(c, depth, to) {
    const fits = ++this.#shown <= this.#most;
    const deep = depth >= (+this.maxDepth || 4);
    const below = deep ? (c.replies || []).flatMap((r) => this.#items(r, depth, c.by.handle)) : this.#list(c.replies, depth + 1);
    const own = fits && h("li", {}, c.removed ? h("p", {}, "(" + this.t("removed") + ")") : this.#comment(c, to), !deep && below);
    return [own, deep && below].flat().filter((x) => x);
  }

  #face(f, size, named) {
    if (this.avatars != "none" && web(f.avatar)) return h("img", { part: "avatar", src: f.avatar, alt: named ? nameOf(f) : "", width: size, height: size, loading: "lazy" });
    return h("b", { part: "avatar", class: "face", ...(named ? { role: "img", "aria-label": nameOf(f) } : { "aria-hidden": true }) }, nameOf(f).match(/[^@]|$/u)[0]);
  }

  #comment(c, to = c.inReplyTo) {
    const day = (t, words, d = new Date(t)) => h("time", { datetime: t, title: d.toLocaleString(this.tongue) }, words || d.toLocaleDateString(this.tongue, { dateStyle: "medium" }));
    const body = [h("div", { part: "content", dir: "auto", lang: c.lang }, tree(c.content)), c.media && this.#media(c)];
    return h("article", { part: c.owner ? "comment op" : "comment", "data-nosnippet": c.noindex && "" },
      h("p", { class: "by" }, h("a", { part: "author", href: web(c.by.url), ...OUT }, this.#face(c.by, 40), " ", h("bdi", {}, tree(c.by.name)), " ", h("span", { part: "handle", dir: "ltr" }, c.by.handle)),
        c.owner && [" ", h("small", {}, this.t("author"))], " ",
        h("a", { class: "when", href: web(c.url), ...OUT }, day(c.published)), c.edited && [" ", day(c.edited, this.t("edited"))]),
      to && h("small", {}, this.t("in-reply-to") + " ", h("bdi", {}, to)),
      c.warning ? h("details", { part: "cw" }, h("summary", { dir: "auto" }, tree(c.warning)), body) : body,
      this.#reactions(c.reactions),
      h("p", { part: "actions" }, c.actions.reply && this.#reply(c.id, nameOf(c.by)), ["likes", "boosts"].map((k) => c[k] && [" ", h("span", {}, this.#n(k, c[k]))])));
  }

  #media(c) {
    const list = h("ul", { part: "media" }, c.media.map((m) => h("li", {}, web(m.picture)
      ? [h("a", { href: web(m.url), ...OUT }, h("img", { src: m.picture, alt: m.alt || "", width: m.width, height: m.height, loading: "lazy" })),
        m.alt ? h("details", {}, h("summary", {}, this.t("alt")), h("span", { dir: "auto" }, m.alt)) : h("small", {}, this.t("no-alt"))]
      : h("a", { href: web(m.url), ...OUT }, this.t(m.kind), m.alt && [": ", h("bdi", {}, m.alt)]))));
    return c.sensitive && !c.warning ? h("details", { part: "cw" }, h("summary", {}, this.t("sensitive")), list) : list;
  }

  #pile(key, p) {
    return h("div", { part: "facepile " + key, class: "pile" }, h("ul", { "aria-label": this.#n(key, p.count) },
      (p.faces || []).map((f) => h("li", {}, h("a", { href: web(f.url), title: f.handle, ...OUT }, this.#face(f, 32, true))))), h("span", {}, this.#n(key, p.count)));
  }

  #reactions(list) {
    return list && h("ul", { class: "pile", "aria-label": this.t("reactions") }, list.map((g) => h("li", {}, tree(g.emoji), " " + g.count)));
  }

  // #listen hears of changes. A new reply waits behind a button, so that the page never moves under a reader; what is gone or edited
  // is put right at once.
  #listen() {
    this.#source?.close();
    if (!this.live) return;
    this.#source = new EventSource(this.base + "/api/v1/stream?" + new URLSearchParams({ post: this.data.post }));
    this.#source.addEventListener("thread", (e) => {
      const { v, replies } = JSON.parse(e.data), count = replies - this.data.count;
      if (v == this.data.version) return;
      if (count < 1) return void this.refresh();
      if (this.emit("new", { count })) this.shadowRoot.querySelector("[aria-live]")?.replaceChildren(this.button(this.#n("new", count), () => this.refresh()));
    });
  }
}
FediComments.reflect(NAMES);
customElements.get("fedi-comments") || customElements.define("fedi-comments", FediComments);
