package site

import (
	"strconv"
	"strings"
	"time"
)

// Closed tells whether a post takes no more comments: by the blog's mode, by its own front matter (closes, the zero time where that says
// nothing), or by its age. CloseAfter is a number of days ("90d") or a Go duration; one that cannot be read closes nothing (Load refuses it).
func (c Comments) Closed(published, closes, now time.Time) bool {
	if c.Mode == "closed" {
		return true
	}
	if !closes.IsZero() {
		return !now.Before(closes)
	}
	after, err := time.ParseDuration(c.CloseAfter)
	if days, ok := strings.CutSuffix(c.CloseAfter, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		after = time.Duration(n) * 24 * time.Hour
	}
	return err == nil && after > 0 && now.Sub(published) > after
}
