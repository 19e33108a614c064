package dates

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	hourShape = regexp.MustCompile(`^([0-9]{1,2}):([0-9]{2})$`)
	inShape   = regexp.MustCompile(`^in ([0-9]{1,4}) (minute|hour|day|week|month)s?$`)
)

// At reads a moment as a person says it on the command line: a date as front matter has it, "09:00", "tomorrow", "friday 18:30", "in 3
// days". now is the moment, in the site's zone. A day without an hour is at nine in the morning, an hour without a day the next
// time that clocks show it.
func At(s string, now time.Time) (time.Time, error) {
	s = strings.ToLower(strings.Join(strings.Fields(s), " "))
	if t, ok := Parse(strings.ToUpper(s), now.Location()); ok {
		return t, nil
	}
	if t, ok := span(s, now); ok {
		return t, nil
	}
	words := strings.Fields(strings.ReplaceAll(s, " at ", " "))
	hour, minute, told := 9, 0, false
	if n := len(words); n > 0 {
		if m := hourShape.FindStringSubmatch(words[n-1]); m != nil {
			hour, _ = strconv.Atoi(m[1])
			minute, _ = strconv.Atoi(m[2])
			words, told = words[:n-1], true
		}
	}
	days, ok := daysTo(strings.Join(words, " "), now.Weekday())
	if !ok || hour > 23 || minute > 59 || len(words) == 0 && !told {
		return time.Time{}, fmt.Errorf(`%q is no moment: write "tomorrow 09:00", "friday 18:30", "in 3 days" or "2026-12-01 09:00"`, s)
	}
	t := time.Date(now.Year(), now.Month(), now.Day()+days, hour, minute, 0, 0, now.Location())
	if len(words) == 0 && !t.After(now) {
		t = t.AddDate(0, 0, 1)
	}
	return t, nil
}

func span(s string, now time.Time) (time.Time, bool) {
	m := inShape.FindStringSubmatch(s)
	if m == nil {
		return now, false
	}
	n, _ := strconv.Atoi(m[1])
	now = now.Truncate(time.Minute)
	switch m[2] {
	case "minute":
		return now.Add(time.Duration(n) * time.Minute), true
	case "hour":
		return now.Add(time.Duration(n) * time.Hour), true
	case "week":
		return now.AddDate(0, 0, 7*n), true
	case "month":
		return now.AddDate(0, n, 0), true
	}
	return now.AddDate(0, 0, n), true
}

// daysTo counts the days to the one that a word names; a weekday is the next of that name and never today.
func daysTo(word string, today time.Weekday) (int, bool) {
	switch word {
	case "", "today":
		return 0, true
	case "tomorrow":
		return 1, true
	}
	word = strings.TrimPrefix(word, "next ")
	for d := time.Sunday; d <= time.Saturday; d++ {
		if name := strings.ToLower(d.String()); word == name || word == name[:3] {
			return (int(d-today)+6)%7 + 1, true
		}
	}
	return 0, false
}
