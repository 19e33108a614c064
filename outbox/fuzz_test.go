package outbox

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// FuzzPublished reads any published.json, written by another version or by an editor's crash. It may be refused; what is read never makes
// a Delete of a post that it does not state to be withdrawn, and never tells two things about one post.
func FuzzPublished(f *testing.F) {
	const a, b = "https://blog.example/ap/posts/a", "https://blog.example/ap/posts/b"
	for _, s := range []string{
		`{"version":1,"posts":[{"id":"` + a + `","url":"https://blog.example/posts/a/","article":"ap/posts/a.json","sha256":"00","published":"2026-10-01T00:00:00Z"}]}`,
		`{"version":1,"posts":[],"withdrawn":[{"id":"` + a + `","at":"2026-10-02T00:00:00Z"}]}`, `{"version":2}`, `{"version":1,"posts":[{"id":"` + b + `","silent":true},{"id":"` + b + `"}]}`,
		`{"version":1,"withdrawn":[{"id":"` + b + `"},{"id":"` + b + `"}],"posts":[{"id":"` + b + `"}]}`, `[]`, `null`,
	} {
		f.Add([]byte(s))
	}
	now := time.Date(2026, 10, 3, 0, 0, 0, 0, time.UTC)
	ledger := []store.Article{{ID: a, URL: "https://blog.example/posts/a/", SHA256: "11", Published: now.AddDate(0, 0, -3), Announced: true},
		{ID: b, Published: now.AddDate(0, 0, -2), Withdrawn: now.AddDate(0, 0, -1)}}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := source{read: func(context.Context, string, int64) ([]byte, error) { return data, nil }}
		list, _, err := s.list(t.Context())
		if err != nil {
			return
		}
		stated := map[string]bool{}
		for _, w := range list.Withdrawn {
			stated[w.ID] = true
		}
		todo, _ := decide(list, ledger, true, now)
		for _, d := range todo {
			if d.action == tellDelete && (!stated[d.id] || d.id != a) {
				t.Errorf("a Delete of %q, stated %v", d.id, stated[d.id])
			}
			if d.id == b && d.action != note {
				t.Errorf("a %s of what was withdrawn", d.action)
			}
		}
		checkPaths(t, s, list)
	})
}

// checkPaths: a file that the list names is only read where it may lie.
func checkPaths(t *testing.T, s source, list site.PublishedList) {
	for _, p := range list.Posts {
		s.read = func(_ context.Context, name string, _ int64) ([]byte, error) {
			if name != p.Article || name == "" || name[0] == '/' || bytes.Contains([]byte("/"+name+"/"), []byte("/../")) {
				t.Errorf("%q is read", name)
			}
			return nil, errHalfWritten
		}
		_, _ = s.article(t.Context(), p)
	}
}

// FuzzArticle takes an Article apart and puts it into an activity: not a member is lost and none is added.
func FuzzArticle(f *testing.F) {
	for _, s := range []string{
		`{"@context":["https://www.w3.org/ns/activitystreams",{"x":"y"}],"id":"https://a.example/1","type":"Article","content":"<p>\u003c&</p>"}`,
		`{"id":"1"}`, `{}`, `{"a":1.50e3,"b":[],"@context":null}`, `{"id":1}`, `null`, ` {"a" : "\ud800"} `,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := parseDocument(data)
		if err != nil {
			return
		}
		var before, after map[string]json.RawMessage
		if json.Unmarshal(data, &before) != nil || json.Unmarshal(d.bare, &after) != nil {
			t.Fatalf("%q became %q", data, d.bare)
		}
		delete(before, "@context")
		if len(before) != len(after) {
			t.Fatalf("%q became %q", data, d.bare)
		}
		for name, value := range before {
			if !bytes.Equal(value, after[name]) {
				t.Errorf("%s was %s and is %s", name, value, after[name])
			}
		}
	})
}
