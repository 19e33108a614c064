package remote

import (
	"errors"
	"fmt"
	"testing"

	"github.com/postil-blog/postil/activitypub"
)

// A list of ids counts for the server that it is asked of: no other server answers for it, and it speaks of no other (mutants: no
// SameOrigin of the answer, of id, of partOf; any type).
func TestCollection(t *testing.T) {
	t.Parallel()
	const ask = "https://a.example.com/1/replies?page=true"
	page := func(members string) string {
		return `{"@context":"https://www.w3.org/ns/activitystreams","items":["https://b.example.com/2"],` + members + `}`
	}
	for _, test := range []struct {
		name, doc, redirect string
		ok                  bool
	}{
		{name: "page", doc: page(`"id":"` + ask + `","type":"CollectionPage","partOf":"https://a.example.com/1/replies"`), ok: true},
		{name: "ordered page without id", doc: page(`"type":"OrderedCollectionPage"`), ok: true},
		{name: "another spelling", doc: page(`"id":"https://a.example.com/1/replies?x=1&page=true","type":"Collection"`), ok: true},
		{name: "collection", doc: page(`"id":"` + ask + `","type":"OrderedCollection"`), ok: true},
		{name: "note", doc: page(`"id":"` + ask + `","type":"Note"`)},
		{name: "no type", doc: page(`"id":"` + ask + `"`)},
		{name: "another host's id", doc: page(`"id":"https://b.example.com/1","type":"Collection"`)},
		{name: "part of another host's", doc: page(`"type":"CollectionPage","partOf":"https://b.example.com/1"`)},
		{name: "no document", doc: `[]`},
		{name: "redirect on one origin", redirect: "https://a.example.com/other", ok: true},
		{name: "redirect to another host", redirect: "https://b.example.com/other"},
		{name: "redirect to http", redirect: "http://a.example.com/other"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if test.doc != "" {
				w.document("a.example.com/1/replies?page=true", test.doc)
			} else {
				w.redirect("a.example.com/1/replies?page=true", test.redirect)
				for _, host := range []string{"a", "b"} {
					w.document(host+".example.com/other", page(`"type":"Collection"`))
				}
			}
			o, err := w.client(Options{}).Collection(t.Context(), ask)
			if (err == nil) != test.ok {
				t.Fatalf("%v, %v, want taken %v", o, err, test.ok)
			}
			if test.ok && fmt.Sprint(activitypub.IDs(o.Items)) != "[https://b.example.com/2]" {
				t.Errorf("items %v", o.Items)
			}
			if !test.ok && !errors.Is(err, ErrDocument) && !errors.Is(err, ErrBlocked) {
				t.Errorf("%v is no fault of the document", err)
			}
		})
	}
}

// A collection that redirects for ever takes three requests, and one that its server keeps from us is refused like all else.
func TestCollectionEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n := range 9 {
		w.redirect(fmt.Sprintf("a.example.com/%d", n), fmt.Sprintf("https://a.example.com/%d", n+1))
	}
	if _, err := w.client(Options{}).Collection(t.Context(), "https://a.example.com/0"); err == nil || len(w.requests()) != 3 {
		t.Errorf("%v after %d requests, want an error after 3", err, len(w.requests()))
	}
	if _, err := w.client(Options{}).Collection(t.Context(), "https://a.example.com/none"); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v, want ErrNotFound", err)
	}
}
