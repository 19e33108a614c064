package remote

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter keeps a silly value from overflowing; the outbox has its own, lower limit.
const maxRetryAfter = 366 * 24 * time.Hour

// retryAfter reads a Retry-After header (RFC 9110 §10.2.3: seconds, or a date). What is past, negative or unreadable is 0.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0
	}
	if strings.Trim(value, "0123456789") == "" {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter
		}
		return time.Duration(seconds) * time.Second
	}
	t, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(t.Sub(now), 0), maxRetryAfter)
}
