//go:build unix

package main

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/store"
)

// verb runs the program to its end.
func (v *victim) verb(env string, args ...string) string {
	v.t.Helper()
	cmd := exec.CommandContext(v.t.Context(), v.binary, args...)
	cmd.Dir, cmd.Env = v.dir, append(os.Environ(), env)
	out, err := cmd.CombinedOutput()
	if err != nil {
		v.t.Fatalf("inboxd %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// serveNew is the account that the blog moves to.
func (v *victim) serveNew(w http.ResponseWriter) {
	id := v.host(0) + "/users/new"
	w.Header().Set("Content-Type", activitypub.ContentType)
	json.NewEncoder(w).Encode(map[string]any{"@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": "Person", "preferredUsername": "new",
		"inbox": id + "/inbox", "outbox": id + "/outbox", "alsoKnownAs": []string{v.config.Addresses().Actor()}})
}

// TestKilledWhileLeaving kills the real program with SIGKILL while it tells followers that the account is no more, or is another one. Every
// server hears of it all the same, and no more twice than was under way; --status says so, also with federation off.
func TestKilledWhileLeaving(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, said string
		args       []string
		id         func(v *victim) string
	}{
		{"Delete", "retired on", []string{"retire", "--yes"}, func(v *victim) string { return outbox.RetireID(v.config.Addresses(), v.config.Addresses().Actor()) }},
		{"Move", "moved to", []string{"move-out", "NEW", "--dev", "--yes"}, func(v *victim) string { return outbox.MoveID(v.config.Addresses(), v.config.Addresses().Actor()) }},
	} {
		t.Run(c.kind, func(t *testing.T) {
			t.Parallel()
			const followers, kills = 200, 2
			v := newVictim(t, followers)
			v.kind = c.kind
			v.start() // makes the keys
			v.end()
			for i, arg := range c.args {
				if arg == "NEW" {
					c.args[i] = v.host(0) + "/users/new"
				}
			}
			v.verb("", c.args...)
			for n := range kills {
				v.start()
				v.wait("some of the deliveries", func() bool { return v.reached() >= (n+1)*followers/(kills+2) })
				v.kill()
				if n == 0 && v.reached() == followers {
					t.Fatal("killed too late: everything was delivered")
				}
			}
			v.start()
			v.wait("the rest of the deliveries", func() bool { return v.reached() == followers })
			v.end()
			if twice := v.twice(); twice > kills*inFlight {
				t.Errorf("%d deliveries came twice, want at most %d", twice, kills*inFlight)
			}
			t.Logf("%d kills: %d of %d deliveries came twice", kills, v.twice(), followers)
			if out := v.verb("POSTIL_FEDERATION_ENABLED=false", c.args[0], "--status"); !strings.Contains(out, c.said) || !strings.Contains(out, "200 told, 0 left") {
				t.Errorf("--status says %s", out)
			}
			s, err := store.OpenReader(t.Context(), v.database())
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if n, err := s.DeliveryCounts(t.Context(), c.id(v)); err != nil || n.Delivered != followers || n.Sum() != followers {
				t.Errorf("the ledger says %+v, %v, want all %d delivered", n, err, followers)
			}
		})
	}
}
