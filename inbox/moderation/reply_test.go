package moderation

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/postil-blog/postil/store"
)

// TestReplyForm: what shows may be answered on the page, what waits may not; the form is for who is logged in and sent from this very
// page; an own answer can be taken back and its author not be blocked.
func TestReplyForm(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	const shown, held = "https://peer.example/1", "https://peer.example/2"
	o.reply(shown, "https://peer.example/ada", "<p>Shown</p>", store.Shown)
	o.reply(held, "https://peer.example/ada", "<p>Held</p>", store.Held)
	mine := o.addr.Post("k")
	o.reply(mine, o.addr.Actor(), "<p>Mine</p>", store.Shown)
	o.reply(o.addr.Post("e"), o.addr.Author("eve"), "<p>Hers</p>", store.Hidden)
	form := url.Values{"id": {shown}, "text": {" Thank you. "}, "state": {"shown"}}
	if status, _ := o.post("/admin/reply", form); status == http.StatusOK && len(o.answers) > 0 {
		t.Error("a stranger answered")
	}
	if len(o.answers) > 0 {
		t.Fatal("a stranger answered")
	}
	o.login()
	if _, page := o.get("/admin/?state=held"); strings.Contains(page, `action="/admin/reply"`) {
		t.Error("what waits can be answered")
	}
	if _, page := o.get("/admin/?state=hidden"); !strings.Contains(page, "@"+o.addr.AcctOf("moon")) {
		t.Errorf("an author's answer is not under her handle:\n%s", page)
	}
	_, page := o.get("/admin/?state=shown")
	if strings.Count(page, `action="/admin/reply"`) != 2 || strings.Count(page, `action="/admin/withdraw"`) != 1 || strings.Count(page, "block-person") != 1 {
		t.Errorf("the page:\n%s", page)
	}
	if status, _ := o.post("/admin/reply", form); status != http.StatusOK || !slices.Equal(o.answers, []string{shown, "Thank you."}) {
		t.Errorf("%d, answers %q", status, o.answers)
	}
	for text, want := range map[string]int{"  ": http.StatusBadRequest, "private": http.StatusUnprocessableEntity} {
		if status, _ := o.post("/admin/reply", url.Values{"id": {shown}, "text": {text}}); status != want {
			t.Errorf("%q: %d, want %d", text, status, want)
		}
	}
	if _, body := o.post("/admin/reply", url.Values{"id": {shown}, "text": {"private"}}); !strings.Contains(body, "is not public") {
		t.Errorf("the owner is told %q, want why", body)
	}
	r, err := http.NewRequestWithContext(t.Context(), "POST", o.server.URL+"/admin/reply", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://evil.example")
	if status, _ := o.read(o.client.Do(r)); status != http.StatusForbidden || len(o.answers) != 2 {
		t.Errorf("from another site: %d, answers %q", status, o.answers)
	}
	if status, _ := o.post("/admin/withdraw", url.Values{"id": {mine}}); status != http.StatusOK || !slices.Equal(o.withdrawn, []string{"k"}) {
		t.Errorf("%d, withdrawn %q", status, o.withdrawn)
	}
	if status, _ := o.post("/admin/withdraw", url.Values{"id": {shown}}); status != http.StatusNotFound || len(o.withdrawn) != 1 {
		t.Errorf("somebody else's: %d, withdrawn %q", status, o.withdrawn)
	}
}
