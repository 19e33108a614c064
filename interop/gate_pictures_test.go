package interop

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// pictured is the blog's address in the pictures of the documents. The browser is told where it is.
const pictured = "http://notes.example"

// mapped are the browser's flags for a blog that has another address than the one it is reached at.
func mapped(b *blog) []chromedp.ExecAllocatorOption {
	if *pictures == "" {
		return nil
	}
	return []chromedp.ExecAllocatorOption{
		chromedp.Flag("host-resolver-rules", "MAP notes.example:80 "+strings.TrimPrefix(b.base, "http://")),
		chromedp.Flag("unsafely-treat-insecure-origin-as-secure", pictured),
	}
}

// portraits are the views of the gate that the documents show, with the element that the page is scrolled to.
var portraits = map[string]string{
	"home-light-1280": "body", "long-light-1280": "body", "long-dark-1280": "body", "long-dark-390": "body", "home-light-390": "body",
	"long-light-390": "#comments", "plain-home-light-1280": "body", "plain-long-dark-1280": "body",
}

// portrait writes what the window shows, not the page in its whole length.
func portrait(t *testing.T, ctx context.Context, name string) {
	to, ok := portraits[name]
	if !ok {
		return
	}
	err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector("`+to+`").scrollIntoView()`))
	if err != nil {
		t.Error(err)
		return
	}
	shot, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{})
	if err != nil {
		t.Error(err)
		return
	}
	if to != "body" {
		name = "comments" + strings.TrimPrefix(name, "long")
	}
	if err := os.WriteFile(filepath.Join(*pictures, strings.Replace(name, "long", "post", 1)+".png"), shot.Data, 0o644); err != nil {
		t.Error(err)
	}
}
