// Package dates reads dates as bloggers write them: those that front matter may have, and those that it may not, of which it says
// how they were read and what to write instead.
//
// It guesses nothing: 5/10/2026 is in May for some and in October for others, so neither is offered. It knows no post and, but for
// At, not the day that it is.
package dates

import (
	"fmt"
	"time"
)

// shapes are the ways to write a date. Those without a zone are read in the site's.
var shapes = []string{
	time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04 -0700",
	"2006-01-02T15:04Z07:00", "2006-01-02 15:04Z07:00", "2006-01-02T15:04:05-0700",
	"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02",
}

// zoneless is where the shapes without a zone begin.
const zoneless = 8

// Parse reads a date in one of the forms that front matter may have, and gives it in zone.
func Parse(s string, zone *time.Location) (time.Time, bool) {
	for i, shape := range shapes {
		t, err := time.Parse(shape, s)
		if err != nil || t.Year() < 1 {
			continue
		}
		if i >= zoneless {
			t = place(t, zone)
		}
		return t.In(zone), true
	}
	return time.Time{}, false
}

// place finds the moment at which clocks in zone show what wall says. What they show twice is the first of both, and what they skip is read
// with the offset before it, and so behind it (RFC 5545, section 3.3.5): package time promises neither.
func place(wall time.Time, zone *time.Location) time.Time {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), zone)
	_, before := t.Add(-26 * time.Hour).Zone() // an island that crossed the date line skipped a day
	early := wall.Add(-time.Duration(before) * time.Second).In(zone)
	switch {
	case reads(early, wall):
		return early
	case reads(t, wall):
		return t
	}
	return early // behind what is skipped
}

// reads tells whether a clock shows the same at both moments.
func reads(t, wall time.Time) bool { return t.Format(time.DateTime) == wall.Format(time.DateTime) }

// Odd says what is odd about an hour without a zone that Parse read: clocks that change skip an hour once a year, and have one
// twice. "" is nothing.
func Odd(s string, zone *time.Location) string {
	for _, shape := range shapes[zoneless:] {
		wall, err := time.Parse(shape, s)
		if err != nil {
			continue
		}
		if shape == time.DateOnly {
			return ""
		}
		t := place(wall, zone)
		if !reads(t, wall) {
			return fmt.Sprintf("clocks skip this hour in %s: read as %s", zone, t.Format("15:04 MST"))
		}
		return twice(t, zone)
	}
	return ""
}

// twice tells of an hour that clocks have twice: another moment within a few hours reads the same.
func twice(t time.Time, zone *time.Location) string {
	_, here := t.Zone()
	for _, d := range []time.Duration{-3 * time.Hour, 3 * time.Hour} {
		_, there := t.Add(d).Zone()
		other := t.Add(time.Duration(here-there) * time.Second)
		if here != there && other.Format(time.DateTime) == t.Format(time.DateTime) {
			return fmt.Sprintf("clocks have this hour twice in %s: read as %s", zone, t.Format("15:04 MST"))
		}
	}
	return ""
}
