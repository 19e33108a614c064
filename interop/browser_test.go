package interop

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// pictures, when set, keeps the screenshots: go test ./interop -run Browser -pictures ../docs/pictures
var pictures = flag.String("pictures", "", "folder to write screenshots to")

// browser starts a headless Chromium.
func browser(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		missing(t, "chromium")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), append(opts, more...)...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(func() {
		chromedp.Cancel(ctx)
		cancel()
	})
	return ctx
}

// watched collects what a page must not do: console messages and requests to other hosts.
type watched struct {
	mu     sync.Mutex
	faults []string
}

func (w *watched) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, fmt.Sprintf(format, args...))
}

func (w *watched) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.faults
	w.faults = nil
	return f
}

func watch(t *testing.T, ctx context.Context, host string) *watched {
	t.Helper()
	w := &watched{}
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			w.note("console %v: %s", m.Type, m.Text)
		}
	}()
	requests := chromedp.Events(ctx, network.RequestWillBeSent)
	go func() {
		for ev, err := range requests {
			if err != nil {
				return
			}
			if u, err := url.Parse(ev.Request.URL); err != nil || u.Scheme != "data" && u.Host != host {
				w.note("request to %s", ev.Request.URL)
			}
		}
	}()
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	return w
}

// look sets the viewport, the colour scheme and whether scripts run.
func look(t *testing.T, ctx context.Context, width int64, scheme string, scripts bool) {
	t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}
	err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900))
	if err == nil {
		_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
	}
	if err == nil {
		_, err = chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func picture(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if len(shot) < 5_000 {
		t.Errorf("%s: the screenshot of %d bytes shows nothing", name, len(shot))
	}
	if *pictures != "" {
		if err := os.WriteFile(filepath.Join(*pictures, name+".png"), shot, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestBrowserDemo looks at the demo as a person would: `go run ./cmd/demo`, then a post's page in both colour schemes, on a
// screen and on a phone, with and without JavaScript.
func TestBrowserDemo(t *testing.T) {
	t.Parallel()
	demo := startDemo(t)
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()
	host := strings.TrimSuffix(strings.TrimPrefix(demo.blog, "http://"), "/")
	w := watch(t, ctx, host)
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1280, 390} {
			for _, page := range []struct{ name, path string }{{"home", ""}, {"post", demo.post}, {"archive", "archive/"}, {"interact", "interact?intent=follow"}, {"404", "nowhere/"}} {
				name := fmt.Sprintf("%s-%s-%d", page.name, scheme, width)
				look(t, ctx, width, scheme, true)
				if err := chromedp.Do(ctx, chromedp.Navigate(demo.blog+page.path)); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				overflow, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
				if err != nil || overflow > 0 {
					t.Errorf("%s: page is %d px wider than the screen (%v)", name, overflow, err)
				}
				picture(t, ctx, name)
				for _, fault := range w.take() {
					if page.name == "404" && strings.Contains(fault, "404") {
						continue
					}
					t.Errorf("%s: %s", name, fault)
				}
			}
		}
	}

	look(t, ctx, 1280, "light", false)
	if err := chromedp.Do(ctx, chromedp.Navigate(demo.blog+demo.post)); err != nil {
		t.Fatal(err)
	}
	text, err := chromedp.Run(ctx, chromedp.Text(chromedp.ID("comments")))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"@bjork@b.localhost", "@ada@a.localhost", "1 like", "1 boost", "2 replies"} {
		if !strings.Contains(text, want) {
			t.Errorf("without JavaScript the comments do not show %q:\n%s", want, text)
		}
	}
}

// TestBrowserInteract: a reader presses Reply under the post, names their account, lands on their own server, writes there, and
// finds the reply under the post. No step needs JavaScript.
func TestBrowserInteract(t *testing.T) {
	t.Parallel()
	demo := startDemo(t)
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()
	look(t, ctx, 1280, "light", false)
	const words = "Written in a browser."
	err := chromedp.Do(ctx,
		chromedp.Navigate(demo.blog+demo.post),
		chromedp.Click(chromedp.CSS(`#comments a[href*="intent=reply"]`)),
		chromedp.SendKeys(chromedp.CSS(`input[name="acct"]`), demo.ada),
		chromedp.Click(chromedp.CSS(`main button`)),
		chromedp.WaitVisible(chromedp.CSS(`textarea`)),
	)
	if err != nil {
		at, _ := chromedp.Run(ctx, chromedp.Location())
		t.Fatalf("at %s: %v", at, err)
	}
	at, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil || !strings.HasPrefix(at, "http://a.localhost:") {
		t.Fatalf("the reader is at %s (%v), want their own server", at, err)
	}
	if err := chromedp.Do(ctx, chromedp.SendKeys(chromedp.CSS(`textarea`), words)); err != nil {
		t.Fatal(err)
	}
	if res, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(`button[value="reply"]`))); err != nil || res.Status != 200 {
		t.Fatalf("writing the reply: %+v, %v", res, err)
	}
	eventually(t, "the reply is under the post", func() error {
		if err := chromedp.Do(ctx, chromedp.Navigate(demo.blog+demo.post)); err != nil {
			return err
		}
		text, err := chromedp.Run(ctx, chromedp.Text(chromedp.ID("comments")))
		if err == nil && !strings.Contains(text, words) {
			err = fmt.Errorf("the comments are:\n%s", text)
		}
		return err
	})
}
