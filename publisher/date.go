package publisher

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

var daysShape = regexp.MustCompile(`^[1-9][0-9]{0,4}d$`)

// dateShapes are the ways to write a date. Those without a zone are read in the site's.
var dateShapes = []string{
	time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04 -0700",
	"2006-01-02T15:04Z07:00", "2006-01-02 15:04Z07:00", "2006-01-02T15:04:05-0700",
	"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02",
}

// otherDates are ways that are understood well enough to say what to write, and too badly to be trusted.
var otherDates = []struct{ shape, called string }{
	{"2/1/2006", "day/month/year"}, {"2.1.2006", "day.month.year"}, {"1/2/2006", "month/day/year"}, {"2006/1/2", "year/month/day"},
	{"2-1-2006", "day-month-year"}, {"2 January 2006", "day month year"}, {"2 Jan 2006", "day month year"},
	{"January 2, 2006", "month day, year"}, {"Jan 2, 2006", "month day, year"}, {"2006-1-2", "a date without leading zeros"},
	{"20060102", "a date without hyphens"}, {time.RFC1123Z, "a date of e-mail"}, {time.RFC1123, "a date of e-mail"},
}

func (r *reader) date(v value, to *time.Time) {
	s := strings.TrimSpace(v.text)
	if v.kind == isString || v.kind == isDate || v.kind == isNumber {
		for _, shape := range dateShapes {
			if t, err := time.ParseInLocation(shape, s, r.config.Location()); err == nil && t.Year() >= 1 {
				*to = t.In(r.config.Location())
				return
			}
		}
	}
	label, example := "", time.Date(2026, 10, 28, 0, 0, 0, 0, time.UTC)
	for _, o := range otherDates {
		if t, err := time.Parse(o.shape, s); err == nil {
			label, example = "read as "+o.called, t
			break
		}
	}
	day := example.Format(time.DateOnly)
	r.fault(codeDate, v.at, "date is not a date", label, fmt.Sprintf("write %s, or %s 09:00 (zone %s)", day, day, r.config.Location()))
}
