package remote

import (
	"errors"
	"testing"
)

// TestRefusedUnlooked: what can be told from the address alone is refused before any name server is asked: a resolver of the system's
// may know such names, or read numbers as the C library does. The dial guard stands behind it.
func TestRefusedUnlooked(t *testing.T) {
	t.Parallel()
	c := New(Options{})
	for _, host := range []string{
		"0", "127.1", "127.0.1", "2130706433", "0x7f.1", "0x7f000001", "0X7F.0.0.1", "017700000001", "0177.0.0.1", "127.0.0.1.", "a.0x1", "a.example.1",
		"metadata.google.internal", "DB.Internal", "db.internal.", "router.home.arpa", "hidden.onion", "localhost", "foo.localhost", "localhost.",
	} {
		if u, err := c.address("https://" + host + "/"); !errors.Is(err, ErrBlocked) {
			t.Errorf("%s: %v, %v, want ErrBlocked", host, u, err)
		}
	}
	for _, host := range []string{"a.example.com", "1.example.com", "internal.example.com", "onion.example", "0x7f.example.com", "93.184.216.34", "xn--e1afmkfd.example"} {
		if _, err := c.address("https://" + host + "/"); err != nil {
			t.Errorf("%s: %v, want it taken", host, err)
		}
	}
}

// TestRefusedAtTheDial: what stands on the client's own list besides the registries' is refused when it is dialled. No connection is made.
func TestRefusedAtTheDial(t *testing.T) {
	t.Parallel()
	c := New(Options{})
	for address, blocked := range map[string]bool{
		"168.63.129.16:443": true, "127.0.0.1:443": true, "10.0.0.1:443": true, "169.254.169.254:80": true, "[::1]:443": true, "[fd00::1]:443": true,
		"93.184.216.34:443": false, "[2606:2800:220:1::1]:443": false,
	} {
		network := "tcp4"
		if address[0] == '[' {
			network = "tcp6"
		}
		if err := c.control(network, address, nil); errors.Is(err, ErrBlocked) != blocked {
			t.Errorf("%s: %v, want blocked %v", address, err, blocked)
		}
	}
}
