package publisher

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/postil-blog/postil/site"
)

// TestCommitOrder stops a commit where something cannot be removed: what the list does not name goes before the list is renamed, and a document
// after it, so that the list never names a document that is gone.
func TestCommitOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	b := newBuild(Options{Config: &site.Config{Dir: dir}})
	defer b.close()
	b.output = root
	for _, c := range []struct{ gone, writes, want string }{
		{"ap/posts/gone.json", "first", "first"},
		{"ap/../../outside.json", "second", "second"},
		{"../page.html", "third", "second"},
	} {
		err := b.commit(nil, []string{c.gone}, []byte(c.writes))
		got, _ := os.ReadFile(filepath.Join(dir, site.PublishedFile))
		if string(got) != c.want || (err == nil) != (c.writes == "first") {
			t.Errorf("without %s: the list is %q, want %q (%v)", c.gone, got, c.want, err)
		}
	}
}
