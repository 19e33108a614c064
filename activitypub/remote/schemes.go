package remote

import (
	"container/list"
	"sync"

	"github.com/postil-blog/postil/activitypub/signature"
)

// schemes remembers which way of signing each host took. It is bounded: hosts are named by strangers, and the one asked longest
// ago is forgotten first. Nothing is lost with it but one request.
type schemes struct {
	mu    sync.Mutex
	max   int
	order *list.List // of hostScheme, most recent first
	hosts map[string]*list.Element
}

type hostScheme struct {
	host   string
	scheme signature.Scheme
}

func newSchemes(limit int) *schemes {
	return &schemes{max: limit, order: list.New(), hosts: make(map[string]*list.Element)}
}

// of gives the scheme to try first: draft-cavage for strangers, because some peers say 202 to what they cannot verify and drop it.
func (s *schemes) of(host string) signature.Scheme {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.hosts[host]
	if !ok {
		return signature.DraftCavage
	}
	s.order.MoveToFront(e)
	return e.Value.(hostScheme).scheme
}

// worked remembers what a host took.
func (s *schemes) worked(host string, scheme signature.Scheme) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.hosts[host]; ok {
		e.Value = hostScheme{host, scheme}
		s.order.MoveToFront(e)
		return
	}
	s.hosts[host] = s.order.PushFront(hostScheme{host, scheme})
	if s.order.Len() > s.max {
		oldest := s.order.Remove(s.order.Back()).(hostScheme)
		delete(s.hosts, oldest.host)
	}
}

// other is the second knock.
func other(s signature.Scheme) signature.Scheme {
	if s == signature.DraftCavage {
		return signature.RFC9421
	}
	return signature.DraftCavage
}
