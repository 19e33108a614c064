package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/postil-blog/postil/site"
	"github.com/spf13/cobra"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		Count(1, "post"): "1 post", Count(0, "reply"): "0 replies", Count(1806, "follower"): "1,806 followers", Count(2, "day"): "2 days",
		Thousands(999): "999", Thousands(1000): "1,000", Thousands(1234567): "1,234,567", Thousands(-1234): "-1,234", Thousands(-123): "-123",
		Size(1): "1 byte", Size(41_200): "41 KB", Size(2_500_000): "2.5 MB",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestReport holds the exit code of each kind of error, and that each is told once.
func TestReport(t *testing.T) {
	t.Parallel()
	cmd := &cobra.Command{Use: "publish"}
	for _, c := range []struct {
		err  error
		code int
		says string
	}{
		{errors.New("disk full"), Failed, "disk full\n"},
		{Fail(NotConnected, "no daemon"), NotConnected, "no daemon\n"},
		{fmt.Errorf("more: %w", Fail(Usage, "bad flag")), Usage, "bad flag\n"},
		{Exit{Code: Content}, Content, ""},
		{fmt.Errorf("x: %w", site.ErrNoSite), Usage, "x: no config.toml here or in a folder above\n  make a site here: publish init\n"},
		{errors.New("accepts 1 arg(s), received 0"), Usage, "Accepts 1 arg(s), received 0   publish --help\n"},
	} {
		var b bytes.Buffer
		if got := report(cmd, &b, c.err); got != c.code || b.String() != c.says {
			t.Errorf("%v: code %d, said %q, want %d, %q", c.err, got, b.String(), c.code, c.says)
		}
	}
}

// TestNoColor holds that nothing but a terminal gets colours or progress.
func TestNoColor(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if Color(&b) {
		t.Error("colours for a buffer")
	}
	p := NewProgress(&b)
	p.since = p.since.Add(-2 * slow)
	p.Step("Building", 1, 2)
	p.End()
	if b.Len() > 0 {
		t.Errorf("progress written to a buffer: %q", b.String())
	}
}

// TestRunCode holds that a command which ends because it was interrupted is told from one that failed.
func TestRunCode(t *testing.T) {
	t.Parallel()
	root := &cobra.Command{Use: "x", RunE: func(*cobra.Command, []string) error { return context.Canceled }}
	root.SetArgs(nil)
	root.SetErr(&bytes.Buffer{})
	if got := Run(root, nil); got != Failed {
		t.Errorf("a cancelled context without a signal gave %d, want %d", got, Failed)
	}
}
