package inbox

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/activitypub/remote/remotetest"
)

func TestReadersServerIsAsked(t *testing.T) {
	t.Parallel()
	front := httptest.NewUnstartedServer(nil)
	origin := "http://" + front.Listener.Addr().String()
	peer := remotetest.New(origin)
	peer.Account("ada", "Ada")
	front.Config.Handler = peer
	front.Start()
	t.Cleanup(front.Close)
	host := strings.TrimPrefix(origin, "http://")
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	i := &Inbox{o: Options{Client: remote.New(remote.Options{Dev: true}), Now: func() time.Time { return now }}, limits: newLimits(), asked: newLRU[answered](keptAnswers)}

	got, err := i.subscribe(t.Context(), "ada@"+host, "reply")
	if want := origin + "/authorize_interaction?uri={uri}"; err != nil || got != want {
		t.Errorf("subscribe = %q, %v, want %q", got, err, want)
	}
	if _, err := i.subscribe(t.Context(), "nobody@"+host, "reply"); err == nil {
		t.Error("an account that is not there is no error")
	}
	asked := len(peer.Requests())
	if got, err := i.subscribe(t.Context(), host, "reply"); got != "" || err != nil || len(peer.Requests()) != asked {
		t.Errorf("a server alone: %q, %v, want no question", got, err)
	}
	// An answer holds for a day, for every intent; after that the server may have changed.
	if got, err := i.subscribe(t.Context(), "Ada@"+host, "follow"); got == "" || err != nil || len(peer.Requests()) != asked {
		t.Errorf("asked again within a day: %q, %v, %d requests", got, err, len(peer.Requests())-asked)
	}
	now = now.Add(answerTime)
	if _, err := i.subscribe(t.Context(), "ada@"+host, "reply"); err != nil || len(peer.Requests()) == asked {
		t.Errorf("after a day: %v, not asked again", err)
	}
	// One stranger must not make us knock at the doors of others without end.
	for n := range 100 {
		peer.Account(fmt.Sprint("ada", n), "Ada")
		if _, err := i.subscribe(t.Context(), fmt.Sprint("ada", n, "@", host), "reply"); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(peer.Requests()); n > 40 {
		t.Errorf("%d questions in one moment, the budget is 30", n)
	}
}
