package activitypub

import (
	"net/url"
	"strings"
	"testing"
)

func TestSameOrigin(t *testing.T) {
	t.Parallel()
	const a = "https://a.example/users/1"
	for b, want := range map[string]bool{
		a: true, "https://a.example": true, "https://a.example/?x=1#y": true, "HTTPS://A.EXAMPLE:443/x": true, "https://a.example//evil.example/": true,
		"http://a.example/x": false, "https://a.example:8443/x": false, "https://a.example:80/x": false, "https://b.example/x": false,
		"https://x.a.example/": false, "https://example/": false, "https://a.example.evil.example/": false,
		"https://a.example./x": false, "https://user@a.example/x": false, "https://a.example@evil.example/": false, "https://a.example:/x": false,
		"https://a.example:0443/x": false, "https://a.example:x/": false, "https://a.example\\@evil.example/": false, "https://a.example%2f@evil.example": false,
		"https:a.example/x": false, "//a.example/x": false, "/users/1": false, "": false, "acct:1@a.example": false, "ftp://a.example/": false,
		" https://a.example/": false, "https://a.example\t/": false, "https:///a.example/": false, "https://a%2eexample/": false, "https://a..example/": false,
	} {
		if got := SameOrigin(a, b); got != want {
			t.Errorf("SameOrigin(%q, %q) = %v, want %v", a, b, got, want)
		}
		if got := SameOrigin(b, a); got != want {
			t.Errorf("SameOrigin(%q, %q) = %v, want %v", b, a, got, want)
		}
	}
}

func TestSameOriginOfItself(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"http://localhost:8080/": true, "http://127.0.0.1:8080/x": true, "https://[2001:db8::1]/": true, "https://my_host.example/": true, "https://xn--e1afmkfd.example/": true,
		// What is not itself comparable equals nothing, not even itself.
		"https://пример.example/": false, "https://xn--a.example/": false, "https://XN--E1AFMKFD.example/": true, "https://[2001:DB8:0::1]/": false,
		"https://[fe80::1%25eth0]/": false, "https://a.example:0443/": false, "https://a.example./": false, "https://user:pw@a.example/": false, "": false, "mailto:a@a.example": false,
		"https://" + strings.Repeat("a.", 127) + "example/": false,
	} {
		if got := SameOrigin(id, id); got != want {
			t.Errorf("SameOrigin(%q, itself) = %v, want %v", id, got, want)
		}
	}
}

// FuzzSameOrigin holds SameOrigin against net/url and a plain cut of the string: what it calls equal must be equal to both.
func FuzzSameOrigin(f *testing.F) {
	f.Add("https://a.example/1", "https://A.example:443/2")
	f.Add("https://user@a.example/1", "https://a.example/1")
	f.Add("http://[::1]:80/", "http://[::1]/")
	f.Fuzz(func(t *testing.T, a, b string) {
		if !SameOrigin(a, b) {
			return
		}
		x, errX := url.Parse(a)
		y, errY := url.Parse(b)
		if errX != nil || errY != nil || x.Scheme != y.Scheme || !strings.EqualFold(x.Hostname(), y.Hostname()) {
			t.Fatalf("net/url reads %q and %q differently", a, b)
		}
		if cut(a) != cut(b) || strings.Contains(cut(a), "@") {
			t.Fatalf("%q and %q are cut to %q and %q", a, b, cut(a), cut(b))
		}
	})
}

// cut gives scheme and authority by characters alone.
func cut(s string) string {
	scheme, rest, _ := strings.Cut(s, "://")
	end := strings.IndexAny(rest, "/?#\\")
	if end < 0 {
		end = len(rest)
	}
	scheme, host := strings.ToLower(scheme), strings.ToLower(rest[:end])
	return scheme + "://" + strings.TrimSuffix(host, map[string]string{"http": ":80", "https": ":443"}[scheme])
}

func FuzzWebURL(f *testing.F) {
	for _, s := range []string{"https://a.example/x?y=\"z\"#w", "http://пример.example:8080/ä ö", "https://[::1]/%zz", "javascript:x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := webURL(s)
		if once == "" {
			return
		}
		if twice := webURL(once); twice != once {
			t.Fatalf("webURL(%q) = %q, and of that %q", s, once, twice)
		}
		if strings.ContainsAny(once, "\"'<>` \t\n\\") || Origin(once) == "" {
			t.Fatalf("webURL(%q) = %q", s, once)
		}
	})
}
