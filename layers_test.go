// Package postil holds no code: this file keeps the arrows of the house (docs/architecture.md).
package postil

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/postil-blog/postil/"

// arrows says which of our packages a package may import. A pattern that ends in /… covers the folder and all below it.
// A new arrow is a decision made in review: change docs/architecture.md with it.
var arrows = map[string][]string{
	"site":        {},
	"store":       {},
	"templates":   {},
	"themes":      {},
	"search":      {},
	"webmention":  {},
	"feed":        {},
	"activitypub": {},

	"activitypub/signature":         {},
	"activitypub/remote":            {"activitypub", "activitypub/signature"},
	"activitypub/remote/remotetest": {"activitypub", "activitypub/signature"},
	"store/storetest":               {"store"},

	"publisher/…":        {"publisher/…", "activitypub", "search", "site", "templates", "themes"},
	"publisher/importer": {"publisher/sitepath", "activitypub", "site"},
	"publisher/sitepath": {},
	"outbox":             {"store", "activitypub", "activitypub/remote", "activitypub/signature", "site", "webmention", "feed"},
	"inbox": {"inbox/…", "outbox", "store", "webmention", "activitypub", "activitypub/remote", "activitypub/signature", "site",
		"templates", "themes"},
	"inbox/comments": {"inbox/embed", "store", "site", "search", "activitypub", "templates", "themes"},
	"inbox/embed":    {"activitypub", "templates"},
	"inbox/…":        {"store", "site", "search", "activitypub", "templates", "themes"},
	"cmd/…": {"cmd/…", "publisher/…", "outbox", "inbox/…", "store", "site", "templates", "themes",
		"activitypub", "activitypub/signature", "activitypub/remote", "activitypub/remote/remotetest"},
	"interop": {},
}

// goFile is one Go file of the tree with its imports.
type goFile struct {
	path string // slashes, relative to the root
	pkg  string // folder
	ast  *ast.File
}

func goFiles(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (name == "node_modules" || name == "testdata" || name == "tools" || name == "bench" || len(name) > 1 && name[0] == '.') {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		path = filepath.ToSlash(path)
		files = append(files, goFile{path, filepath.ToSlash(filepath.Dir(path)), f})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("found %d Go files; this test looks in the wrong place", len(files))
	}
	return files
}

func imports(f goFile) []string {
	var list []string
	for _, spec := range f.ast.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		list = append(list, path)
	}
	return list
}

// covers tells whether a pattern of the table covers a package.
func covers(pattern, pkg string) bool {
	if dir, ok := strings.CutSuffix(pattern, "/…"); ok {
		return pkg == dir || strings.HasPrefix(pkg, dir+"/")
	}
	return pattern == pkg
}

// allowed finds the row for a package: its own name first, then the pattern that covers it.
func allowed(pkg string) ([]string, bool) {
	if list, ok := arrows[pkg]; ok {
		return list, true
	}
	for pattern, list := range arrows {
		if covers(pattern, pkg) {
			return list, true
		}
	}
	return nil, false
}

func TestArrows(t *testing.T) {
	for _, f := range goFiles(t) {
		list, ok := allowed(f.pkg)
		if !ok && f.pkg != "." {
			t.Errorf("%s: package %s has no row in the table of arrows", f.path, f.pkg)
		}
		for _, imp := range imports(f) {
			ours, is := strings.CutPrefix(imp, module)
			if !is || ours == f.pkg {
				continue
			}
			if !anyCovers(list, ours) {
				t.Errorf("%s imports %s: no such arrow in docs/architecture.md", f.path, ours)
			}
		}
	}
}

func anyCovers(patterns []string, pkg string) bool {
	for _, p := range patterns {
		if covers(p, pkg) {
			return true
		}
	}
	return false
}

// only lists imports that a single room may have.
var only = map[string][]string{
	"github.com/yuin/goldmark":           {"publisher/…"}, // remote text never reaches goldmark
	"github.com/go-fed/httpsig":          {"activitypub/signature"},
	"code.dny.dev/ssrf":                  {"activitypub/remote"},
	"database/sql":                       {"store"},
	"modernc.org/sqlite":                 {"store"},
	"modernc.org/quickjs":                {"publisher/mathml"},
	"golang.org/x/net/html":              {"activitypub", "publisher/…", "webmention"},
	"github.com/fsnotify/fsnotify":       {"publisher/…", "outbox", "cmd/…"},
	"github.com/gorilla/feeds":           {"publisher/…", "inbox/comments"},
	"os/exec":                            {"cmd/…"},
	"unsafe":                             {},
	"html/template":                      {"templates", "publisher/…", "inbox/…", "activitypub", "activitypub/remote/remotetest", "cmd/…"},
	"text/template":                      {"cmd/…"},
	"github.com/microcosm-cc/bluemonday": {}, // a second opinion in tests, never the writer
}

func TestOnlyOneRoom(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, imp := range imports(f) {
			for prefix, rooms := range only {
				if (imp == prefix || strings.HasPrefix(imp, prefix+"/")) && !anyCovers(rooms, f.pkg) {
					t.Errorf("%s imports %s, which only %v may", f.path, imp, rooms)
				}
			}
		}
	}
}

// TestOneWayOut: only activitypub/remote opens connections. A command of publish may talk to the daemon of its own blog, and the
// pretend servers of remotetest are peers, not us.
func TestOneWayOut(t *testing.T) {
	out := map[string][]string{
		"net":        {"Dial", "DialTimeout", "Dialer"},
		"net/http":   {"Get", "Post", "Head", "PostForm", "DefaultClient", "DefaultTransport", "Client", "Transport"},
		"crypto/tls": {"Dial"},
	}
	for _, f := range goFiles(t) {
		if anyCovers([]string{"activitypub/remote", "activitypub/remote/remotetest"}, f.pkg) {
			continue
		}
		uses(f, out, func(name string) {
			t.Errorf("%s uses %s: connections are opened in activitypub/remote alone", f.path, name)
		})
	}
}

// TestOneWriterOfRemoteHTML: template.HTML of remote words is made in activitypub/html.go alone. The publisher makes it of the
// blogger's own Markdown, which never holds remote text (TestOnlyOneRoom: goldmark).
func TestOneWriterOfRemoteHTML(t *testing.T) {
	unsafe := map[string][]string{"html/template": {"HTML", "HTMLAttr", "JS", "JSStr", "URL", "CSS", "Srcset"}}
	for _, f := range goFiles(t) {
		if f.path == "activitypub/html.go" || covers("publisher/…", f.pkg) {
			continue
		}
		conversions(f, unsafe["html/template"], func(name string) { t.Errorf("%s converts to template.%s", f.path, name) })
	}
}

// uses reports each pkg.Name of the table that a file mentions.
func uses(f goFile, table map[string][]string, report func(string)) {
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok {
				for pkg, names := range table {
					if x.Name == localName(f, pkg) && contains(names, sel.Sel.Name) {
						report(x.Name + "." + sel.Sel.Name)
					}
				}
			}
		}
		return true
	})
}

// conversions reports each template.Name(…) call.
func conversions(f goFile, names []string, report func(string)) {
	local := localName(f, "html/template")
	ast.Inspect(f.ast, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == local && contains(names, sel.Sel.Name) {
				report(sel.Sel.Name)
			}
		}
		return true
	})
}

// localName is the name under which a file imports a package, "" if it does not.
func localName(f goFile, pkg string) string {
	for _, spec := range f.ast.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		if path != pkg {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path[strings.LastIndex(path, "/")+1:]
	}
	return ""
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}
