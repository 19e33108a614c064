package outbox

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/store"
)

const (
	minute = time.Minute
	hour   = time.Hour
)

var (
	// steps lie between the attempts at a server that does not answer, or not now; the last one repeats until the patience is over.
	steps = []time.Duration{1 * minute, 5 * minute, 15 * minute, 1 * hour, 3 * hour, 6 * hour, 12 * hour}
	// refusedSteps lie between the three attempts at an inbox that says no: it may be a server in the middle of an upgrade.
	refusedSteps = []time.Duration{1 * hour, 23 * hour}
	// unsignedSteps lie between the six attempts at an inbox that says 401: it may not have been able to fetch our key in time.
	unsignedSteps = []time.Duration{1 * minute, 15 * minute, 1 * hour, 6 * hour, 16*hour + 44*minute}
)

// patience is for how long a delivery is tried.
const patience = 7 * 24 * hour

// maxRetryAfter is the longest pause that a server may ask for.
const maxRetryAfter = 24 * hour

// judge says what an answer means for a delivery (docs: status table). random in [0, 1) spreads the retries of many by ±25 %.
func judge(d store.Delivery, r remote.Result, now time.Time, random float64) store.Attempt {
	a := store.Attempt{State: store.Pending, Status: r.Status, Error: words(r), At: now, Certain: surelyNot(r), Refused: refused(r.Status)}
	step, more := nextStep(d, r)
	switch {
	case r.Status >= 200 && r.Status < 300:
		return store.Attempt{State: store.Delivered, Status: r.Status, At: now}
	case r.Status == http.StatusGone, !more, !now.Before(d.Since.Add(patience)):
		a.State = store.GivenUp
		return a
	}
	if r.RetryAfter > 0 {
		a.Floor = now.Add(min(r.RetryAfter, maxRetryAfter))
	}
	a.Next = now.Add(time.Duration(float64(step) * (0.75 + random/2)))
	// The last attempt is made when the patience ends and not some hours before: a server that is back by then misses nothing.
	if end := d.Since.Add(patience); a.Next.After(end) {
		a.Next = end
	}
	a.Next = later(a.Next, a.Floor)
	return a
}

// nextStep is the pause before the next attempt, and whether there is to be one.
func nextStep(d store.Delivery, r remote.Result) (time.Duration, bool) {
	var list []time.Duration
	switch {
	case r.Status == http.StatusUnauthorized:
		list = unsignedSteps
	case refused(r.Status):
		list = refusedSteps
	default:
		return steps[min(d.Attempts, len(steps)-1)], true
	}
	if d.Refused >= len(list) {
		return 0, false
	}
	return list[d.Refused], true
}

// refused tells whether the inbox said no to this activity, which says nothing about the server. Redirects belong here: they are not
// followed, because the answer to a POST elsewhere would be signed for another address.
func refused(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	case http.StatusNotImplemented:
		return true
	}
	return status >= 300 && status < 500
}

// surelyNot tells whether the server surely did not take the activity: it refused, or was never reached. After a time-out, a lost
// connection or the 500 of a server that fell over half-way nobody knows.
func surelyNot(r remote.Result) bool {
	switch {
	case r.Status >= 300 && r.Status < 500, r.Status == http.StatusNotImplemented, r.Status == http.StatusServiceUnavailable:
		return true
	case r.Status != 0:
		return false
	}
	var op *net.OpError
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	return errors.Is(r.Err, remote.ErrBlocked) || errors.As(r.Err, &name) || errors.As(r.Err, &certificate) ||
		errors.As(r.Err, &op) && op.Op == "dial"
}

// words are what a person reads about a failed attempt.
func words(r remote.Result) string {
	switch {
	case r.Status == 0 && r.Err != nil:
		return r.Err.Error()
	case r.Status == 0:
		return "no answer"
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", r.Status, http.StatusText(r.Status), r.Body))
}
