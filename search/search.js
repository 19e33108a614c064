// Search in the site's own index. Without this script the form asks the server. The rules of words and files are those of words.go and
// search.go beside it.
(() => {
  const form = document.querySelector("form.search");
  if (!form) return;
  const { index, shards, docs, none, found } = form.dataset;
  const input = form.querySelector("input");
  const box = document.getElementById("results");
  const status = document.getElementById("found");
  // As the pages write their dates: the day first in English, too.
  const language = document.documentElement.lang || "en";
  const written = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "long", timeZone: "UTC" });
  const dense = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
  const spelt = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", þ: "th", ł: "l", ı: "i", ς: "σ" };

  const fold = (s) => s.toLowerCase().normalize("NFKD")
    .replace(/([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{M}+/gu, "$1")
    .replace(/[ßæœøđðþłıς]/g, (c) => spelt[c]).normalize("NFC");

  function words(text) {
    const list = [];
    for (const run of fold(text).match(/[\p{L}\p{Nd}\p{M}]+/gu) || []) {
      let part = [];
      const flush = () => {
        if (part.length && (!dense.test(part[0]) || part.length === 1)) list.push(part.slice(0, 32).join(""));
        else for (let i = 0; i + 1 < part.length; i++) list.push(part[i] + part[i + 1]);
        part = [];
      };
      for (const c of run) {
        if (part.length && dense.test(part[0]) !== dense.test(c) && !/\p{M}/u.test(c)) flush();
        part.push(c);
      }
      flush();
    }
    return list.slice(0, 12);
  }

  function bucket(s, n) {
    let h = 0x811c9dc5;
    for (const b of new TextEncoder().encode(s)) h = Math.imul(h ^ b, 0x01000193) >>> 0;
    return h % n;
  }

  const kept = new Map();
  function load(name) {
    if (!kept.has(name)) {
      const got = fetch(index + name + ".json", { cache: "no-cache" }).then((r) => {
        if (!r.ok) throw new Error(r.status);
        return r.json();
      });
      got.catch(() => kept.delete(name));
      kept.set(name, got);
    }
    return kept.get(name);
  }

  async function matches(term) {
    const c = [...term];
    const all = await load("w" + bucket(c.length > 1 && !dense.test(c[0]) ? c[0] + c[1] : c[0], shards));
    if (all[term] === "") return null;
    const list = new Map();
    const near = Object.keys(all).filter((w) => w.startsWith(term)).sort((x, y) => x.length - y.length || (x < y ? -1 : 1)).slice(0, 50);
    for (const w of near) {
      const records = all[w];
      const rare = 1 / Math.log2(2 + records.length / 7) / (w === term ? 1 : 2);
      for (let i = 0; i < records.length; i += 7) {
        const id = records.slice(i, i + 6);
        list.set(id, Math.max(list.get(id) || 0, rare * parseInt(records[i + 6], 36)));
      }
    }
    return list;
  }

  async function find(query) {
    let scores = null;
    for (const list of await Promise.all(words(query).map(matches))) {
      if (!list) continue;
      if (!scores) { scores = list; continue; }
      for (const [id, s] of scores) {
        if (list.has(id)) scores.set(id, s + list.get(id));
        else scores.delete(id);
      }
    }
    const ids = [...scores || []].sort((x, y) => y[1] - x[1] || (x[0] < y[0] ? -1 : 1));
    const top = await Promise.all(ids.slice(0, 20).map(async ([id]) => (await load("d" + bucket(id, docs)))[id]));
    return [top.filter(Boolean), ids.length];
  }

  function item([title, url, date, lang, text]) {
    const li = document.createElement("li"), a = document.createElement("a"), p = document.createElement("p"), t = document.createElement("time");
    a.href = url;
    a.textContent = title;
    p.textContent = text;
    if (lang) li.lang = lang;
    t.dateTime = date;
    t.textContent = date && written.format(new Date(date));
    li.append(a, " ", t, p);
    return li;
  }

  let turn = 0, fresh = false;
  async function show() {
    const mine = ++turn, query = input.value.trim();
    if (!query) { box.replaceChildren(); status.textContent = ""; return; }
    try {
      const [list, total] = await find(query);
      if (mine !== turn) return;
      const ol = document.createElement("ol");
      ol.append(...list.map(item));
      box.replaceChildren(ol);
      fresh = true;
      status.textContent = total ? found.replace("%v", total) : none;
      const at = new URL(location);
      at.searchParams.set("q", query);
      history.replaceState(null, "", at);
    } catch {
      if (mine === turn) form.removeEventListener("submit", stay); // the server may know
    }
  }

  const links = () => [...box.querySelectorAll("a")];
  const stay = (e) => { e.preventDefault(); show(); };
  form.addEventListener("submit", stay);
  let wait;
  input.addEventListener("input", () => { fresh = false; clearTimeout(wait); wait = setTimeout(show, 120); });
  input.addEventListener("keydown", (e) => {
    const first = links()[0];
    if (first && (e.key === "ArrowDown" || e.key === "Enter" && fresh && !e.isComposing)) {
      e.preventDefault();
      if (e.key === "Enter") first.click(); else first.focus();
    }
  });
  box.addEventListener("keydown", (e) => {
    const all = links(), i = all.indexOf(document.activeElement);
    if (e.key === "Escape") input.focus();
    else if (e.key === "ArrowDown") all[Math.min(i + 1, all.length - 1)]?.focus();
    else if (e.key === "ArrowUp") (i > 0 ? all[i - 1] : input).focus();
    else return;
    e.preventDefault();
  });
  const q = new URLSearchParams(location.search).get("q");
  if (q) input.value = q;
  if (input.value) show();
  input.focus();
})();
