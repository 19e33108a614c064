package interop

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// step is one thing that the blog and a peer do together. Cells are played in the order of the matrix: later ones build on earlier.
type step struct {
	Direction string // "in" from the peer to the blog, "out" to the peer, "get" what it fetches, "give" what the blog fetches
	Activity  string
	since     string // the first Fedify whose vocabulary has it; "" is any
	run       func(s *stage)
}

// in tells whether a step is played with a version of Fedify.
func (c step) in(version string) bool {
	return c.since == "" || strings.HasPrefix(version, c.since)
}

// stage is a blog and a peer with what they remember of each other.
type stage struct {
	t      *testing.T
	b      *blog
	p      *peer
	rec    *recorder // nil where something else stands before the daemon
	scheme string    // of every signed request, both ways
	ids    map[string]string
}

// play goes through the steps and tells of each that passed.
func (s *stage) play(t *testing.T, passed func(step)) {
	s.ids = map[string]string{}
	s.at(t)
	s.p.do("target", map[string]string{"blog": s.b.addr.Actor()})
	for _, c := range steps {
		if !c.in(s.p.version) {
			continue
		}
		if !t.Run(c.Direction+" "+c.Activity, func(t *testing.T) {
			s.at(t)
			c.run(s)
		}) {
			t.Fatalf("the steps after %q build on it", c.Activity)
		}
		s.at(t)
		passed(c)
	}
}

func (s *stage) at(t *testing.T) { s.t, s.b.t, s.p.t = t, t, t }

// says has the peer send something, wants it taken by the daemon once, signed by the row's scheme, and keeps its id under name.
func (s *stage) says(name, command string, body map[string]string) map[string]any {
	s.t.Helper()
	answer := s.p.do(command, body)
	id, _ := answer["id"].(string)
	s.ids[name] = id
	if note, ok := answer["note"].(string); ok {
		s.ids[name+" note"] = note
	}
	if s.rec == nil {
		return answer
	}
	taken := 0
	for _, r := range s.rec.of(id) {
		if r.Status == http.StatusAccepted {
			taken++
			if r.Scheme != s.scheme {
				s.t.Errorf("%s %s was taken signed by %s, want %s", r.Type, id, r.Scheme, s.scheme)
			}
		}
	}
	if taken != 1 {
		s.t.Errorf("%s was taken %d times, want once: %v", id, taken, s.rec.of(id))
	}
	return answer
}

// act is says for an activity that is no more than its type and its object.
func (s *stage) act(name, user, kind, object string) {
	s.t.Helper()
	s.says(name, "act", map[string]string{"user": user, "type": kind, "object": object})
}

// undo takes back what was said under a name.
func (s *stage) undo(user, name string) {
	s.t.Helper()
	s.says("undo of "+name, "undo", map[string]string{"user": user, "id": s.ids[name]})
}

// hears waits until the peer has verified and parsed exactly n activities of a kind, gives the newest, and wants each to have been
// taken once, at the inbox given, signed by the row's scheme.
func (s *stage) hears(kind string, n int, inboxes ...string) activity {
	s.t.Helper()
	var list []activity
	eventually(s.t, fmt.Sprintf("%d %s at the peer", n, kind), func() error {
		if list = s.p.received(kind); len(list) != n {
			return fmt.Errorf("got %d; requests: %+v", len(list), s.p.requests("requests"))
		}
		return nil
	})
	times := map[string]int{}
	for _, r := range s.p.requests("requests") {
		if r.Method != http.MethodPost || r.Type != kind || r.Status != http.StatusAccepted {
			continue
		}
		times[r.ID]++
		if r.Scheme != s.scheme {
			s.t.Errorf("%s %s was taken signed by %s, want %s", kind, r.ID, r.Scheme, s.scheme)
		}
		if !strings.HasSuffix(r.Path, "/inbox") || len(inboxes) > 0 && r.Path != inboxes[0] {
			s.t.Errorf("%s %s came to %s, want %v", kind, r.ID, r.Path, inboxes)
		}
	}
	for id, count := range times {
		if count != 1 {
			s.t.Errorf("%s %s came %d times", kind, id, count)
		}
	}
	if len(times) != n {
		s.t.Errorf("%d %s were taken, want %d", len(times), kind, n)
	}
	return list[n-1]
}

// embedded is the object of an activity, as Fedify understood it.
func embedded(a activity) map[string]any {
	o, _ := a.JSON["object"].(map[string]any)
	return o
}

func objectID(a activity) string {
	if id, ok := a.JSON["object"].(string); ok {
		return id
	}
	id, _ := embedded(a)["id"].(string)
	return id
}

// holds wants a member of a document to hold some words.
func (s *stage) holds(doc map[string]any, member string, words string) {
	s.t.Helper()
	if got := fmt.Sprint(doc[member]); !strings.Contains(got, words) {
		s.t.Errorf("%s is %s, want %q in it; the whole: %v", member, got, words, doc)
	}
}
