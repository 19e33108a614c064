package remote

import (
	"net/http"
	"testing"
)

// The token is for the address that it was given for, and for no other that this one names.
func TestCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(Options{Key: testKey()})
	w.answer("a.example.com/api", http.StatusAccepted)
	if status, err := c.Command(t.Context(), "https://a.example.com/api", "secret"); err != nil || status != http.StatusAccepted {
		t.Errorf("got %d, %v", status, err)
	}
	if r := w.requests()[0]; r.Method != http.MethodPost || r.Header.Get("Authorization") != "Bearer secret" {
		t.Errorf("%s with headers %v", r.Method, r.Header)
	}
	w.handle("a.example.com/moved", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Location", "https://b.example.com/api")
		rw.WriteHeader(http.StatusTemporaryRedirect)
	})
	if status, err := c.Command(t.Context(), "https://a.example.com/moved", "secret"); err != nil || status != http.StatusTemporaryRedirect {
		t.Errorf("redirect: got %d, %v", status, err)
	}
	if n := len(w.requests()); n != 2 {
		t.Errorf("%d requests, want 2: the redirect was followed", n)
	}
	if _, err := c.Command(t.Context(), "http://a.example.com/api", "secret"); err == nil {
		t.Error("the token went out over http")
	}
}
