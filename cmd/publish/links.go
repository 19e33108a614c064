package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/site"
)

// The codes of links to other sites.
const (
	codeLinkGone      = "P089" // 404 or 410
	codeLinkUnreached = "P038" // nobody answers, or with an error of its own
	codeLinkMoved     = "P039" // it moved for good
)

// Bounds on a look at other sites. Each address has ten seconds (remote.Options).
const (
	hostsAtOnce = 8
	maxLinks    = 5_000 // addresses of one run
	deadAfter   = 2     // silent addresses of one host, after which the others are not asked
	linkAge     = 24 * time.Hour
	maxMemory   = 8 << 20 // bytes of the file below
)

// linksFile remembers how other sites answered, beside publish's own memory: a day later they are asked again.
const linksFile = ".cache/links.json"

// linkAnswer is what an address answered.
type linkAnswer struct {
	At     time.Time `json:"at"`
	Status int       `json:"status"`
	Moved  string    `json:"moved,omitempty"`

	err error // nobody answered: never remembered
}

// linkChecker asks other sites whether the pages that posts link to are there.
type linkChecker struct {
	client *remote.Client
	now    time.Time
	step   func(stage string, done, total int)

	mu      sync.Mutex
	done    int
	answers map[string]linkAnswer
}

// checkLinks gives a warning for each link that is dead, moved or silent.
func checkLinks(ctx context.Context, c *site.Config, links []publisher.External, step func(stage string, done, total int)) (ds site.Diagnostics, err error) {
	from := remote.New(remote.Options{UserAgent: "Postil/" + cli.Version() + " (link check; +" + c.Addresses().Home() + ")", Dev: local(c.Site.URL), AllowNetworks: c.AllowedNetworks()})
	defer from.Close()
	l := &linkChecker{client: from, now: now(), step: step, answers: recallLinks(c, now())}
	hosts := map[string][]string{}
	asked := map[string]bool{}
	for _, e := range links {
		if _, known := l.answers[e.URL]; known || asked[e.URL] || len(asked) >= maxLinks {
			continue
		}
		if u, err := url.Parse(e.URL); err == nil {
			asked[e.URL] = true
			hosts[u.Host] = append(hosts[u.Host], e.URL)
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(hostsAtOnce)
	for _, list := range hosts {
		g.Go(func() error { return l.ask(ctx, list, len(asked)) })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	used := map[string]linkAnswer{}
	for _, e := range links {
		a, ok := l.answers[e.URL]
		if !ok {
			continue
		}
		if a.err == nil {
			used[e.URL] = a
		}
		if d := judge(e, a); d.Code != "" {
			ds = append(ds, d)
		}
	}
	rememberLinks(c, used)
	return ds, nil
}

// ask asks one host for its pages, one after the other.
func (l *linkChecker) ask(ctx context.Context, list []string, total int) error {
	silent := 0
	for _, at := range list {
		var a linkAnswer
		if silent < deadAfter {
			v, err := l.client.Visit(ctx, at)
			a = linkAnswer{At: l.now, Status: v.Status, Moved: v.Moved, err: err}
		} else {
			a.err = errors.New("the server did not answer before")
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if silent++; a.err == nil {
			silent = 0
		}
		l.note(at, a, total)
	}
	return nil
}

func (l *linkChecker) note(at string, a linkAnswer, total int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers[at] = a
	l.done++
	l.step("Asking other sites", l.done, total)
}

// judge gives the warning that an answer deserves, without a code for none. A site that keeps programs out (401, 403, 429 and the like)
// says nothing about what a reader finds there.
func judge(e publisher.External, a linkAnswer) site.Diagnostic {
	d := e.At
	switch {
	case errors.Is(a.err, remote.ErrBlocked):
		d.Code, d.Message = codeLinkUnreached, "this address is not one of the public web, so it was not asked: "+e.URL
		d.Help = "readers elsewhere cannot follow it"
	case a.err != nil:
		d.Code, d.Message = codeLinkUnreached, "nobody answers at "+e.URL+": "+reason(a.err)
		d.Help = "try it in a browser; if the site is gone, the Internet Archive may have the page"
	case a.Status == http.StatusNotFound || a.Status == http.StatusGone:
		d.Code, d.Message = codeLinkGone, fmt.Sprintf("%s is gone (%d)", e.URL, a.Status)
		d.Help = "link to where it is now, or to the Internet Archive: https://web.archive.org/web/" + e.URL
	case a.Status >= 500 && a.Status < 600:
		d.Code, d.Message = codeLinkUnreached, fmt.Sprintf("%s answers with an error of its own (%d)", e.URL, a.Status)
		d.Help = "it may pass: check again tomorrow"
	case a.Moved != "" && a.Status < 400:
		d.Code, d.Message, d.Help = codeLinkMoved, e.URL+" moved for good", "link to "+a.Moved
	}
	return d
}

// reason is the last part of an error of the network, which says the rest.
func reason(err error) string {
	var of *url.Error
	if errors.As(err, &of) {
		if of.Timeout() {
			return "it takes too long"
		}
		err = of.Err
	}
	return err.Error()
}

// recallLinks are the answers of the last day.
func recallLinks(c *site.Config, now time.Time) map[string]linkAnswer {
	known := map[string]linkAnswer{}
	file := c.Path(linksFile)
	if info, err := os.Stat(file); err != nil || info.Size() > maxMemory {
		return known
	}
	data, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(data, &known) != nil {
		return map[string]linkAnswer{}
	}
	for at, a := range known {
		if age := now.Sub(a.At); age < 0 || age > linkAge {
			delete(known, at)
		}
	}
	return known
}

// rememberLinks writes them down, whole or not at all. Where that fails they are asked again.
func rememberLinks(c *site.Config, answers map[string]linkAnswer) {
	file := c.Path(linksFile)
	data, err := json.Marshal(answers)
	if err != nil || os.MkdirAll(filepath.Dir(file), 0o755) != nil {
		return
	}
	if os.WriteFile(file+".new", data, 0o644) == nil {
		_ = os.Rename(file+".new", file)
	}
}
