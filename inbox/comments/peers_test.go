package comments

import (
	"context"
	"net/url"
	"strings"
	"testing"
)

// peers are the links that fediverse programs answer WebFinger with, as their sources and tests have them in 2026; %s is the server.
var peers = map[string][]Link{
	"Mastodon 4.5":          {{relSubscribe, "%s/authorize_interaction?uri={uri}"}},
	"Mastodon, FEP-3b86":    {{relSubscribe, "%s/authorize_interaction?uri={uri}"}, {relIntent + "Create", "%s/share?text={content}"}, {relIntent + "Object", "%s/authorize_interaction?uri={object}"}},
	"Pleroma, Akkoma":       {{relIntent + "Follow", "%s/activitypub/externalInteraction?uri={object}"}, {relIntent + "Create", "%s/share?url={object}"}, {relSubscribe, "%s/ostatus_subscribe?acct={uri}"}},
	"Misskey":               {{relSubscribe, "%s/authorize-follow?acct={uri}"}},
	"Friendica":             {{relSubscribe, "%s/contact/follow?url={uri}"}},
	"PeerTube":              {{relSubscribe, "%s/remote-interaction?uri={uri}"}},
	"Pixelfed (href)":       {{relSubscribe, "%s/main/ostatussub?profile={uri}"}},
	"WordPress":             {{relSubscribe, "%s/wp-json/activitypub/1.0/interactions?uri={uri}"}, {relIntent + "follow", "%s/wp-json/activitypub/1.0/interactions?uri={object}&intent=follow"}},
	"GoToSocial":            nil,
	"Lemmy":                 {{relSubscribe, "%s/activitypub/externalInteraction?uri={uri}"}},
	"NodeBB":                nil,
	"PieFed":                {{relIntent + "Create", "%s/share?url={object}"}},
	"ActivityPods":          {{relIntent + "Create", "%s/c?content={content}&inReplyTo={inReplyTo}&ok={on-success}&no={on-cancel}&x={unheard-of}"}, {relIntent + "Like", "%s/l?object={object}"}, {relIntent + "Announce", "%s/b?object={object}"}},
	"rels in other letters": {{strings.ToUpper(relIntent) + "LIKE", "%s/l?u={object}"}, {"HTTP://OSTATUS.ORG/schema/1.0/SUBSCRIBE", "%s/s?u={uri}"}},
}

// TestPeers: where a click leads the people of each program, and that it is their own server each time.
func TestPeers(t *testing.T) {
	t.Parallel()
	const usual, share = "/authorize_interaction?uri=POST", "/share?text=Federating%20PAGE"
	for name, c := range map[string]struct{ reply, like, boost, follow, share string }{
		"Mastodon 4.5":          {usual, usual, usual, "/authorize_interaction?uri=BLOG", share},
		"Mastodon, FEP-3b86":    {usual, usual, usual, "/authorize_interaction?uri=BLOG", share},
		"Pleroma, Akkoma":       {"/ostatus_subscribe?acct=POST", "/ostatus_subscribe?acct=POST", "/ostatus_subscribe?acct=POST", "/activitypub/externalInteraction?uri=BLOG", share},
		"Misskey":               {"/authorize-follow?acct=POST", "/authorize-follow?acct=POST", "/authorize-follow?acct=POST", "/authorize-follow?acct=BLOG", share},
		"Friendica":             {"/contact/follow?url=POST", "/contact/follow?url=POST", "/contact/follow?url=POST", "/contact/follow?url=BLOG", share},
		"PeerTube":              {"/remote-interaction?uri=POST", "/remote-interaction?uri=POST", "/remote-interaction?uri=POST", "/remote-interaction?uri=BLOG", share},
		"Pixelfed (href)":       {"/main/ostatussub?profile=POST", "/main/ostatussub?profile=POST", "/main/ostatussub?profile=POST", "/main/ostatussub?profile=BLOG", share},
		"WordPress":             {"/wp-json/activitypub/1.0/interactions?uri=POST", "/wp-json/activitypub/1.0/interactions?uri=POST", "/wp-json/activitypub/1.0/interactions?uri=POST", "/wp-json/activitypub/1.0/interactions?uri=BLOG&intent=follow", share},
		"GoToSocial":            {usual, usual, usual, "/authorize_interaction?uri=BLOG", share},
		"Lemmy":                 {"/activitypub/externalInteraction?uri=POST", "/activitypub/externalInteraction?uri=POST", "/activitypub/externalInteraction?uri=POST", "/activitypub/externalInteraction?uri=BLOG", share},
		"NodeBB":                {usual, usual, usual, "/authorize_interaction?uri=BLOG", share},
		"PieFed":                {usual, usual, usual, "/authorize_interaction?uri=BLOG", share},
		"ActivityPods":          {"/c?content=&inReplyTo=POST&ok=PAGE&no=PAGE&x=", "/l?object=POST", "/b?object=POST", "/authorize_interaction?uri=BLOG", "/c?content=Federating%20PAGE&inReplyTo=&ok=PAGE&no=PAGE&x="},
		"rels in other letters": {"/s?u=POST", "/l?u=POST", "/s?u=POST", "/s?u=BLOG", share},
	} {
		const server = "https://social.example"
		links := []Link{{"self", server + "/users/you"}, {"http://webfinger.net/rel/profile-page", server + "/@you"}}
		for _, l := range peers[name] {
			links = append(links, Link{l.Rel, strings.Replace(l.Template, "%s", server, 1)})
		}
		b := newBlog(t, func(_ *blog, o *Options) {
			o.Subscribe = func(_ context.Context, _, intent string) (string, error) { return Choose(links, intent), nil }
		})
		escaped := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
		fill := strings.NewReplacer("POST", escaped(postID), "BLOG", escaped("https://example.blog/ap/actor"), "PAGE", escaped(postURL))
		for intent, want := range map[string]string{"reply": c.reply, "like": c.like, "boost": c.boost, "follow": c.follow, "share": c.share} {
			uri := postID
			if intent == "follow" {
				uri = ""
			}
			w := b.send(intent, uri, "@you@social.example")
			if got, want := w.Header().Get("Location"), server+fill.Replace(want); w.Code != 303 || got != want {
				t.Errorf("%s, %s: %d to %q, want %q", name, intent, w.Code, got, want)
			}
		}
	}
}

// TestAskedByScript: the page's own script gets the same answer as JSON, and nobody else's page does.
func TestAskedByScript(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	w := b.send("reply", postID, "you@social.example", "Accept", "application/json")
	if w.Code != 200 || w.Body.String() != `{"next":"https://social.example/authorize_interaction?uri=https%3A%2F%2Fexample.blog%2Fap%2Fposts%2F7"}` || w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
	}
	if w := b.send("reply", postID, "no account", "Accept", "application/json"); w.Code != 422 || !strings.Contains(w.Body.String(), "That is not an account") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := b.send("reply", postID, "evil.example", "Accept", "application/json", "Sec-Fetch-Site", "cross-site"); w.Code != 403 {
		t.Errorf("another site's page: %d %s", w.Code, w.Body)
	}
	b = newBlog(t, func(_ *blog, o *Options) {
		o.Subscribe = func(context.Context, string, string) (string, error) { return "https://other.example/?u={uri}", nil }
	})
	if w := b.send("reply", postID, "you@social.example", "Accept", "application/json"); strings.Contains(w.Body.String(), "other.example") {
		t.Errorf("the script is led to a host that the reader did not name: %s", w.Body)
	}
	if w := b.get("/interact.js"); w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/javascript") {
		t.Errorf("the script: %d %v", w.Code, w.Header())
	}
}
