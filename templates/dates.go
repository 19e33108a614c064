package templates

import (
	"strconv"
	"strings"
	"time"
)

// longDate is "28 October 2026" in the language; a zero time is "".
func longDate(lang string, t time.Time) string { return writeDate(lang, "date", "months", t) }

// writtenDay is longDate of a day that is written "2026-10-28". What is no day stays as it is.
func writtenDay(lang, day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return longDate(lang, t)
}

// shortDate is "28 Oct 2026".
func shortDate(lang string, t time.Time) string {
	return writeDate(lang, "date-short", "months-short", t)
}

// monthDay is "28 Oct", for lists that stand under their year.
func monthDay(lang string, t time.Time) string { return writeDate(lang, "day", "months-short", t) }

// dateTime is the date with the minute and zone, for those who want to know exactly.
func dateTime(lang string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return longDate(lang, t) + t.Format(" 15:04 MST")
}

// writeDate fills a language's pattern: {d} day, {m} month's name, {y} year.
func writeDate(lang, pattern, months string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	names := strings.Fields(Text(lang, months))
	month := strconv.Itoa(int(t.Month()))
	if len(names) == 12 {
		month = names[t.Month()-1]
	}
	s := strings.Replace(Text(lang, pattern), "{d}", strconv.Itoa(t.Day()), 1)
	s = strings.Replace(s, "{y}", strconv.Itoa(t.Year()), 1)
	return strings.Replace(s, "{m}", month, 1)
}
