package store

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestBlockOfAnAddress: a server without a name is blocked by its address, however that is written.
func TestBlockOfAnAddress(t *testing.T) {
	t.Parallel()
	for what, actors := range map[string][]string{
		"2001:db8::1":     {"https://[2001:db8::1]/users/1", "https://[2001:DB8:0::1]:8443/users/1"},
		"[2001:db8:0::1]": {"https://[2001:db8::1]/users/1"},
		"192.0.2.1":       {"https://192.0.2.1/users/1", "http://192.0.2.1:80/"},
		"пример.example":  {"https://пример.example/1", "https://xn--e1afmkfd.example/1", "https://a_b.пример.example/1", "https://a_b.xn--e1afmkfd.example/1"},
	} {
		s := open(t, sqliteDSN(t))
		write(t, s, func(tx *Tx) error { return tx.AddBlock(t.Context(), Block{What: what}) })
		for _, actor := range actors {
			if blocked, err := s.Blocked(t.Context(), actor); err != nil || !blocked {
				t.Errorf("a block of %s lets %s in (%v)", what, actor, err)
			}
		}
		if blocked, err := s.Blocked(t.Context(), "https://[2001:db8::2]/"); err != nil || blocked {
			t.Errorf("a block of %s is one of its neighbour (%v)", what, err)
		}
	}
}

// FuzzBlockNames: whatever spelling of a host an address has, a block of the host, or of a domain above it, is among its names; an address
// whose host cannot be read is blocked as a whole.
func FuzzBlockNames(f *testing.F) {
	for _, s := range []string{
		"https://a.example/users/1", "https://A.Example./x", "sub.a.example", "https://пример.example/", "https://a.example:8443/", "https://[2001:db8::1]:80/", "https://user@a.example/",
		"https://xn--e1afmkfd.example", "https://-a.єanxample/", "http://127.0.0.1/", "..", "https://a..example/",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, address string) {
		names := blockNames(address)
		if names == nil {
			return
		}
		if slices.Contains(names, "") {
			t.Fatalf("%q has the name of nobody among %q", address, names)
		}
		if u, err := url.Parse(address); err == nil && strings.Contains(address, "://") {
			if host := blockKey(u.Hostname()); host != "" && !strings.HasPrefix(u.Hostname(), "*.") && !slices.Contains(names, host) {
				t.Errorf("%q is not called %q but %q", address, host, names)
			}
			if upper := *u; !strings.Contains(u.Host, "%") {
				upper.Host = strings.ToUpper(u.Host)
				if other := blockNames(upper.String()); strings.EqualFold(upper.Host, u.Host) && !slices.Equal(names[1:], other[min(1, len(other)):]) {
					t.Errorf("%q is called %q, in capitals %q", address, names, other)
				}
			}
		}
		for _, n := range names[1:] {
			if !strings.Contains(n, "..") && n[0] != '.' && !strings.HasPrefix(n, "*.") && blockKey(n) != n { // "*." stands for all below, and begins no host
				t.Errorf("a block of %q is kept as %q", n, blockKey(n))
			}
		}
	})
}
