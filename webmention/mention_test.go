package webmention

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	target = "https://blog.example/posts/one/"
	source = "https://ada.example/notes/1"
)

func isTarget(u string) bool { return u == target }

// TestRead holds what a page says of another one, in the shapes that IndieWeb sites, WordPress and Bridgy write.
func TestRead(t *testing.T) {
	t.Parallel()
	card := `<a class="p-author h-card" href="https://ada.example/"><img class="u-photo" src="/ada.jpg" alt="">Ada</a>`
	ada := Author{"Ada", "https://ada.example/", "https://ada.example/ada.jpg"}
	for _, c := range []struct {
		name, body string
		want       Mention
	}{
		{"reply", `<article class="h-entry" lang="de">` + card + `<a class="u-in-reply-to" href="` + target + `">this</a>
			<div class="e-content"><p>Well <b>said</b>.</p></div><a class="u-url" href="/notes/1"><time class="dt-published" datetime="2026-10-29T10:00:00+02:00">x</time></a></article>`,
			Mention{Kind: Reply, Claims: []string{source}, InReplyTo: []string{target}, Author: ada, Content: "<p>Well <b>said</b>.</p>", Language: "de",
				Published: time.Date(2026, 10, 29, 8, 0, 0, 0, time.UTC)}},
		{"reply by a cite", `<div class="h-entry">` + card + `<div class="u-in-reply-to h-cite"><a class="u-url p-name" href="` + target + `">One</a></div><p class="e-content">Yes</p></div>`,
			Mention{Kind: Reply, InReplyTo: []string{target}, Author: ada, Content: "Yes"}},
		{"reply within the content", `<div class="h-entry">` + card + `<div class="e-content">Re: <a class="u-in-reply-to" href="` + target + `">One</a></div></div>`,
			Mention{Kind: Reply, InReplyTo: []string{target}, Author: ada, Content: `Re: <a class="u-in-reply-to" href="` + target + `">One</a>`}},
		{"like", `<div class="h-entry">` + card + `<a class="u-like-of" href="` + target + `">liked</a></div>`, Mention{Kind: Like, Author: ada}},
		{"boost", `<div class="h-entry">` + card + `<a class="u-repost-of" href="` + target + `">again</a></div>`, Mention{Kind: Repost, Author: ada}},
		{"bookmark", `<div class="h-entry"><h1 class="p-name">Kept</h1>` + card + `<a class="u-bookmark-of" href="` + target + `">x</a></div>`, Mention{Kind: Bookmark, Author: ada, Title: "Kept"}},
		{"mention", `<div class="h-entry"><h1 class="p-name">Links</h1><p class="p-summary">Some</p>` + card + `<div class="e-content"><a href="` + target + `">x</a></div></div>`,
			Mention{Kind: Plain, Author: ada, Title: "Links", Summary: "Some", Content: `<a href="` + target + `">x</a>`}},
		{"plain page", `<title>A  page</title><body><a href="` + target + `">x</a>`, Mention{Kind: Plain, Title: "A page"}},
		{"a picture of ours", `<img src="` + target + `">`, Mention{Kind: Plain}},
		{"the author on the page", `<div class="h-card"><a class="p-name u-url" href="/">Ada</a></div><div class="h-entry"><a class="u-like-of" href="` + target + `">x</a></div>`,
			Mention{Kind: Like, Author: Author{"Ada", "https://ada.example/", ""}}},
		{"the second of a feed", `<div class="h-feed"><div class="h-entry"><a class="u-like-of" href="https://c.example/">x</a></div><div class="h-entry">` + card + `<a class="u-like-of" href="` + target + `">x</a></div></div>`,
			Mention{Kind: Like, Author: ada}},
		{"Bridgy", `<html><body class="h-entry"><span class="p-author h-card"><data class="p-uid" value="tag:x"></data><a class="p-name u-url" href="https://social.example/@ada">Ada</a>
			<img class="u-photo" src="https://cdn.example/a.png"></span><a class="u-url" href="https://social.example/@ada/1">x</a><div class="e-content p-name">Nice</div>
			<a class="u-in-reply-to" href="` + target + `"></a></body></html>`,
			Mention{Kind: Reply, Claims: []string{"https://social.example/@ada/1"}, InReplyTo: []string{target}, Author: Author{"Ada", "https://social.example/@ada", "https://cdn.example/a.png"}, Content: "Nice", Title: "Nice"}},
		{"unclosed elements", `<ul><li class="h-entry"><p class="p-name">One<p class="e-content"><a href=` + target + `>x</a><li class="h-entry"><p class="p-name">Two`,
			Mention{Kind: Plain, Title: "One", Content: `<a href=` + target + `>x</a>`}},
	} {
		got, ok := Read([]byte(c.body), source, isTarget)
		if !ok || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", c.name, ok, got, c.want)
		}
	}
}

// TestReadLinksNowhere: a page mentions only what a reader of it can follow (webmention.rocks' receiver tests: a link in a comment is none).
func TestReadLinksNowhere(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", target, "<p>" + target, `<!-- <a href="` + target + `">x</a> -->`, `<script>"<a href='` + target + `'>"</script>`, `<template><a href="` + target + `"></a></template>`,
		`&lt;a href="` + target + `"&gt;`, `<textarea><a href="` + target + `"></textarea>`, `<a href="` + target + `other/">x</a>`, `<base href="` + target + `">`,
		`<a title="` + target + `">x</a>`, `<p class="h-entry" data-x="` + target + `">`,
	} {
		if m, ok := Read([]byte(body), source, isTarget); ok {
			t.Errorf("%s: %+v", body, m)
		}
	}
}

// TestLinks holds which links of a post are told: those in its content, each once, no people and no menus.
func TestLinks(t *testing.T) {
	t.Parallel()
	page := `<nav><a href="https://menu.example/">m</a></nav><article class="h-entry"><a class="u-in-reply-to" href="https://r.example/1">r</a><a href="https://tag.example/">t</a>
		<div class="e-content"><a href="https://a.example/?x=1&amp;y=2#z">a</a><a href="/own">o</a><a href="https://a.example/?x=1&y=2#z">again</a>
		<a class="u-url mention" href="https://social.example/@ada">@ada</a><a href="mailto:x@y.example">m</a><img src="https://img.example/x.png"></div></article><footer><a href="https://foot.example/">f</a></footer>`
	want := []string{"https://r.example/1", "https://a.example/?x=1&y=2#z", "https://blog.example/own"}
	if got := Links([]byte(page), target); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := Links([]byte(`<p>A <a href="https://a.example/">piece</a></p>`), target); !slices.Equal(got, []string{"https://a.example/"}) {
		t.Errorf("a piece: %q", got)
	}
	var many strings.Builder
	for n := range 1000 {
		fmt.Fprintf(&many, `<a href="https://a.example/%d">x</a>`, n)
	}
	if got := Links([]byte(many.String()), target); len(got) != MaxLinks {
		t.Errorf("%d links, want %d", len(got), MaxLinks)
	}
}

// TestBombs: no page makes more of itself than it is. The first is what the repairs of the HTML standard make 60 million elements of.
func TestBombs(t *testing.T) {
	t.Parallel()
	var formatting strings.Builder
	for n := range 500 {
		fmt.Fprintf(&formatting, "<p><b a=%d>", n)
	}
	end := `<a class="u-like-of" href="` + target + `">`
	for name, body := range map[string]string{
		"formatting": formatting.String() + strings.Repeat("</p>x<p>", 30_000) + end,
		"deep":       strings.Repeat("<div>", 10_000) + end,
		"entries":    strings.Repeat(`<div class="h-entry"><div class="p-author h-card">`, 5_000) + end,
		"names":      strings.Repeat(`<span class="p-name">a`, 10_000) + end,
		"classes":    `<div class="h-entry ` + strings.Repeat("p-name ", 20_000) + `">` + end,
		"end tags":   strings.Repeat("<i>", 300) + strings.Repeat("</b>", 40_000) + end,
	} {
		root := parse([]byte(body))
		count, deepest := 0, 0
		var visit func(n *node, depth int)
		visit = func(n *node, depth int) {
			count, deepest = count+1, max(deepest, depth)
			for _, k := range n.kids {
				visit(k, depth+1)
			}
		}
		visit(root, 0)
		if count > maxNodes+2 || deepest > maxOpen {
			t.Errorf("%s: %d nodes, %d deep", name, count, deepest)
		}
		Read([]byte(body), source, isTarget)
	}
}

// FuzzRead: whatever a page is, reading it ends, and its content lies in it.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`<div class="h-entry"><a class="u-in-reply-to" href="` + target + `">x</a><p class="e-content">words<p>more</div>`))
	f.Add([]byte(`<base href="//x"><li class=h-entry><table><tr><td><li></table>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, ok := Read(body, source, isTarget)
		if ok && !strings.Contains(string(body), m.Content) {
			t.Errorf("content %q is not of the page", m.Content)
		}
		for _, u := range append(Links(body, source), m.Claims...) {
			if !strings.HasPrefix(u, "http://") && !strings.HasPrefix(u, "https://") {
				t.Errorf("address %q", u)
			}
		}
		Endpoint(nil, body, source)
	})
}
