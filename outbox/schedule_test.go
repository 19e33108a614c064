package outbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/store"
)

// tries plays a delivery that always gets the same answer and lists the moments of its attempts, counted from its start.
func tries(r remote.Result, random float64) (at []time.Duration, end store.DeliveryState) {
	d, now := store.Delivery{Since: noon}, noon
	for range 100 {
		at = append(at, now.Sub(noon))
		a := judge(d, r, now, random)
		if a.State != store.Pending {
			return at, a.State
		}
		d.Attempts++
		if a.Refused {
			d.Refused++
		}
		now = a.Next
	}
	return at, "endless"
}

// The status table of docs: 64 answers, each met at every attempt, at both ends of the jitter.
func TestStatusTable(t *testing.T) {
	statuses := []int{0, 200, 201, 202, 203, 204, 206, 207, 226, 301, 302, 303, 304, 307, 308,
		400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 425, 426, 428, 429, 431, 451, 499,
		500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511, 520, 521, 522, 523, 524, 525, 526, 530}
	if len(statuses) != 64 {
		t.Fatalf("%d statuses", len(statuses))
	}
	for _, status := range statuses {
		for _, random := range []float64{0, 0.999999} {
			t.Run(fmt.Sprint(status, random), func(t *testing.T) {
				at, end := tries(remote.Result{Status: status}, random)
				last := at[len(at)-1]
				switch {
				case status >= 200 && status < 300:
					if len(at) != 1 || end != store.Delivered {
						t.Errorf("%d attempts, %s; want 1, delivered", len(at), end)
					}
				case status == 410:
					if len(at) != 1 || end != store.GivenUp {
						t.Errorf("%d attempts, %s; want 1, given up", len(at), end)
					}
				case status == 0, status == 408, status == 425, status == 429, status >= 500 && status != 501:
					if len(at) < 18 || last != 7*24*time.Hour || end != store.GivenUp {
						t.Errorf("%d attempts, the last after %v, %s; want at least 18, 168h, given up", len(at), last, end)
					}
				case status == 401:
					if len(at) != 6 || last < 18*time.Hour || last > 30*time.Hour || end != store.GivenUp {
						t.Errorf("%d attempts, the last after %v, %s; want 6 over 24h", len(at), last, end)
					}
				default:
					if len(at) != 3 || last < 18*time.Hour || last > 30*time.Hour || end != store.GivenUp {
						t.Errorf("%d attempts, the last after %v, %s; want 3 over 24h", len(at), last, end)
					}
				}
			})
		}
	}
}

func TestSchedule(t *testing.T) {
	at, _ := tries(remote.Result{Status: 503}, 0.5)
	want := []time.Duration{0, 1 * minute, 6 * minute, 21 * minute, 81 * minute, 261 * minute, 621 * minute, 621*minute + 12*hour}
	for i, w := range want {
		if d := at[i] - w; d < -time.Second || d > time.Second {
			t.Errorf("attempt %d after %v, want %v", i+1, at[i], w)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for _, c := range []struct {
		asked time.Duration
		next  time.Duration // with no jitter the own step is 1 min
	}{
		{0, minute}, {10 * time.Second, minute}, {2 * hour, 2 * hour}, {24 * hour, 24 * hour}, {1000 * hour, 24 * hour},
	} {
		a := judge(store.Delivery{Since: noon}, remote.Result{Status: 429, RetryAfter: c.asked}, noon, 0.5)
		if got := a.Next.Sub(noon); got != c.next {
			t.Errorf("Retry-After %v: next after %v, want %v", c.asked, got, c.next)
		}
		if c.asked > minute && !a.Floor.Equal(a.Next) {
			t.Errorf("Retry-After %v: a probe could come before it: floor %v", c.asked, a.Floor)
		}
	}
}

// A host that comes back at any moment within seven days is tried again after that moment.
func TestBackWithinSevenDays(t *testing.T) {
	for _, random := range []float64{0, 0.3, 0.999999} {
		at, _ := tries(remote.Result{Status: 0, Err: context.DeadlineExceeded}, random)
		if last := at[len(at)-1]; last < 7*24*hour-minute {
			t.Errorf("jitter %v: back after 6 d 23 h 59 min is missed, the last attempt is after %v", random, last)
		}
	}
}

func TestWhatIsCertain(t *testing.T) {
	dial := &url.Error{Op: "Post", Err: &net.OpError{Op: "dial", Err: errors.New("connection refused")}}
	read := &url.Error{Op: "Post", Err: &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}}
	for _, c := range []struct {
		r    remote.Result
		want bool
	}{
		{remote.Result{Err: dial}, true},
		{remote.Result{Err: &net.DNSError{}}, true},
		{remote.Result{Err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}, true},
		{remote.Result{Err: fmt.Errorf("x: %w", remote.ErrBlocked)}, true},
		{remote.Result{Err: read}, false},
		{remote.Result{Err: context.DeadlineExceeded}, false},
		{remote.Result{Status: 400}, true},
		{remote.Result{Status: 429}, true},
		{remote.Result{Status: 503}, true},
		{remote.Result{Status: 500}, false},
		{remote.Result{Status: 502}, false},
		{remote.Result{Status: 504}, false},
	} {
		if got := surelyNot(c.r); got != c.want {
			t.Errorf("%d %v: certain %v, want %v", c.r.Status, c.r.Err, got, c.want)
		}
	}
}

func TestBreaker(t *testing.T) {
	h, now := store.Host{Host: "https://a.example"}, noon
	for i := range 4 {
		if h = failed(h, now, "down"); h.Opened != 0 || allowance(h, now) != perHost {
			t.Fatalf("open after %d failures", i+1)
		}
		now = now.Add(2 * minute)
	}
	if h = failed(h, now, "down"); h.Opened != 1 || allowance(h, now) != 0 {
		t.Fatalf("not open after 5 failures in 8 minutes: %+v", h)
	}
	if again := failed(h, now, "down"); again.Opened != 1 || !again.OpenUntil.Equal(h.OpenUntil) {
		t.Error("what was under way when it opened counts as a probe")
	}
	for _, wait := range []time.Duration{30 * minute, 1 * hour, 3 * hour, 6 * hour, 6 * hour, 6 * hour} {
		if got := h.OpenUntil.Sub(now); got != wait {
			t.Fatalf("probe %d after %v, want %v", h.Opened, got, wait)
		}
		if now = h.OpenUntil; allowance(h, now) != 1 || allowance(h, now.Add(-time.Second)) != 0 {
			t.Fatalf("allowance %d at the probe", allowance(h, now))
		}
		h = failed(h, now, "down")
	}
	if !h.FailingSince.Equal(noon.Add(8 * minute)) {
		t.Errorf("failing since %v", h.FailingSince)
	}
}

func TestBreakerForgetsOldFailures(t *testing.T) {
	h, now := store.Host{}, noon
	for range 20 {
		if h = failed(h, now, "down"); h.Opened != 0 {
			t.Fatal("opened though no ten minutes held five failures")
		}
		now = now.Add(3 * minute)
	}
}
