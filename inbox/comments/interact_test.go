package comments

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/postil-blog/postil/store"
)

// send posts the form as a browser does that shows our page, unless headers say otherwise.
func (b *blog) send(intent, uri, acct string, headers ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	form := url.Values{"intent": {intent}, "uri": {uri}, "acct": {acct}}
	r := httptest.NewRequest(http.MethodPost, "https://example.blog/interact", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

func TestInteractAsksForAccount(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	reply := b.reply(1, b.person("ada"), "", "<p>hi</p>")
	for _, c := range []struct{ query, want string }{
		{"intent=reply&uri=" + url.QueryEscape(postID), `value="` + postID + `"`},
		{"intent=share&uri=" + url.QueryEscape(postURL), `value="` + postID + `"`},
		{"intent=like&uri=" + url.QueryEscape(reply), `value="` + reply + `"`},
		{"intent=follow", `value="https://example.blog/ap/actor"`},
		{"intent=follow&uri=https%3A%2F%2Fexample.blog%2Fap%2Factor&acct=you%40social.example", `value="you@social.example"`},
	} {
		w := b.get("/interact?" + c.query)
		body := w.Body.String()
		if w.Code != 200 || !strings.Contains(body, c.want) || !strings.Contains(body, `<form method="post" action="/interact">`) {
			t.Errorf("%s = %d, want a form with %s\n%s", c.query, w.Code, c.want, body)
		}
		if !strings.Contains(body, `href="/assets/style.1234abcd.css"`) {
			t.Errorf("%s: the page has no style", c.query)
		}
	}
}

// What is no address of the fediverse, and what is ours and not out, does not exist.
func TestInteractKnowsNothingElse(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, q := range []url.Values{
		{"intent": {"reply"}, "uri": {"http://evil.example/1"}}, {"intent": {"follow"}, "uri": {"javascript:alert(1)"}}, {"intent": {"reply"}}, {},
		{"intent": {"destroy"}, "uri": {postID}}, {"intent": {"share"}, "uri": {"https://evil.example/1"}}, {"intent": {"reply"}, "uri": {postID + "x"}},
		{"intent": {"reply"}, "uri": {"https://you@evil.example/1"}}, {"intent": {"like"}, "uri": {"https://127.0.0.1/1"}}, {"intent": {"like"}, "uri": {"https://localhost/1"}},
		{"intent": {"like"}, "uri": {"https://EXAMPLE.blog:443/ap/posts/none"}}, {"intent": {"like"}, "uri": {"https://evil.example/" + strings.Repeat("x", 1024)}},
	} {
		if w := b.get("/interact?" + q.Encode()); w.Code != http.StatusNotFound {
			t.Errorf("GET %v = %d, want 404", q, w.Code)
		}
		if w := b.send(q.Get("intent"), q.Get("uri"), "you@social.example"); w.Code != http.StatusNotFound {
			t.Errorf("POST %v = %d, want 404", q, w.Code)
		}
	}
}

// Who says to be at home here is sent here with what they want to answer elsewhere (FEP-3b86): their own server gets it, if it says where, and
// nothing leads to the address itself.
func TestInteractElsewhere(t *testing.T) {
	t.Parallel()
	address := ""
	b := newBlog(t, func(_ *blog, o *Options) {
		o.Subscribe = func(context.Context, string, string) (string, error) { return address, nil }
	})
	held := b.reply(1, b.person("ada"), "", "<p>hi</p>", func(m *store.Comment) { m.State = store.Held })
	const there = "https://other.example/notes/1?a=<b>&c"
	for _, uri := range []string{there, held} { // that one is kept here and does not show is told to nobody
		w := b.get("/interact?intent=reply&uri=" + url.QueryEscape(uri))
		if body := w.Body.String(); w.Code != 200 || strings.Contains(body, `href="https://other.example`) || strings.Contains(body, "<b>") || !strings.Contains(body, "<form") {
			t.Errorf("%s: %d, want the form and no link\n%s", uri, w.Code, body)
		}
	}
	for _, c := range []struct{ address, acct, want string }{
		{"https://social.example/i?uri={uri}", "you@social.example", "https://social.example/i?uri=https%3A%2F%2Fother.example%2Fnotes%2F1%3Fa%3D%3Cb%3E%26c"},
		{"", "you@social.example", ""}, {"http://social.example/i?uri={uri}", "you@social.example", ""}, {"{uri}", "you@social.example", ""},
		{"https://example.blog/interact?uri={uri}", "you@example.blog", ""}, {"https://example.blog/interact?uri={uri}", "EXAMPLE.blog", ""},
	} {
		address = c.address
		w := b.send("reply", there, c.acct)
		if got := w.Header().Get("Location"); got != c.want || (w.Code == http.StatusSeeOther) != (c.want != "") {
			t.Errorf("through %q as %s: %d to %q, want %q", c.address, c.acct, w.Code, got, c.want)
		}
	}
}

func TestInteractLeadsToTheReadersServer(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, c := range []struct{ intent, uri, acct, want string }{
		{"reply", postID, "@you@social.example", "https://social.example/authorize_interaction?uri=https%3A%2F%2Fexample.blog%2Fap%2Fposts%2F7"},
		{"boost", postURL, "social.example", "https://social.example/authorize_interaction?uri=https%3A%2F%2Fexample.blog%2Fap%2Fposts%2F7"},
		{"follow", "", "https://social.example/@you", "https://social.example/authorize_interaction?uri=https%3A%2F%2Fexample.blog%2Fap%2Factor"},
		{"share", postID, "you@Social.Example.", "https://social.example/share?text=Federating%20https%3A%2F%2Fexample.blog%2Fposts%2Ffederating%2F"},
		{"reply", postID, "du@müller.example", "https://xn--mller-kva.example/authorize_interaction?uri=https%3A%2F%2Fexample.blog%2Fap%2Fposts%2F7"},
	} {
		w := b.send(c.intent, c.uri, c.acct)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != c.want {
			t.Errorf("%s with %s = %d to %q, want 303 to %q", c.intent, c.acct, w.Code, w.Header().Get("Location"), c.want)
		}
	}
}

// An address in a link must not be able to send a reader anywhere: only the form does.
func TestInteractIsNoOpenRedirect(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	w := b.get("/interact?intent=reply&uri=" + url.QueryEscape(postID) + "&acct=evil.example")
	if w.Code != 200 || w.Header().Get("Location") != "" {
		t.Errorf("GET with an account = %d to %q, want the form", w.Code, w.Header().Get("Location"))
	}
	for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "", "Origin", "https://evil.example"}} {
		if w := b.send("reply", postID, "evil.example", headers...); w.Code != http.StatusForbidden || w.Header().Get("Location") != "" {
			t.Errorf("POST with %v = %d to %q, want 403", headers, w.Code, w.Header().Get("Location"))
		}
	}
}

func TestInteractSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	b := newBlog(t, func(_ *blog, o *Options) {
		o.Subscribe = func(context.Context, string, string) (string, error) { return "", errors.New("no such host") }
	})
	for acct, want := range map[string]string{"not an account": "That is not an account", "": "That is not an account", "you@nowhere.example": "nowhere.example did not answer"} {
		w := b.send("reply", postID, acct)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), want) || !strings.Contains(w.Body.String(), `role="alert"`) {
			t.Errorf("with %q = %d, want 422 and %q\n%s", acct, w.Code, want, w.Body)
		}
	}
}

func TestInteractFillsTheServersAddress(t *testing.T) {
	t.Parallel()
	var asked [2]string
	address := ""
	b := newBlog(t, func(_ *blog, o *Options) {
		o.Subscribe = func(_ context.Context, account, intent string) (string, error) {
			asked = [2]string{account, intent}
			return address, nil
		}
	})
	const id = "https%3A%2F%2Fexample.blog%2Fap%2Fposts%2F7"
	for _, c := range []struct{ intent, address, want string }{
		{"reply", "https://social.example/new?to={inReplyTo}&next={on-success}", "https://social.example/new?to=" + id + "&next=https%3A%2F%2Fexample.blog%2Fposts%2Ffederating%2F"},
		{"like", "https://social.example/like?o={object}&x={unknown}", "https://social.example/like?o=" + id + "&x="},
		{"share", "https://social.example/compose?text={content}", "https://social.example/compose?text=Federating%20https%3A%2F%2Fexample.blog%2Fposts%2Ffederating%2F"},
		{"reply", "", "https://social.example/authorize_interaction?uri=" + id},
	} {
		address = c.address
		w := b.send(c.intent, postID, "you@social.example")
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != c.want {
			t.Errorf("%s through %s = %d to %q, want %q", c.intent, c.address, w.Code, w.Header().Get("Location"), c.want)
		}
		if want := [2]string{"you@social.example", c.intent}; asked != want {
			t.Errorf("asked %v, want %v", asked, want)
		}
	}
	for _, bad := range []string{"http://social.example/?u={uri}", "javascript:alert({uri})", "//social.example/{uri}", "/relative?u={uri}", "https://user@social.example/{uri}"} {
		address = bad
		if w := b.send("reply", postID, "you@social.example"); w.Code != http.StatusUnprocessableEntity || w.Header().Get("Location") != "" {
			t.Errorf("through %s = %d to %q, want 422", bad, w.Code, w.Header().Get("Location"))
		}
	}
}

// A server may name another host (split domains do). The reader sees it before going there.
func TestInteractShowsAnotherHostFirst(t *testing.T) {
	t.Parallel()
	b := newBlog(t, func(_ *blog, o *Options) {
		o.Subscribe = func(context.Context, string, string) (string, error) { return "https://other.example/?u={uri}", nil }
	})
	w := b.send("reply", postID, "you@social.example")
	body := w.Body.String()
	if w.Code != 200 || w.Header().Get("Location") != "" || !strings.Contains(body, "you@social.example leads to other.example.") || !strings.Contains(body, `href="https://other.example/?u=https%3A%2F%2Fexample.blog%2Fap%2Fposts%2F7"`) {
		t.Errorf("= %d to %q\n%s", w.Code, w.Header().Get("Location"), body)
	}
}

func TestInteractOnPlainHTTP(t *testing.T) {
	t.Parallel()
	b := newBlog(t, func(b *blog, o *Options) {
		b.config.Site.URL = "http://localhost:8080"
		o.Subscribe = func(context.Context, string, string) (string, error) { return "http://a.localhost:4442/i?u={uri}", nil }
	})
	w := b.send("follow", "", "ada@a.localhost:4442")
	if want := "http://a.localhost:4442/i?u=http%3A%2F%2Flocalhost%3A8080%2Fap%2Factor"; w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
		t.Errorf("= %d to %q, want %q", w.Code, w.Header().Get("Location"), want)
	}
}

func TestInteractRefusesLargeForms(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	if w := b.send("reply", postID, strings.Repeat("x", maxForm+1)); w.Code != http.StatusBadRequest {
		t.Errorf("= %d, want 400", w.Code)
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	const (
		create, object = "https://w3id.org/fep/3b86/Create", "https://w3id.org/fep/3b86/Object"
		subscribe      = "http://ostatus.org/schema/1.0/subscribe"
	)
	mastodon := []Link{{"self", "https://a.example/u"}, {subscribe, "https://a.example/authorize_interaction?uri={uri}"}}
	full := append([]Link{{create, "https://a.example/c?text={content}"}, {object, "https://a.example/o?u={object}"}, {"https://w3id.org/fep/3b86/Like", "https://a.example/l?u={object}"},
		{"https://w3id.org/fep/3b86/Announce", "https://a.example/b?u={object}"}, {"https://w3id.org/fep/3b86/Follow", "https://a.example/f?u={object}"}}, mastodon...)
	replies := append([]Link{{strings.ToUpper(create), "https://a.example/r?to={inReplyTo}"}}, full[1:]...)
	for _, c := range []struct {
		name   string
		links  []Link
		intent string
		want   string
	}{
		{"ostatus alone", mastodon, "reply", "https://a.example/authorize_interaction?uri={uri}"},
		{"ostatus alone", mastodon, "share", ""},
		{"a Create that cannot reply", full, "reply", "https://a.example/o?u={object}"},
		{"a Create that can, in capitals", replies, "reply", "https://a.example/r?to={inReplyTo}"},
		{"own rel", full, "like", "https://a.example/l?u={object}"},
		{"own rel", full, "boost", "https://a.example/b?u={object}"},
		{"own rel", full, "follow", "https://a.example/f?u={object}"},
		{"own rel", full, "share", "https://a.example/c?text={content}"},
		{"nothing", nil, "reply", ""},
		{"unknown intent", full, "destroy", ""},
	} {
		if got := Choose(c.links, c.intent); got != c.want {
			t.Errorf("%s: Choose(%s) = %q, want %q", c.name, c.intent, got, c.want)
		}
	}
}

func TestParseAccount(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"@you@social.example": "you@social.example", "you@social.example": "you@social.example", " acct:you@social.example ": "you@social.example",
		"social.example": "social.example", "SOCIAL.Example:8443": "social.example:8443", "https://social.example/@you": "you@social.example",
		"https://social.example/users/you": "social.example", "https://social.example/": "social.example", "du@münchen.example": "du@xn--mnchen-3ya.example",
		"": "", "you": "", "you@": "", "@": "", "@@social.example": "", "you@localhost": "", "you@127.0.0.1": "", "you@[::1]": "", "you@2130706433": "", "you@0x7f.0x1": "", "you@1.2.3": "",
		"you@social.example/path": "", "you@social.example?x": "", "you@evil@social.example": "", "javascript://social.example": "", "https://a@social.example/": "",
		"you@social.example:99999999": "", "you@social.example:80a": "", "you@-x.example": "", "you@a b.example": "", "y/ou@social.example": "", "you@social..example": "",
	} {
		got, ok := parseAccount(in, false)
		if !ok {
			got = account{}
		}
		if got.account() != want {
			t.Errorf("parseAccount(%q) = %q, %t, want %q", in, got.account(), ok, want)
		}
	}
	for _, in := range []string{"ada@a.localhost:4442", "localhost:8080", "you@127.0.0.1:4442"} {
		if _, ok := parseAccount(in, true); !ok {
			t.Errorf("parseAccount(%q) on plain http is refused", in)
		}
	}
}

// Whatever is typed, what comes out is one host that a URL can be made of, and nothing else.
func FuzzParseAccount(f *testing.F) {
	for _, s := range []string{"@you@social.example", "https://social.example/@you", "you@münchen.example", "you@social.example:80", "a@b@c", "https://x.example\\@evil.example/", "you@social。example"} {
		f.Add(s)
	}
	c := &Comments{}
	f.Fuzz(func(t *testing.T, s string) {
		a, ok := parseAccount(s, false)
		if !ok {
			return
		}
		u, err := url.Parse(c.usualAddress(a.name, "reply"))
		if err != nil || u.Host != a.name || u.User != nil || u.Path != "/authorize_interaction" {
			t.Errorf("parseAccount(%q) gives the host %q", s, a.name)
		}
		if !strings.Contains(u.Hostname(), ".") || strings.ContainsAny(a.user, "/@?#") {
			t.Errorf("parseAccount(%q) = %+v", s, a)
		}
	})
}

func TestFill(t *testing.T) {
	t.Parallel()
	values := map[string]string{"uri": "https://x/?a=b c&d#é"}
	for in, want := range map[string]string{
		"https://a/?u={uri}": "https://a/?u=https%3A%2F%2Fx%2F%3Fa%3Db%20c%26d%23%C3%A9", "{nosuch}x": "x", "no": "no", "open{uri": "open", "{uri}{uri}": "https%3A%2F%2Fx%2F%3Fa%3Db%20c%26d%23%C3%A9https%3A%2F%2Fx%2F%3Fa%3Db%20c%26d%23%C3%A9",
	} {
		if got := fill(in, values); got != want {
			t.Errorf("fill(%q) = %q, want %q", in, got, want)
		}
	}
}
