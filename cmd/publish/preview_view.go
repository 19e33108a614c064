package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/publisher/peers"
	"github.com/postil-blog/postil/publisher/sample"
	"github.com/postil-blog/postil/site"
)

// commentKinds are the values of --comments.
var commentKinds = []string{"fixtures", "live", "none"}

// threads gives the comments that a preview shows: sample ones, or those that inboxd has now.
func threads(cmd *cobra.Command, c *site.Config, kind string) func(p *publisher.Post) *activitypub.Thread {
	switch kind {
	case "none":
		return func(*publisher.Post) *activitypub.Thread { return nil }
	case "live":
		return liveThreads(cmd, c)
	}
	a := c.Addresses()
	of := sample.Threads("@" + a.Acct())
	return func(p *publisher.Post) *activitypub.Thread {
		return of(sample.Post{ID: a.Post(p.Key), URL: a.Page(p.Path), Key: p.Key, Language: p.Lang})
	}
}

// liveThreads asks inboxd for the comments of every post that is out, once. Where it does not answer, what was pulled is shown.
func liveThreads(cmd *cobra.Command, c *site.Config) func(p *publisher.Post) *activitypub.Thread {
	out, err := publishedList(c)
	if err != nil {
		fmt.Fprintln(cmd.ErrOrStderr(), err)
		return nil
	}
	live := map[string]*activitypub.Thread{}
	from := client(c)
	for _, post := range out.Posts {
		key, ok := c.Addresses().PostKey(post.ID)
		if !ok || post.InReplyTo != "" {
			continue
		}
		data, err := from.File(cmd.Context(), c.Addresses().Thread(post.ID), maxThread)
		if err != nil {
			fmt.Fprintf(cmd.ErrOrStderr(), "inboxd did not give the comments, those of comments/ are shown: %v\n", err)
			return nil
		}
		var t activitypub.Thread
		if json.Unmarshal(data, &t) == nil {
			live[key] = &t
		}
	}
	return func(p *publisher.Post) *activitypub.Thread { return live[p.Key] }
}

func hostOf(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return hostport
}

// peer shows the post whose page is named as Mastodon shows it.
func (p *previewer) peer(w http.ResponseWriter, r *http.Request) {
	at, err := url.PathUnescape(strings.TrimPrefix(r.URL.Query().Get("page"), p.base))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	page, err := p.look(r, at)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'")
	w.Write(page)
}

func (p *previewer) look(r *http.Request, at string) ([]byte, error) {
	o := publisher.Options{Config: p.site, Announce: true}
	posts, _, err := publisher.Scan(r.Context(), o)
	if err != nil {
		return nil, err
	}
	for _, post := range posts {
		if post.Path != at || post.Page || post.Reply {
			continue
		}
		doc, err := publisher.Article(r.Context(), o, post)
		if err != nil {
			return nil, err
		}
		sent, err := peers.Read(doc)
		if err != nil {
			return nil, err
		}
		sent.Acct, sent.Group = sender(p.site, sent), p.site.Federation.Type == "Group"
		sent.Page = peers.Page{Title: post.Title, Text: post.Summary}
		view, _ := peers.Look("mastodon", sent)
		var b bytes.Buffer
		err = peers.WritePage(&b, post.Title, []peers.View{view})
		return b.Bytes(), err
	}
	return nil, fmt.Errorf("this page is no post: followers get posts alone")
}
