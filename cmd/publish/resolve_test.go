package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/site"
)

// TestResolver asks a server for accounts: one with a page, one whose page is said to be elsewhere, one without an actor, none.
func TestResolver(t *testing.T) {
	t.Parallel()
	var host string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, _, _ := strings.Cut(strings.TrimPrefix(r.FormValue("resource"), "acct:"), "@")
		self := `{"rel":"self","type":"application/activity+json","href":"http://` + host + `/users/` + user + `"}`
		page := `{"rel":"http://webfinger.net/rel/profile-page","type":"text/html","href":"http://` + host + `/@` + user + `"}`
		links := map[string]string{"ada": self + "," + page, "eve": self + "," + strings.ReplaceAll(page, host, "bank.example"), "bob": page}[user]
		if links == "" || r.Header.Get("Signature") != "" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/jrd+json")
		w.Write([]byte(`{"subject":"acct:` + user + `@` + host + `","links":[` + links + `]}`))
	}))
	defer server.Close()
	host = strings.TrimPrefix(server.URL, "http://")
	c := &site.Config{Site: site.Site{URL: server.URL}, Federation: site.Federation{URL: server.URL}}
	for user, want := range map[string]publisher.Mentioned{
		"ada": {ID: server.URL + "/users/ada", URL: server.URL + "/@ada", Handle: "ada@" + host},
		"eve": {ID: server.URL + "/users/eve", URL: server.URL + "/users/eve", Handle: "eve@" + host},
	} {
		if got, err := resolver(c)(t.Context(), user+"@"+host); err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", user, got, err, want)
		}
	}
	for _, user := range []string{"bob", "nobody"} {
		if got, err := resolver(c)(t.Context(), user+"@"+host); err == nil {
			t.Errorf("%s was found: %+v", user, got)
		}
	}
}
