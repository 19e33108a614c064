package inbox_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// routes are all the places where the daemon registers an address: by folder, the expression as it stands there, and the address that it is. Each is
// asked for by doors, or it is the owner's alone ("private"), or answers to a stranger with nothing of any comment, whoever asks ("nothing": why).
var routes = map[string]map[string]string{
	".": {
		`base + "/ap/inbox"`: "/ap/inbox", `base + "/media/{hash}"`: "/media/{hash}", `base + "/webmention"`: "/webmention",
		`base + "/api/v1/reconcile"`: "/api/v1/reconcile", `base + "/api/v1/undo"`: "/api/v1/undo",
		`base + "/api/v1/replies"`: "/api/v1/replies", `base + "/api/v1/replies/{key}"`: "/api/v1/replies/{key}",
		`"/healthz"`: "/healthz", `"/readyz"`: "/readyz", `base + "/admin/"`: "nothing: package moderation, below", `"/"`: "/posts/{slug}/",
		`i.address.BasePath() + "/" + site.PublishedFile`: "/ap/published.json",
	},
	"comments": {
		`c.a.BasePath() + "/"`: "/posts/{slug}/", `c.a.BasePath() + "/" + site.PublishedFile`: "/ap/published.json",
		`base + "/comments/{key}"`: "/comments/{key}", `base + "/api/v1/thread"`: "/api/v1/thread", `base + "/interact"`: "/interact", `base + "/interact.js"`: "/interact.js",
		`base + "/" + name + ".js"`: "/fedi-follow.js", `base + "/comments/{key}/feed.atom"`: "/comments/{key}/feed.atom",
		`base + "/comments/{key}/likes"`: "/comments/{key}/likes", `base + "/comments/{key}/boosts"`: "/comments/{key}/boosts",
		`base + "/api/v1/statuses/{key}"`: "/api/v1/statuses/{key}", `base + "/api/v1/statuses/{key}/context"`: "/api/v1/statuses/{key}/context",
		`base + "/api/v1/statuses/{key}/favourited_by"`: "/api/v1/statuses/{key}/favourited_by", `base + "/api/v1/statuses/{key}/reblogged_by"`: "/api/v1/statuses/{key}/reblogged_by",
		`base + "/api/v1/mentions.jf2"`: "/api/v1/mentions.jf2", `base + "/api/v1/openapi.json"`: "/api/v1/openapi.json", `base + "/api/v1/stream"`: "/api/v1/stream",
	},
	"profile": {
		`fingerPath`: "/.well-known/webfinger", `"/.well-known/host-meta"`: "/.well-known/host-meta", `"/.well-known/nodeinfo"`: "/.well-known/nodeinfo",
		`base + "/nodeinfo/2.0"`: "/nodeinfo/2.0", `base + "/nodeinfo/2.1"`: "/nodeinfo/2.1", `base + "/ap/moderators"`: "/ap/moderators",
		`base + "/ap/activities/{key}"`: "/ap/activities/{key}", `base + "/ap/quotes/{key}"`: "/ap/quotes/{key}", `base + "/ap/posts/{key}"`: "/ap/posts/{key}",
		`base + "/ap/posts/{key}/replies"`: "/ap/posts/{key}/replies", `base + "/ap/posts/{key}/likes"`: "/ap/posts/{key}/likes",
		`base + "/ap/posts/{key}/shares"`: "/ap/posts/{key}/shares", `base + "/ap/posts/{key}/context"`: "/ap/posts/{key}/context",
		`base + "/ap/emoji/{name}"`: "/ap/emoji/{name}", `base + "/ap/series/{name}"`: "/ap/series/{name}", `base + "/ap/"`: "/ap/{anything}",
		`below(actor.ID)`: "/ap/actor", `a.OutboxOf(actor.ID)`: "/ap/outbox", `a.FollowersOf(actor.ID)`: "/ap/followers", `a.FollowingOf(actor.ID)`: "/ap/following",
		`a.FeaturedOf(actor.ID)`: "/ap/featured", `a.TagsOf(actor.ID)`: "/ap/tags", `below(id)`: "nothing: the five before", `below(at)`: "nothing: an author's page is in the list of the site's files",
		`base + "/ap/instance"`: "/ap/instance", `path`: "nothing: the list before",
	},
	"moderation": {
		`"GET /admin/{$}"`: "private", `"POST /admin/comment"`: "private", `"POST /admin/reply"`: "private", `"POST /admin/withdraw"`: "private", `"POST /admin/unblock"`: "private",
		`"POST /admin/report"`: "private", `"GET /admin/media/{hash}"`: "private", `"GET /admin/login"`: "nothing: a form with one button", `"POST /admin/login"`: "nothing: a redirect",
		`"POST /admin/logout"`: "nothing: a redirect", `"GET /admin/admin.css"`: "nothing: a file of ours",
	},
}

// TestEveryRouteIsADoor (R5): whoever adds an address to the daemon writes it down above, and then nothing private may be at it: doors asks for it in
// TestNothingKeptIsShown, or the owner's session guards it.
func TestEveryRouteIsADoor(t *testing.T) {
	t.Parallel()
	asked := doors("http://remote.example/notes/1", "http://remote.example/p.png")
	for folder, known := range routes {
		found := registered(t, folder)
		for expr, handler := range found {
			address, ok := known[expr]
			switch {
			case !ok:
				t.Errorf("inbox/%s registers %s, which nobody looks at: write it down in routes, and its address in doors", folder, expr)
			case address == "private" && !strings.HasPrefix(handler, "m.private("):
				t.Errorf("inbox/%s: %s is open to everybody: its handler is %s", folder, expr, handler)
			case strings.HasPrefix(address, "/") && !slices.ContainsFunc(asked, pattern(address).MatchString):
				t.Errorf("no door is %s (%s): nobody asks there for what is kept", address, expr)
			}
		}
		for expr := range known {
			if _, ok := found[expr]; !ok {
				t.Errorf("inbox/%s registers no %s any more: it has registered %v", folder, expr, slices.Sorted(maps.Keys(found)))
			}
		}
	}
}

// pattern matches what a pattern of ServeMux matches, and a query.
func pattern(address string) *regexp.Regexp {
	return regexp.MustCompile("^" + regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(address), `[^/?]+`) + `(\?.*)?$`)
}

// registered gives what a folder registers at a ServeMux, and with which handler: the first two arguments of Handle and HandleFunc, and the members of the
// lists of handlers that a loop registers.
func registered(t *testing.T, folder string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	found, set := map[string]string{}, token.NewFileSet()
	write := func(n ast.Node) string {
		var b bytes.Buffer
		if err := printer.Fprint(&b, set, n); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(set, name, source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && (f.Sel.Name == "Handle" || f.Sel.Name == "HandleFunc") && len(n.Args) == 2 {
					found[write(n.Args[0])] = write(n.Args[1])
				}
			case *ast.CompositeLit:
				if n.Type == nil || write(n.Type) != "map[string]http.HandlerFunc" {
					return true
				}
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok {
						found[write(kv.Key)] = write(kv.Value)
					}
				}
			}
			return true
		})
	}
	if len(found) == 0 {
		t.Fatalf("inbox/%s registers nothing: the test looks at the wrong place", folder)
	}
	return found
}
