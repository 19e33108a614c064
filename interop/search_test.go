package interop

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/postil-blog/postil/search"
)

// searchable are posts in several scripts.
var searchable = map[string]string{
	"fog.md":    "+++\ntitle = \"Fog over the harbour\"\ndate = 2026-10-01\ntags = [\"sea\"]\n+++\n\nNobody saw the boats.\n",
	"boats.md":  "+++\ntitle = \"Boats\"\ndate = 2026-10-02\n+++\n\nThey came in when the fog had gone.\n",
	"cafe.md":   "+++\ntitle = \"Le café œuvre\"\ndate = 2026-10-03\nlang = \"fr\"\n+++\n\nUn été, là-bas.\n",
	"tokyo.md":  "+++\ntitle = \"日本語の記事\"\ndate = 2026-10-04\nlang = \"ja\"\n+++\n\n東京で書く。Go言語も。\n",
	"sisyfo.md": "+++\ntitle = \"ΣΊΣΥΦΟΣ\"\ndate = 2026-10-05\nlang = \"el\"\n+++\n\nŁódź, Straße, İstanbul.\n",
	"hindi.md":  "+++\ntitle = \"हिन्दी में\"\ndate = 2026-10-06\nlang = \"hi\"\n+++\n\nสวัสดี 한국어\n",
}

// TestBrowserSearch: a reader types, goes through what was found with the arrow keys and opens it with Enter, under the strict policy of
// inboxd's pages and with no request to anybody else; without JavaScript the form asks the daemon, which finds the same.
func TestBrowserSearch(t *testing.T) {
	t.Parallel()
	b := startBlog(t, "", searchable)
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()
	w := watch(t, ctx, strings.TrimPrefix(b.base, "http://"))
	look(t, ctx, 1280, "light", true)

	found := func(query string) (list []string) {
		t.Helper()
		err := chromedp.Do(ctx, chromedp.Navigate(b.base+"/search/"), chromedp.SendKeys(chromedp.CSS("#q"), query))
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "an answer to "+query, func() error {
			text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.getElementById("found").textContent`))
			if err == nil && text == "" {
				err = fmt.Errorf("nothing is said")
			}
			return err
		})
		list, err = chromedp.Run(ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("#results a")].map(a => a.textContent)`))
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	// The script and inboxd read the same files: they must find the same, in every script.
	dir := os.DirFS(filepath.Join(b.dir, "public"))
	for _, query := range []string{"fog", "FO", "boats fog", "cafe", "OEUVRE", "ete", "日本", "記", "東京", "言語", "go", "σισυφος", "lodz", "strasse", "istanbul", "हिन्दी", "สวัส", "한국", "nosuch"} {
		var want []string
		docs, _, err := search.Find(dir, "search", search.LayoutOf(len(searchable)), query, 20)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range docs {
			want = append(want, d.Title)
		}
		if got := found(query); strings.Join(got, "|") != strings.Join(want, "|") || (len(want) == 0) != (query == "nosuch") {
			t.Errorf("%q: the script finds %q, inboxd %q", query, got, want)
		}
	}

	found("fog")
	picture(t, ctx, "search-light-1280")
	at := func() string {
		t.Helper()
		text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.activeElement.textContent || document.activeElement.id`))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for _, step := range []struct{ key, want string }{
		{kb.ArrowDown, "Fog over the harbour"}, {kb.ArrowDown, "Boats"}, {kb.ArrowDown, "Boats"}, {kb.ArrowUp, "Fog over the harbour"}, {kb.ArrowUp, "q"}, {kb.ArrowDown, "Fog over the harbour"}, {kb.ArrowDown, "Boats"},
	} {
		if err := chromedp.Do(ctx, chromedp.KeyEvent(step.key)); err != nil {
			t.Fatal(err)
		}
		if got := at(); got != step.want {
			t.Fatalf("after %q the focus is on %q, want %q", step.key, got, step.want)
		}
	}
	if err := chromedp.Do(ctx, chromedp.KeyEvent("\r")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "Enter opens the post", func() error {
		here, err := chromedp.Run(ctx, chromedp.Location())
		if err == nil && here != b.base+"/posts/boats/" {
			err = fmt.Errorf("the reader is at %s", here)
		}
		return err
	})
	for _, fault := range w.take() {
		t.Error(fault)
	}

	look(t, ctx, 390, "dark", false)
	err := chromedp.Do(ctx, chromedp.Navigate(b.base+"/search/"), chromedp.SendKeys(chromedp.CSS("#q"), "harbour"), chromedp.Click(chromedp.CSS("form.search button")))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the daemon finds it without JavaScript", func() error {
		text, err := chromedp.Run(ctx, chromedp.Text(chromedp.ID("results")))
		if err == nil && !strings.Contains(text, "Fog over the harbour") {
			err = fmt.Errorf("the page shows %q", text)
		}
		return err
	})
	picture(t, ctx, "search-dark-390")
}
