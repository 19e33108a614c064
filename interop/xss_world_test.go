package interop

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/inbox/moderation"
)

type object = map[string]any

// villain is a fediverse server whose people write vectors wherever they may write at all.
type villain struct {
	t     *testing.T
	b     *blog
	url   string
	key   ed25519.PrivateKey
	pem   string
	taken int // activities with 202

	mu     sync.Mutex
	actors map[string]object // by path
}

func newVillain(t *testing.T, b *blog) *villain {
	t.Helper()
	h := &villain{t: t, b: b, actors: map[string]object{}}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	h.key = key
	if h.pem, err = signature.PublicPEM(key); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

// ServeHTTP answers with an actor, or else with a picture.
func (h *villain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	doc := h.actors[r.URL.Path]
	h.mu.Unlock()
	if doc == nil {
		w.Header().Set("Content-Type", "image/png")
		w.Write(blue)
		return
	}
	w.Header().Set("Content-Type", activitypub.ContentType)
	json.NewEncoder(w).Encode(doc)
}

// actor makes a person with members of one's own.
func (h *villain) actor(name string, with object) string {
	id := h.url + "/users/" + name
	doc := object{"@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": "Person", "preferredUsername": name, "name": "The " + name, "inbox": id + "/inbox", "url": id + "/page",
		"icon": object{"type": "Image", "url": h.url + "/icon.png"}, "publicKey": object{"id": id + "#main-key", "owner": id, "publicKeyPem": h.pem}}
	for k, v := range with {
		doc[k] = v
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.actors["/users/"+name] = doc
	return id
}

// send posts an activity to the blog, signed by its actor.
func (h *villain) send(kind, id, by string, o any) {
	h.t.Helper()
	body, err := json.Marshal(object{"@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": kind, "actor": by, "object": o, "to": activitypub.Public, "content": content(o)})
	if err != nil {
		h.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, h.b.addr.Inbox(), bytes.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", activitypub.ContentType)
	if err := signature.Sign(r, body, signature.Key{ID: by + "#main-key", Private: h.key}, signature.DraftCavage, time.Now()); err != nil {
		h.t.Fatal(err)
	}
	res, err := h.b.http.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode == http.StatusAccepted {
		h.taken++
	} else if res.StatusCode != http.StatusBadRequest {
		h.t.Errorf("%s %s: %s", kind, id, res.Status)
	}
}

// content is that of a reaction or a report, which stands beside its object.
func content(o any) any {
	switch o := o.(type) {
	case reaction:
		return o.emoji
	case complaint:
		return o.words
	}
	return nil
}

type reaction struct{ to, emoji string }

// MarshalJSON writes what is reacted to.
func (r reaction) MarshalJSON() ([]byte, error) { return json.Marshal(r.to) }

// places are where a vector is written: as many as there are, for each vector.
const places = 23

// write sends a vector in every place: words by one person, addresses by another.
func (h *villain) write(n int, v string) {
	post := h.b.addr.Post("tide")
	by := h.actor(fmt.Sprint("w", n), object{"name": v, "summary": v, "attachment": []any{object{"type": "PropertyValue", "name": v, "value": v}}, "tag": []any{object{"type": "Emoji", "name": v, "icon": object{"url": h.url + "/e.png"}}}})
	h.send("Create", by+"/create", by, object{"id": by + "/n", "type": "Note", "attributedTo": by, "inReplyTo": post, "to": activitypub.Public, "published": time.Now().UTC().Format(time.RFC3339),
		"content": "<p>" + v + "</p>", "contentMap": object{v: "<p>" + v + "</p>"}, "summary": v, "name": v, "sensitive": true, "url": by + "/n/page",
		"tag": []any{object{"type": "Mention", "name": v, "href": by}, object{"type": "Hashtag", "name": v, "href": by}, object{"type": "Emoji", "name": v, "icon": object{"url": h.url + "/e.png"}}},
		"attachment": []any{object{"type": "Image", "mediaType": "image/png", "url": h.url + "/p.png", "name": v, "width": 64, "height": 48},
			object{"type": "Document", "mediaType": "video/mp4", "url": h.url + "/p.mp4", "name": v}}})
	h.send("EmojiReact", by+"/react", by, reaction{post, v})

	by = h.actor(fmt.Sprint("a", n), object{"preferredUsername": v, "url": v, "icon": object{"type": "Image", "url": v}, "image": object{"type": "Image", "url": v}})
	at := h.url + "/" + v
	h.send("Create", by+"/create", by, object{"id": by + "/n", "type": "Note", "attributedTo": by, "inReplyTo": post, "to": activitypub.Public, "published": time.Now().UTC().Format(time.RFC3339),
		"content": `<p>:x: <a href="` + v + `">x</a> <a href='` + at + `' class='` + v + `' lang='` + v + `'>y</a></p>`, "url": []any{v, at, object{"type": "Link", "href": v, "mediaType": "text/html"}},
		"tag":        []any{object{"type": "Mention", "name": "@x", "href": v}, object{"type": "Emoji", "name": ":x:", "icon": object{"url": at}}},
		"attachment": []any{object{"type": "Image", "mediaType": "image/png", "url": at, "name": "x"}, object{"type": "Document", "mediaType": v, "url": at, "name": "y"}, object{"type": "Link", "href": v}}})
	h.send("Like", by+"/like", by, post)
}

// reader is a browser that takes no policy for an excuse: whatever keeps a script from running must be the page itself.
func reader(t *testing.T) context.Context {
	t.Helper()
	ctx := browser(t)
	if _, err := chromedp.Call(ctx, page.SetBypassCSP, page.SetBypassCSPParams{Enabled: true}); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// owner opens the admin page with a link that is made of the daemon's own key.
func (b *blog) owner(ctx context.Context) {
	b.t.Helper()
	secret, err := os.ReadFile(filepath.Join(b.dir, "data", "admin.key"))
	if err != nil {
		b.t.Fatal(err)
	}
	link := moderation.LoginLink(b.addr, secret, time.Now())
	if err := chromedp.Do(ctx, chromedp.Navigate(link), chromedp.Click(chromedp.CSS("button.main")), chromedp.WaitVisible(chromedp.CSS("nav"))); err != nil {
		b.t.Fatal(err)
	}
}

// allFaults looks at comments for what must not be: elements and attributes that no remote word may become, addresses that are not of
// the web, and words or pictures that stand outside of their comment's box. It gives what it found, and how many comments it looked at.
const allFaults = `((roots) => {
	const bad = [];
	let seen = 0;
	for (const root of roots) {
		if (!root) continue;
		for (const d of root.querySelectorAll("details")) d.open = true;
		for (const e of root.querySelectorAll("script,style,iframe,object,embed,base,meta,link,template,svg,math,textarea:not([name=text]),h1,video,audio,marquee,fedi-comments")) bad.push("element " + e.outerHTML.slice(0, 200));
		for (const e of root.querySelectorAll("*")) for (const a of e.attributes) {
			if (/^on|^srcdoc$|^is$|^ping$|^srcset$/i.test(a.name)) bad.push("attribute " + a.name + " of " + e.outerHTML.slice(0, 200));
			if (/^(href|src|action|cite|poster)$/i.test(a.name) && !/^https?:$/.test(new URL(a.value, location).protocol)) bad.push("address " + a.value);
		}
		seen += root.querySelectorAll("article,ol.comments > li").length;
		for (const box of root.querySelectorAll(BOXES)) {
			const r = box.getBoundingClientRect(), out = (q) => q.width > 0 && q.height > 0 && (q.left < r.left - 2 || q.right > r.right + 2 || q.top < r.top - 2 || q.bottom > r.bottom + 2);
			if (r.right > innerWidth + 2 || r.left < -2) bad.push("a comment is wider than the page");
			const w = document.createTreeWalker(box, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
			for (let n = w.nextNode(); n; n = w.nextNode()) {
				const e = n.nodeType == 1 ? n : n.parentElement, style = getComputedStyle(e);
				if (n.nodeType == 1 && /fixed|sticky/.test(style.position)) bad.push("position " + style.position);
				let held = false;
				for (let p = n.parentElement; p && p != box; p = p.parentElement) held ||= getComputedStyle(p).overflowX != "visible";
				if (held || style.clipPath != "none" || style.position == "absolute" && e.offsetWidth <= 1) continue;
				const range = document.createRange();
				range.selectNode(n);
				for (const q of n.nodeType == 1 ? [n.getBoundingClientRect()] : range.getClientRects()) if (out(q)) { bad.push("outside: " + JSON.stringify([q, r]) + e.outerHTML.slice(0, 300)); break; }
			}
		}
	}
	return JSON.stringify({ bad: bad.slice(0, 8), count: bad.length, seen, ran: !!top.ran });
})`

// look asks allFaults about some roots (a JavaScript list), each comment being a box.
func lookFor(t *testing.T, ctx context.Context, door, roots, box string, want int) {
	t.Helper()
	var found struct {
		Bad         []string
		Count, Seen int
		Ran         bool
	}
	js := strings.ReplaceAll(allFaults, "BOXES", fmt.Sprintf("%q", box)) + "(" + roots + ")"
	if err := json.Unmarshal([]byte(value[string](t, ctx, js)), &found); err != nil {
		t.Fatal(err)
	}
	if found.Seen < want {
		t.Errorf("%s: %d comments are there, want %d: what does not show proves nothing", door, found.Seen, want)
	}
	if found.Ran {
		t.Errorf("%s: a script ran", door)
	}
	if found.Count > 0 {
		t.Errorf("%s: %d faults:\n%s", door, found.Count, strings.Join(found.Bad, "\n"))
	}
	t.Logf("%s: %d comments, %d faults", door, found.Seen, found.Count)
}

func query(s string) string { return url.QueryEscape(s) }
