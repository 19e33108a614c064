//go:build linux

package publisher

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A child of TestFullDisk may write no file beyond a size: the write in which it gets there fails halfway, as on a full disk.
func init() {
	limit, err := strconv.ParseUint(os.Getenv("POSTIL_TEST_LIMIT"), 10, 64)
	if err != nil {
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
		panic(err)
	}
}

// TestFullDisk makes a write fail in the middle of a run: the old site stays byte for byte, the error names the file, and the
// next run ends where it should.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, text, want string }{
		{"a copy", "content/big.bin", strings.Repeat("x", 300_000), "big.bin"},
		{"a post", "content/posts/big.md", post("Big", "2026-10-28", "", strings.Repeat("A long text. ", 20_000)), "posts/big.md"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t, sample())
			b.publish()
			want := b.tree("public")
			b.write(c.file, c.text)
			b.write("content/posts/two.md", post("Two", "2026-10-27", "", strings.Repeat("New text. ", 4_000)))
			out := b.limited(150_000)
			if !strings.Contains(out, "error") || !strings.Contains(out, c.want) {
				t.Errorf("the run says %q, want an error that names %s", out, c.want)
			}
			if diff := cmp.Diff(want, b.tree("public")); diff != "" {
				t.Errorf("the site changed:\n%s", diff)
			}
			b.publish()
			fresh := newBlog(t, nil)
			if err := os.CopyFS(fresh.dir+"/content", os.DirFS(b.dir+"/content")); err != nil {
				t.Fatal(err)
			}
			fresh.publish()
			got := b.tree("public")
			for name, text := range fresh.tree("public") {
				if !strings.HasPrefix(name, "ap/") && got[name] != text { // what followers have differs: Create there, Update here
					t.Errorf("%s is not what a clean run makes", name)
				}
				delete(got, name)
			}
			for name := range got {
				t.Errorf("%s is left over", name)
			}
		})
	}
}

// limited publishes in a process that may write files of so many bytes, and gives what it says.
func (b *blog) limited(size int) string {
	b.t.Helper()
	cmd := exec.CommandContext(b.t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "POSTIL_TEST_SITE="+b.dir, "POSTIL_TEST_LIMIT="+strconv.Itoa(size))
	out, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); !errors.As(err, &exit) {
		b.t.Errorf("publish ended with %v: %s", err, out)
	}
	return string(out)
}
