package store

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Block is an actor id or a domain (with its subdomains) that gets nothing from us and whose words are refused.
type Block struct {
	What   string // "https://…" actor id, or "example.org"
	Reason string
	At     time.Time
}

// AddBlock blocks an actor or a domain; again, with a new reason, replaces the reason. A domain may be written in any case, with a
// leading "*." or ".", and in Unicode.
func (tx *Tx) AddBlock(ctx context.Context, b Block) error {
	_, err := tx.exec(ctx, `INSERT INTO blocks (what, reason, since) VALUES ($1, $2, $3)
		ON CONFLICT (what) DO UPDATE SET reason = excluded.reason`, blockKey(b.What), b.Reason, b.At)
	return err
}

// DeleteBlock unblocks. It tells whether there was such a block.
func (tx *Tx) DeleteBlock(ctx context.Context, what string) (bool, error) {
	n, err := tx.exec(ctx, `DELETE FROM blocks WHERE what = $1`, blockKey(what))
	return n > 0, err
}

// Blocks gives all blocks, newest first.
func (q queries) Blocks(ctx context.Context) ([]Block, error) {
	scan := func(r row) (b Block, err error) {
		err = r.Scan(&b.What, &b.Reason, moment{&b.At})
		return b, err
	}
	return all(ctx, q, scan, `SELECT what, reason, since FROM blocks ORDER BY since DESC, what`)
}

// Blocked tells whether an actor (or any other URL, or a bare host) is blocked: by its id, its host, or a domain above its host. An
// address whose host cannot be read is blocked: it could be anybody's.
func (q queries) Blocked(ctx context.Context, actor string) (bool, error) {
	names := blockNames(actor)
	if names == nil {
		return true, nil
	}
	args := make([]any, len(names))
	text := []byte(`SELECT 1 FROM blocks WHERE what IN (`)
	for i, n := range names {
		args[i] = n
		text = strconv.AppendInt(append(text, '$'), int64(i+1), 10)
		text = append(text, ',')
	}
	text[len(text)-1] = ')'
	return q.has(ctx, string(append(text, ` LIMIT 1`...)), args...)
}

// blocked is the block list in memory, for asking of many at once.
type blocked map[string]bool

func (q queries) blockList(ctx context.Context) (blocked, error) {
	list, err := all(ctx, q, value[string], `SELECT what FROM blocks`)
	if err != nil {
		return nil, err
	}
	set := make(blocked, len(list))
	for _, what := range list {
		set[what] = true
	}
	return set, nil
}

func (b blocked) has(actor string) bool {
	if len(b) == 0 {
		return false
	}
	names := blockNames(actor)
	return names == nil || slices.ContainsFunc(names, func(n string) bool { return b[n] })
}

// blockNames lists everything that a block of this actor could be called: its id, its host with and without port, and each domain
// above. nil if the host cannot be read.
func blockNames(actor string) []string {
	host, port := hostOf(actor)
	if host == "" {
		return nil
	}
	names := []string{strings.TrimSpace(actor), host}
	if port != "" {
		names = append(names, net.JoinHostPort(host, port))
	}
	if net.ParseIP(host) != nil {
		return names
	}
	// A name has at most 127 labels; the cap keeps the number of statement texts small, and no list blocks deeper.
	for range 16 {
		_, above, ok := strings.Cut(host, ".")
		if !ok {
			break
		}
		names, host = append(names, above), above
	}
	return names
}

// blockKey is the form in which a block is kept: an actor's id as it is, a domain in lower case ASCII without dots at its ends.
func blockKey(what string) string {
	what = strings.TrimSpace(what)
	if strings.Contains(what, "://") {
		return what
	}
	host, port := hostOf(strings.TrimPrefix(what, "*."))
	if port != "" {
		return net.JoinHostPort(host, port)
	}
	return host
}

// hostOf gives host and port of a URL or of a bare host, in the form of blockKey.
func hostOf(address string) (host, port string) {
	if ip, err := netip.ParseAddr(address); err == nil { // of IPv6 without the brackets of a URL
		return ip.String(), ""
	}
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", ""
	}
	host = spelled(strings.Trim(strings.ToLower(u.Hostname()), "."))
	if strings.ContainsAny(host, ":[]@") && net.ParseIP(host) == nil {
		return "", "" // no host that anybody could look up
	}
	return host, u.Port()
}

// spelled gives the one spelling of a host: of "2001:DB8:0::1" as of "пример.example". A label that the rules of names refuse, like "a_b",
// stays as it is, and those beside it have theirs; one that is not ASCII and refused is in no DNS, and the host is "".
func spelled(host string) string {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.String()
	}
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		return ascii
	}
	labels := strings.Split(host, ".")
	for i, label := range labels {
		ascii, err := idna.Lookup.ToASCII(label)
		switch {
		case err == nil:
			labels[i] = ascii
		case strings.ContainsFunc(label, func(r rune) bool { return r >= utf8.RuneSelf }):
			return ""
		}
	}
	return strings.Join(labels, ".")
}

// AddBlockedBy keeps that an actor blocks us, by which activity, and the inbox of its own, to which nothing of ours is to go.
func (tx *Tx) AddBlockedBy(ctx context.Context, actor, activity, inbox string, at time.Time) error {
	_, err := tx.exec(ctx, `INSERT INTO blocked_by (actor, activity, inbox, since) VALUES ($1, $2, $3, $4)
		ON CONFLICT (actor) DO UPDATE SET activity = excluded.activity, inbox = excluded.inbox, since = excluded.since`,
		actor, activity, inbox, at)
	return err
}

// DeleteBlockedBy forgets that an actor blocks us; with an activity only where it was by that one. It tells whether it did.
func (tx *Tx) DeleteBlockedBy(ctx context.Context, actor, activity string) (bool, error) {
	n, err := tx.exec(ctx, `DELETE FROM blocked_by WHERE actor = $1 AND (activity = $2 OR $2 = '')`, actor, activity)
	return n > 0, err
}

// BlockedByInboxes gives the personal inboxes of those who block us. Shared inboxes are not among them: there others may read.
func (q queries) BlockedByInboxes(ctx context.Context) ([]string, error) {
	return all(ctx, q, value[string], `SELECT inbox FROM blocked_by WHERE inbox <> ''`)
}

// Present is what is here of the blocked.
type Present struct{ Followers, Comments int }

// PresentOf counts the followers and comments (likes and boosts too) that a block of this actor or domain is about.
func (q queries) PresentOf(ctx context.Context, what string) (p Present, err error) {
	actors, err := q.actorsUnder(ctx, what)
	for _, id := range actors {
		n, err := q.count(ctx, `SELECT COUNT(*) FROM followers WHERE actor = $1`, id)
		if err != nil {
			return p, err
		}
		p.Followers += n
		if n, err = q.count(ctx, `SELECT COUNT(*) FROM comments WHERE actor = $1 AND state <> 'removed'`, id); err != nil {
			return p, err
		}
		p.Comments += n
	}
	return p, err
}

// RemoveBlocked removes the followers and comments that a block of this actor or domain is about, for good.
func (tx *Tx) RemoveBlocked(ctx context.Context, what string) (p Present, err error) {
	actors, err := tx.actorsUnder(ctx, what)
	for _, id := range actors {
		followed, err := tx.DeleteFollower(ctx, id, "")
		if err != nil {
			return p, err
		}
		if followed {
			p.Followers++
		}
		n, err := tx.RemoveActorComments(ctx, id)
		if err != nil {
			return p, err
		}
		p.Comments += n
	}
	return p, err
}

// actorsUnder lists the followers and commenters whom a block of this actor or domain is about.
func (q queries) actorsUnder(ctx context.Context, what string) ([]string, error) {
	list, err := all(ctx, q, value[string], `SELECT actor FROM followers UNION SELECT actor FROM comments WHERE actor <> ''`)
	key := blockKey(what)
	return slices.DeleteFunc(list, func(id string) bool { return !slices.Contains(blockNames(id), key) }), err
}
