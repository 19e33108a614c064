package inbox

import (
	"fmt"
	"testing"
	"time"
)

// TestBudgetsAreBounded: a million strangers take no more memory than the cap (mutant: a plain map).
func TestBudgetsAreBounded(t *testing.T) {
	t.Parallel()
	b := newBudget(1, 5)
	now := time.Now()
	for n := range 50_000 {
		b.take(fmt.Sprint("s", n, ".example"), 1, now)
	}
	if n := b.lru.len(); n != 20_000 {
		t.Errorf("%d buckets, want 20000", n)
	}
	c := newLRU[caller](maxCallers)
	for n := range 5_000 {
		c.put(fmt.Sprint(n), caller{})
	}
	if n := c.len(); n != maxCallers {
		t.Errorf("%d actors in memory, want %d", n, maxCallers)
	}
	if _, ok := c.get("4999"); !ok {
		t.Error("the newest is gone")
	}
	if _, ok := c.get("0"); ok {
		t.Error("the oldest is still there")
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	b, now := newBudget(1, 30), time.Now()
	for n := range 3 {
		if d := b.take("a", costUnknown, now); d != 0 {
			t.Fatalf("take %d: wait %v", n, d)
		}
	}
	if d := b.take("a", costUnknown, now); d < 9*time.Second || d > 11*time.Second {
		t.Errorf("empty: wait %v, want about 10 s", d)
	}
	if d := b.take("b", costUnknown, now); d != 0 {
		t.Errorf("another key: wait %v", d)
	}
	if d := b.take("a", costKnown, now.Add(2*time.Second)); d != 0 {
		t.Errorf("two seconds later: wait %v: a refusal must cost nothing", d)
	}
}

// TestCrowdOfOneServer: a thousand people of one big server who answer within a moment are all let in, met before or not; ten thousand
// strangers are not (mutants: smaller bursts, no limits).
func TestCrowdOfOneServer(t *testing.T) {
	t.Parallel()
	now := time.Now()
	crowd := func(people, cost int) (waiting int) {
		l := newLimits()
		for n := range people {
			id := fmt.Sprintf("https://big.example/users/%d", n)
			after := max(take(l.total, 1, now), l.posts.take(domain(id), cost, now))
			if cost == costUnknown {
				after = max(after, l.keys.take(domain(id), 1, now))
			}
			if after > 0 {
				waiting++
			}
		}
		return waiting
	}
	for _, c := range []struct{ people, cost, waiting int }{
		{1000, costUnknown, 0}, {1000, costKnown, 0}, {10_000, costUnknown, 8000}, {10_000, costKnown, 0},
	} {
		if got := crowd(c.people, c.cost); got != c.waiting {
			t.Errorf("%d people at %d each: %d told to wait, want %d", c.people, c.cost, got, c.waiting)
		}
	}
}

func TestDomain(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"https://a.b.example.com/u": "example.com", "https://EXAMPLE.co.uk:8443/u": "example.co.uk", "https://u1.github.io/": "u1.github.io",
		"https://192.0.2.1/": "192.0.2.1", "https://localhost/": "localhost", "::": "",
	} {
		if got := domain(id); got != want {
			t.Errorf("domain(%q) = %q, want %q", id, got, want)
		}
	}
}

func TestIsEmoji(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"👍": true, "👍🏽": true, "❤": true, "❤️": true, "🏴󠁧󠁢󠁳󠁣󠁴󠁿": true, "5️⃣": true, "⭐": true, "‼️": true, "🏳️‍🌈": true,
		"": false, "ok": false, "👍 ok": false, "5": false, "<": false, "\u200d": false, "é": false, "👍👍👍👍👍👍👍👍👍👍👍👍👍": false, "\u202e👍": false,
	} {
		if got := isEmoji(s); got != want {
			t.Errorf("isEmoji(%q) = %v, want %v", s, got, want)
		}
	}
}
