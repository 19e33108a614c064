package remote

import (
	"container/list"
	"context"
	"net/http"
	"sync"

	"github.com/dunglas/httpsfv"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
)

// HostScheme is which way of signing a host takes, as host[:port] of its addresses. Tried: both ways were knocked with and this is the
// one that was let in, so what the host says of itself no longer counts.
type HostScheme struct {
	Host   string
	Scheme signature.Scheme
	Tried  bool
}

// schemes remembers which way of signing each host took. It is bounded: hosts are named by strangers, and the one asked longest
// ago is forgotten first. Nothing is lost with it but one request.
type schemes struct {
	mu      sync.Mutex
	max     int
	order   *list.List // of HostScheme, most recent first
	hosts   map[string]*list.Element
	changed map[string]bool // hosts that learned has not told of; at most max
}

func newSchemes(limit int, known []HostScheme) *schemes {
	s := &schemes{max: limit, order: list.New(), hosts: map[string]*list.Element{}, changed: map[string]bool{}}
	for _, h := range known {
		s.put(h)
	}
	return s
}

// of gives the scheme to try first: draft-cavage for strangers, because some peers say 202 to what they cannot verify and drop it.
// known tells whether the host is no stranger.
func (s *schemes) of(host string) (first signature.Scheme, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.hosts[host]
	if !ok {
		return signature.DraftCavage, false
	}
	s.order.MoveToFront(e)
	return e.Value.(HostScheme).Scheme, true
}

// took remembers that a stranger did not mind the scheme which was tried first.
func (s *schemes) took(host string, scheme signature.Scheme) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.hosts[host]; !ok {
		s.put(HostScheme{Host: host, Scheme: scheme})
	}
}

// worked remembers what a host took after it had refused the other scheme.
func (s *schemes) worked(host string, scheme signature.Scheme) {
	s.learn(HostScheme{host, scheme, true})
}

// advertised remembers that a host says it reads RFC 9421. What was tried with it counts for more: else one that says so and does
// not would be asked twice for ever.
func (s *schemes) advertised(host string) {
	s.mu.Lock()
	e, ok := s.hosts[host]
	tried := ok && e.Value.(HostScheme).Tried
	s.mu.Unlock()
	if !tried {
		s.learn(HostScheme{Host: host, Scheme: signature.RFC9421})
	}
}

func (s *schemes) learn(h HostScheme) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.hosts[h.Host]; !ok || e.Value.(HostScheme) != h {
		s.changed[h.Host] = true
	}
	s.put(h)
}

// put keeps what is known of a host. Called with the lock held.
func (s *schemes) put(h HostScheme) {
	if e, ok := s.hosts[h.Host]; ok {
		e.Value = h
		s.order.MoveToFront(e)
		return
	}
	s.hosts[h.Host] = s.order.PushFront(h)
	if s.order.Len() > s.max {
		oldest := s.order.Remove(s.order.Back()).(HostScheme)
		delete(s.hosts, oldest.Host)
		delete(s.changed, oldest.Host)
	}
}

// Learned gives what was learned about hosts since the last call: worth keeping over a restart, and given back as Options.Schemes.
func (c *Client) Learned() []HostScheme {
	s := c.schemes
	s.mu.Lock()
	defer s.mu.Unlock()
	var news []HostScheme
	for host := range s.changed {
		news = append(news, s.hosts[host].Value.(HostScheme))
	}
	clear(s.changed)
	return news
}

// heed reads what an answer says of its server's ability: Accept-Signature (RFC 9421 §5.1).
func (s *schemes) heed(host string, h http.Header) {
	values := h.Values("Accept-Signature")
	if len(values) == 0 {
		return
	}
	wanted, err := httpsfv.UnmarshalDictionary(values)
	if err != nil {
		return
	}
	for _, name := range wanted.Names() {
		if member, _ := wanted.Get(name); isList(member) {
			s.advertised(host)
			return
		}
	}
}

func isList(m httpsfv.Member) bool {
	_, ok := m.(httpsfv.InnerList)
	return ok
}

// heedActor reads what an actor says of the server that serves it (FEP-844e). It speaks for no other.
func (s *schemes) heedActor(host string, o *activitypub.Object) {
	if o.Inbox == "" {
		return
	}
	for _, href := range o.Implements {
		if activitypub.IsRFC9421(href) {
			s.advertised(host)
			return
		}
	}
}

type frugal struct{}

// Frugal makes fetches end with the first 404 or 410. A stranger's word makes us ask ever new servers for what is not there, and each
// such word is to cost one request; what the owner or a reader asks for is worth the second.
func Frugal(ctx context.Context) context.Context { return context.WithValue(ctx, frugal{}, true) }

// other is the second knock.
func other(s signature.Scheme) signature.Scheme {
	if s == signature.DraftCavage {
		return signature.RFC9421
	}
	return signature.DraftCavage
}
