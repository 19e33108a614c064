package publisher

import (
	"testing"

	"github.com/postil-blog/postil/publisher/mend"
	"github.com/postil-blog/postil/site"
)

// TestFixes holds which faults of a front matter carry a fix, and that a file is without the fault once it is applied.
func TestFixes(t *testing.T) {
	t.Parallel()
	c := newBlog(t, nil).o.Config
	for name, tc := range map[string]struct{ source, want string }{
		"date":                 {"---\ntitle: A\ndate: 28/10/2026\n---\n", "---\ntitle: A\ndate: 2026-10-28\n---\n"},
		"date in quotes":       {"+++\ntitle = \"A\"\ndate = '28.10.2026'\n+++\n", "+++\ntitle = \"A\"\ndate = 2026-10-28\n+++\n"},
		"bare date":            {"+++\ntitle = \"A\"\ndate = 28/10/2026 # then\n+++\n", "+++\ntitle = \"A\"\ndate = 2026-10-28 # then\n+++\n"},
		"hour":                 {"+++\ntitle = \"A\"\ndate = \"Oct 28 2026 9:30 pm\"\n+++\n", "+++\ntitle = \"A\"\ndate = 2026-10-28 21:30:00\n+++\n"},
		"two meanings":         {"---\ntitle: A\ndate: 5/10/2026\n---\n", ""},
		"key":                  {"---\ntitel: A\ndate: 2026-10-28\n---\n", "---\ntitle: A\ndate: 2026-10-28\n---\n"},
		"key in a table":       {"---\ntitle: A\ndate: 2026-10-28\nfediverse: {visbility: public}\n---\n", "---\ntitle: A\ndate: 2026-10-28\nfediverse: {visibility: public}\n---\n"},
		"key that is there":    {"---\ntitle: A\ntitel: B\ndate: 2026-10-28\n---\n", ""},
		"key in quotes":        {"---\ntitle: A\n\"daft\": true\ndate: 2026-10-28\n---\n", "---\ntitle: A\ndraft: true\ndate: 2026-10-28\n---\n"},
		"far from every key":   {"---\ntitle: A\nquux: B\ndate: 2026-10-28\n---\n", ""},
		"tabs":                 {"---\ntitle: A\ndate: 2026-10-28\nfediverse:\n\tas: note\n---\n", "---\ntitle: A\ndate: 2026-10-28\nfediverse:\n  as: note\n---\n"},
		"windows, with a mark": {"\ufeff---\r\ntitle: Ä\r\ndate: 28/10/2026\r\n---\r\n", "\ufeff---\r\ntitle: Ä\r\ndate: 2026-10-28\r\n---\r\n"},
	} {
		faults := CheckSource(c, "posts/a.md", []byte(tc.source))
		var fixes []site.Fix
		for _, d := range faults {
			if d.Fix != (site.Fix{}) {
				fixes = append(fixes, d.Fix)
			}
		}
		out, n := mend.Apply([]byte(tc.source), fixes)
		if tc.want == "" {
			if n != 0 || len(faults) == 0 {
				t.Errorf("%s: %d fixes for %v", name, n, faults)
			}
			continue
		}
		if string(out) != tc.want {
			t.Errorf("%s: %q, want %q (%v)", name, out, tc.want, faults)
		}
		if left := CheckSource(c, "posts/a.md", out); len(left) > 0 {
			t.Errorf("%s: there is still %v", name, left)
		}
	}
}
