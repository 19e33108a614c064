package daemon

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/postil-blog/postil/activitypub/signature"
)

// TestSchemesOutliveTheDaemon holds that a server which takes RFC 9421 alone is not knocked at twice after a restart.
func TestSchemesOutliveTheDaemon(t *testing.T) {
	t.Parallel()
	requests := 0
	peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		if r.Header.Get("Signature-Input") == "" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer peer.Close()
	c := load(t, "[site]\nurl = \"http://127.0.0.1\"\n")
	private, err := signature.Generate()
	if err != nil {
		t.Fatal(err)
	}
	key, log := signature.Key{ID: "http://127.0.0.1/ap/instance#main-key", Private: private}, slog.New(slog.DiscardHandler)
	for i, want := range []int{2, 1} {
		s, err := open(t.Context(), c, log)
		if err != nil {
			t.Fatal(err)
		}
		client, err := knowing(t.Context(), c, Options{Dev: true}, s, key)
		if err != nil {
			t.Fatal(err)
		}
		requests = 0
		if r := client.Deliver(t.Context(), peer.URL+"/inbox", []byte(`{}`), key); r.Status != http.StatusOK || requests != want {
			t.Errorf("start %d: %+v after %d requests, want %d", i, r, requests, want)
		}
		learn(t.Context(), s, client, log)
		client.Close()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
