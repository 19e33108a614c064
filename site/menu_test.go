package site_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postil-blog/postil/site"
)

func TestMenu(t *testing.T) {
	t.Parallel()
	c, err := site.Load(write(t, small+"[[menu]]\nname = \"Home\"\nurl = \"/\"\n\n[[menu]]\npage = \"about.md\"\nweight = 3\nlang = \"de\"\nx-own = 1\n"), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []site.MenuEntry{{Name: "Home", URL: "/"}, {Page: "about.md", Weight: 3, Lang: "de"}}
	if diff := cmp.Diff(want, c.Menu); diff != "" || c.Line("menu.1.page") != 9 || c.Line("menu.1.name") != 0 {
		t.Errorf("menu (-want +got):\n%s\nline %d", diff, c.Line("menu.1.page"))
	}
	if c, err = site.Load(write(t, "menu = [{name = \"Home\", url = \"/\"}]\n"+small), nil, nil); err != nil || len(c.Menu) != 1 {
		t.Errorf("inline: %v, %v", c, err)
	}
}

// TestMenuFaults: each fault is told with its line, all in one run.
func TestMenuFaults(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]string{
		"[[menu]]\nname = \"A\"\n":                                  "4 P007 an entry",
		"[[menu]]\nurl = \"/a/\"\n":                                 "4 P007 an entry",
		"[[menu]]\nname = \"A\"\nurl = \"/\"\npage = \"a.md\"\n":    "4 P007 an entry",
		"[[menu]]\nname = \"A\"\nurl = \"javascript:alert(1)\"\n":   "6 P007 \"javascript:",
		"[[menu]]\nname = \"A\"\nurl = \"data:text/html,x\"\n":      "6 P007 \"data:",
		"[[menu]]\nname = \"A\"\nurl = \"//evil.example/\"\n":       "6 P007 \"//evil",
		"[[menu]]\nname = \"A\"\nurl = \"/\\\\evil.example/\"\n":    "6 P007 \"/\\\\",
		"[[menu]]\nname = \"A\"\nurl = \"about\"\n":                 "6 P007 \"about\"",
		"[[menu]]\nname = \"A\"\nurl = \"/\"\nlang = \"x!\"\n":      "7 P007 \"x!\"",
		"[[menu]]\nname = \"A\"\nurl = \"/\"\nwieght = 1\n":         "7 P003 unknown key \"wieght\", did you mean \"weight\"?",
		"[[menu]]\nname = \"A\"\nurl = \"/\"\nweight = \"heavy\"\n": "7 P004 menu.0.weight is a text",
		"[menu]\nname = \"A\"\n":                                    "4 P004 menu is a table and should be a list of tables",
	} {
		_, err := site.Load(write(t, small+entry), nil, nil)
		var ds site.Diagnostics
		if !errors.As(err, &ds) || len(ds) != 1 || !strings.HasPrefix(fmt.Sprint(ds[0].Line, " ", ds[0].Code, " ", ds[0].Message), want) {
			t.Errorf("%q gives %v, want %s", entry, err, want)
		}
	}
}
