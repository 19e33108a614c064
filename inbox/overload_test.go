package inbox

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// SpendKeys uses up what may be fetched of a domain's keys at a moment.
func (i *Inbox) SpendKeys(domain string, now time.Time) {
	for i.limits.fetches.take(domain, 1, now) == 0 {
	}
}

// TestOverload: beyond what the machine can take, a request is refused before a byte of it is read.
func TestOverload(t *testing.T) {
	t.Parallel()
	now := time.Now()
	i := &Inbox{o: Options{Now: func() time.Time { return now }}, limits: newLimits()}
	taken := 0
	for taken < 50_000 && i.overload("") == nil {
		taken++
	}
	if taken != 20_000 {
		t.Errorf("%d requests taken at once, want 20000", taken)
	}
	now = now.Add(time.Second)
	if err := i.overload(""); err != nil {
		t.Errorf("a second later: %v", err)
	}
}

// TestActivitiesOfOneServer: strangers of one server may say so much, then it is told to wait; who is known goes on for longer.
func TestActivitiesOfOneServer(t *testing.T) {
	t.Parallel()
	now := time.Now()
	said := func(fetched bool) int {
		i := &Inbox{limits: newLimits()}
		for n := range 200_000 {
			l := &letter{activity: &activitypub.Object{Type: "Like"}, fetched: fetched, now: now,
				actor: store.Actor{ID: fmt.Sprintf("https://s%d.big.example/users/%d", n%7, n)}}
			var no refusal
			if err := i.afford(l); errors.As(err, &no) {
				if no.status != http.StatusTooManyRequests || no.after <= 0 {
					t.Errorf("refused with %d after %v, want 429 and a time", no.status, no.after)
				}
				return n
			}
		}
		return -1
	}
	if strangers, known := said(true), said(false); strangers != 10_000 || known != 100_000 {
		t.Errorf("%d of strangers and %d of people known, want 10000 and 100000", strangers, known)
	}
}
