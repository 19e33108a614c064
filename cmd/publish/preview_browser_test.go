package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browser starts a headless Chromium, in which each action ends with the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil && os.Getenv("POSTIL_TEST_REAL") != "" {
		t.Fatal("chromium is missing; .ci/install installs it")
	}
	if err != nil {
		t.Skip("chromium is missing; make test installs it")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx); cancel() })
	ctx, cancel = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// TestPreviewInBrowser is a blogger at work: the page shows sample comments, a save shows at once, a fault comes over the last good page in
// the terminal's words and goes with the next save, and f shows the post as Mastodon will.
func TestPreviewInBrowser(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	dir := folder(t, map[string]string{
		"config.toml":        "format = 1\n[site]\nurl = \"https://notes.example\"\n[federation]\nenabled = true\nhandle = \"notes\"\n",
		"content/posts/d.md": draftPost,
	})
	page := startPreview(t, dir) + "posts/d/"
	waitFor(t, page, "First words.")
	// A page that loads again loses the question: it is asked anew until the answer is yes.
	holds := func(what, expression string) {
		t.Helper()
		var last error
		for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-time.After(10 * time.Millisecond) {
			yes, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
			if err == nil && yes {
				return
			}
			last = err
		}
		t.Fatalf("%s never held (%v)", what, last)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(page)); err != nil {
		t.Fatal(err)
	}
	holds("the page with its sample comments", `document.body.innerText.includes("First words.") && document.querySelectorAll("#comments article").length >= 8`)
	put(t, dir, "content/posts/d.md", strings.Replace(draftPost, "First", "Second", 1))
	holds("the new words", `document.body.innerText.includes("Second words.")`)
	put(t, dir, "content/posts/d.md", strings.Replace(draftPost, "title", "titel", 1))
	holds("the fault over the last good page", `document.querySelector("[role=alert]") !== null && document.body.innerText.includes("Second words.")`)
	fault, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("[role=alert]").textContent`))
	if err != nil || !strings.Contains(fault, `error[P003] unknown key "titel", did you mean "title"?`) || !strings.Contains(fault, "content/posts/d.md:2:1") {
		t.Errorf("the overlay says %q, %v", fault, err)
	}
	put(t, dir, "content/posts/d.md", strings.Replace(draftPost, "First", "Third", 1))
	holds("the mended page", `document.readyState === "complete" && document.body.innerText.includes("Third words.") && !document.querySelector("[role=alert]")`)
	if err := chromedp.Do(ctx, chromedp.KeyEvent("f")); err != nil {
		t.Fatal(err)
	}
	holds("the post as Mastodon shows it", `["Mastodon", "Draft"].every(word => (document.querySelector("iframe")?.contentDocument?.body?.innerText ?? "").includes(word))`)
	if err := chromedp.Do(ctx, chromedp.KeyEvent("f")); err != nil {
		t.Fatal(err)
	}
	holds("the page again", `!document.querySelector("iframe")`)
}

// waitFor asks for a page until it holds a text.
func waitFor(t *testing.T, page, text string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		if _, body := get(t, page, ""); strings.Contains(body, text) {
			return
		}
	}
	t.Fatalf("%s never held %q", page, text)
}
