// Optional: a page with comments reads and works without this. While it is open it tells of new replies. A link to /interact asks for the reader's
// account in a dialog, whose script (ask.js) comes with the first press. words are the texts in the page's language, dialog is that script's path.
(words, dialog) => {
  const INTERACT = "/interact?";
  const start = () => {
    const own = document.querySelector(`:is(header, #comments) a[href*="${INTERACT}"]`);
    if (!own) return;
    const base = own.href.slice(0, own.href.indexOf(INTERACT));
    addEventListener("click", (e) => {
      const a = e.target.closest?.(`a[href^="${base}${INTERACT}"]`);
      if (!a || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
      e.preventDefault();
      import(dialog).then(() => dispatchEvent(new CustomEvent("ask", { detail: a })), () => location.assign(a.href));
    });
    const section = document.getElementById("comments");
    if (section?.querySelector(".c-live")) follow(section, base);
  };

  const button = (text, onclick) => Object.assign(document.createElement("button"), { textContent: text, onclick });

  // follow keeps the thread as it is on the server.
  const follow = (section, base) => {
    const box = () => section.querySelector(".c-live");
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
      const top = mark?.getBoundingClientRect().top;
      section.replaceChildren(...body.childNodes);
      for (const d of section.querySelectorAll("details")) d.open = open.has(nameOf(d));
      const now = document.getElementById(mark?.id);
      if (now) scrollBy({ top: now.getBoundingClientRect().top - top, behavior: "instant" });
      const first = show && items().find((e) => !had.has(e.id));
      if (first) {
        first.tabIndex = -1;
        first.focus({ preventScroll: true });
        first.scrollIntoView({ block: "nearest" });
      } else if (focus) [...section.querySelectorAll("a, button, summary")].find((e) => nameOf(e) === focus)?.focus({ preventScroll: true });
    };

    // The request parses what it gets itself: a page whose policy asks for Trusted Types forbids the parsers of scripts.
    const refresh = (v, show) => {
      const r = new XMLHttpRequest();
      r.onloadend = () => {
        section.ariaBusy = null;
        if (r.status === 200 && r.response) put(r.response.body, show);
        else say(button(words.failed + " " + words.again, () => refresh(v, show)));
      };
      r.open("GET", `${base}/comments/${encodeURIComponent(box().dataset.key)}?v=${v}`);
      r.responseType = "document";
      section.ariaBusy = true;
      r.send();
    };

    // What is gone or edited is put right at once. New replies wait behind a button, unless the reader is not there yet: the page never moves.
    const heard = ({ v, replies }) => {
      if (v === box().dataset.state) return;
      const more = replies - section.querySelectorAll("article.u-comment").length;
      if (more < 1 || section.getBoundingClientRect().top > innerHeight) return refresh(v);
      const form = words["new." + new Intl.PluralRules(section.closest("[lang]").lang || "en").select(more)] || words["new.other"];
      say(button(form.replace("#", more), () => refresh(v, true)));
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
  };

  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start); else start();
}
