package inbox

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"
	"golang.org/x/time/rate"
)

// limits are the budgets of strangers. A peer whose actor the store knows pays a tenth of what an unknown one pays, so that a
// flood of new accounts cannot crowd out those who were here before.
type limits struct {
	total    *rate.Limiter      // all posts to the inbox
	failures *budget            // refused posts by client address
	posts    *budget            // authenticated posts by peer
	verbs    map[string]*budget // authenticated activities of one type by peer, besides posts

	// Fetches, by registrable domain: 30 in any minute, whatever the reasons. A server that has followers or comments gets more to answer
	// its own people.
	fetches  *budget
	keys     *budget
	mentions *budget       // webmentions by the source's domain
	lookups  *rate.Limiter // accounts that readers name on /interact

	// Bounded memories that save fetches.
	familiar *lru[acquaintance] // servers, and whether they were found to have followers or comments here
	searches *rate.Limiter      // for them, in the store
	vain     *lru[time.Time]    // ids that were fetched and are no replies to us
	crawled  *lru[time.Time]    // collections that were read

	mu     sync.Mutex
	salt   [16]byte
	salted time.Time
}

const (
	costUnknown = 10
	costKnown   = 1
)

func newLimits() *limits {
	return &limits{
		total:    rate.NewLimiter(5000, 20000),
		failures: newBudget(20, 400),
		posts:    newBudget(500, 10000*costUnknown),
		verbs: map[string]*budget{
			"Follow":       newBudget(10, 100*costUnknown),
			"QuoteRequest": newBudget(10, 100*costUnknown), // each makes us send an answer
			"Move":         newBudget(0.5, 30*costUnknown), // each makes us fetch two actors
			"Flag":         newBudget(0.1, 10*costUnknown), // each asks for the owner's time
		},

		fetches:  newBudget(rate.Limit(10)/60, 20),
		keys:     newBudget(10, 2000),
		mentions: newBudget(rate.Limit(20)/60, 60),
		lookups:  rate.NewLimiter(0.5, 30),

		familiar: newLRU[acquaintance](20000),
		searches: rate.NewLimiter(20, 100),
		vain:     newLRU[time.Time](20000),
		crawled:  newLRU[time.Time](20000),
	}
}

// budget is a bounded set of token buckets, one a key.
type budget struct {
	each  rate.Limit // tokens a second
	burst int
	lru   *lru[*rate.Limiter]
}

func newBudget(each rate.Limit, burst int) *budget {
	return &budget{each, burst, newLRU[*rate.Limiter](20000)}
}

// take takes cost tokens. It gives 0, or the time after which to ask again: then nothing was taken.
func (b *budget) take(key string, cost int, now time.Time) time.Duration {
	return take(b.bucket(key), cost, now)
}

func (b *budget) bucket(key string) *rate.Limiter {
	return b.lru.getOrPut(key, func() *rate.Limiter { return rate.NewLimiter(b.each, b.burst) })
}

// spent tells how long a bucket stays empty, without taking from it.
func (b *budget) spent(key string, now time.Time) time.Duration {
	l, ok := b.lru.get(key)
	if !ok || l.TokensAt(now) >= 1 {
		return 0
	}
	return time.Second
}

func take(l *rate.Limiter, cost int, now time.Time) time.Duration {
	r := l.ReserveN(now, cost)
	if d := r.DelayFrom(now); d > 0 {
		r.CancelAt(now)
		return max(d, time.Second)
	}
	return 0
}

// afforded takes a fetch for an errand: replies that name ever new parents must not make us knock at somebody's door.
func (i *Inbox) afforded(id string) error {
	if i.limits.fetches.take(domain(id), 1, i.o.Now()) > 0 {
		return errLater
	}
	return nil
}

// affordKey takes the fetch of a key for which a request waits. It gives 0, or the time after which to ask again.
func (i *Inbox) affordKey(id string) time.Duration {
	after := i.limits.fetches.take(domain(id), 1, i.o.Now())
	if after == 0 || !i.familiar(id) {
		return after
	}
	return i.limits.keys.take(domain(id), 1, i.o.Now())
}

// acquaintance is what was found of a server, and when.
type acquaintance struct {
	known bool
	at    time.Time
}

// How long an acquaintance is believed. Looking for one reads many rows, so that strangers must not make us do it at will.
const (
	knownFor   = time.Hour
	unknownFor = time.Minute
)

// familiar tells whether somebody of an id's server follows or has a comment that shows. It does not look at the whole domain: whoever
// has one follower may not have as many as they like on new subdomains.
func (i *Inbox) familiar(id string) bool {
	server, now := serverOf(id), i.o.Now()
	a, ok := i.limits.familiar.get(server)
	if age := now.Sub(a.at).Abs(); ok && (a.known && age < knownFor || !a.known && age < unknownFor) {
		return a.known
	}
	if server == "" || take(i.limits.searches, 1, now) > 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	known, err := i.o.Store.Familiar(ctx, server)
	if err != nil {
		i.o.Log.Error("looking for a server's people", "error", err)
		return false
	}
	i.limits.familiar.put(server, acquaintance{known, now})
	return known
}

// met lets a server that was found to be unknown be looked for again: somebody of it was just taken in.
func (i *Inbox) met(id string) {
	if a, ok := i.limits.familiar.get(serverOf(id)); ok && !a.known {
		i.limits.familiar.put(serverOf(id), acquaintance{})
	}
}

// serverOf gives "https://host" of an id, "" where it has none.
func serverOf(id string) string {
	u, err := url.Parse(id)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// domain is the part of an id's host that somebody registered: subdomains cost their owner nothing and count as one. Where there is no
// name, as with --dev, it is the host with its port.
func domain(id string) string {
	u, err := url.Parse(id)
	if err != nil {
		return ""
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if _, err := netip.ParseAddr(host); err == nil || host == "localhost" {
		return u.Host
	}
	if d, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return d
	}
	return host
}

// client names the sender of a request for the budgets: a hash with a salt that lives for a day and is nowhere written, because no
// address of a reader is ever kept. It is "" when clients cannot be told apart: a proxy on this machine or network that the
// configuration does not name. Counting its failures would let one stranger shut out everybody.
func (i *Inbox) client(r *http.Request) string {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	addr := i.behindProxies(ap.Addr().Unmap(), r.Header.Values("X-Forwarded-For"))
	if addr.IsLoopback() || addr.IsPrivate() {
		return ""
	}
	if addr.Is6() { // a customer is given a /64 at least
		addr = netip.PrefixFrom(addr, 64).Masked().Addr()
	}
	return i.limits.hash(addr.String(), i.o.Now())
}

// behindProxies follows X-Forwarded-For from its end for as long as the speaker is a proxy that the configuration names.
func (i *Inbox) behindProxies(addr netip.Addr, forwarded []string) netip.Addr {
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for n := len(hops) - 1; n >= 0 && i.isProxy(addr); n-- {
		next, err := netip.ParseAddr(strings.TrimSpace(hops[n]))
		if err != nil {
			return addr
		}
		addr = next.Unmap()
	}
	return addr
}

func (i *Inbox) isProxy(a netip.Addr) bool {
	for _, p := range i.proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func (l *limits) hash(s string, now time.Time) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.salted).Abs() > 24*time.Hour {
		rand.Read(l.salt[:])
		l.salted = now
	}
	sum := sha256.Sum256(append(l.salt[:], s...))
	return string(sum[:16])
}
