package remote

import (
	"net/http"
	"testing"
)

// TestCommandKeepsTheToken: a token is for the address that was asked, so a redirect is an answer and not followed.
func TestCommandKeepsTheToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.handle("a.example.com/api", func(rw http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); r.Method != http.MethodPost || got != "Bearer secret" {
			t.Errorf("%s with %q", r.Method, got)
		}
		http.Redirect(rw, r, "https://b.example.com/api", http.StatusTemporaryRedirect)
	})
	status, err := w.client(Options{}).Command(t.Context(), "https://a.example.com/api", "secret")
	if status != http.StatusTemporaryRedirect || err != nil {
		t.Errorf("got %d, %v, want the redirect itself", status, err)
	}
	if n := len(w.requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}
