package dates

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Reading is how a text that is no date was read.
type Reading struct {
	Label string   // "read as day/month/year"
	Write []string // what it may mean, as front matter writes it: one is certain, several are a choice, none is a guess that nobody makes
}

// Read says how a text was read that Parse did not take. zone is that of dates without one.
func Read(s string, zone *time.Location) Reading {
	s = strings.Join(strings.Fields(s), " ")
	for _, read := range []func(string, *time.Location) (Reading, bool){nothing, word, number, yearFirst, yearLast, named, part} {
		if r, ok := read(s, zone); ok {
			return r
		}
	}
	return Reading{}
}

func nothing(s string, _ *time.Location) (Reading, bool) {
	return Reading{Label: "there is nothing here"}, s == ""
}

func word(s string, _ *time.Location) (Reading, bool) {
	switch strings.ToLower(s) {
	case "today", "yesterday", "tomorrow", "now", "tonight", "next week", "last week", "next month", "last month":
		return Reading{Label: "read as a word that means another day each day"}, true
	}
	return Reading{}, false
}

var digits = regexp.MustCompile(`^[-+]?[0-9]+(\.[0-9]+)?$`)

// number reads 20261028, and seconds since 1970.
func number(s string, zone *time.Location) (Reading, bool) {
	if !digits.MatchString(s) {
		return Reading{}, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if t, wrong := time.Parse("20060102", s); wrong == nil {
		return Reading{"read as a date without hyphens", []string{t.Format(time.DateOnly)}}, true
	}
	switch {
	case err == nil && len(s) == 4:
		return Reading{Label: "read as a year alone"}, true
	case err == nil && len(s) == 10:
		return Reading{"read as seconds since 1970", []string{time.Unix(n, 0).In(zone).Format(time.RFC3339)}}, true
	case err == nil && len(s) == 13:
		return Reading{"read as milliseconds since 1970", []string{time.UnixMilli(n).In(zone).Format(time.RFC3339)}}, true
	}
	return Reading{Label: "read as a number, which is no date"}, true
}

// clock is what may follow a day: an hour, in 24 hours or 12, and a zone.
const clock = `(?:[T ,]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)? ?([AaPp]\.?[Mm]\.?)? ?(Z|[A-Za-z]{2,5}|[-+][0-9]{2}:?[0-9]{2})?)?$`

var (
	yearFirstShape = regexp.MustCompile(`^([0-9]{4})([-/.])([0-9]{1,2})[-/.]([0-9]{1,2})` + clock)
	yearLastShape  = regexp.MustCompile(`^([0-9]{1,2})([-/.])([0-9]{1,2})[-/.]([0-9]{4})` + clock)
	shortYear      = regexp.MustCompile(`^[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}$`)
	monthAlone     = regexp.MustCompile(`^[0-9]{4}[-/.][0-9]{1,2}$`)
	dayFirst       = regexp.MustCompile(`^(?:[A-Za-z]+\.?,? )?([0-9]{1,2})(?:st|nd|rd|th|\.)?[ -](?:of )?([A-Za-z]+)\.?,?[ -]([0-9]{4})` + clock)
	monthFirst     = regexp.MustCompile(`^(?:[A-Za-z]+\.?,? )?([A-Za-z]+)\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})` + clock)
	unixShape      = regexp.MustCompile(`^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([0-9]{1,2}) ([0-9:]{8})(?: ([A-Z]{2,5}))? ([0-9]{4})$`) // of the command date
)

func yearFirst(s string, zone *time.Location) (Reading, bool) {
	m := yearFirstShape.FindStringSubmatch(s)
	if m == nil {
		return Reading{}, false
	}
	label := map[string]string{"/": "read as year/month/day", ".": "read as year.month.day", "-": "read as year-month-day"}[m[2]]
	if m[2] == "-" && (len(m[3]) == 1 || len(m[4]) == 1) {
		label = "read as a date without leading zeros"
	}
	return day(label, m[1], m[3], m[4]).at(m[5:], zone), true
}

// yearLast reads 28/10/2026 and 10/28/2026: sure where one of the numbers can be no month, or both are the same.
func yearLast(s string, zone *time.Location) (Reading, bool) {
	m := yearLastShape.FindStringSubmatch(s)
	if m == nil {
		if shortYear.MatchString(s) {
			return Reading{Label: "read as a date with two digits for the year"}, true
		}
		return Reading{}, false
	}
	a, _ := strconv.Atoi(m[1])
	b, _ := strconv.Atoi(m[3])
	dayMonth, monthDay := "day"+m[2]+"month"+m[2]+"year", "month"+m[2]+"day"+m[2]+"year"
	switch {
	case a > 12 || a == b:
		return day("read as "+dayMonth, m[4], m[3], m[1]).at(m[5:], zone), true
	case b > 12:
		return day("read as "+monthDay, m[4], m[1], m[3]).at(m[5:], zone), true
	}
	one, other := day("", m[4], m[3], m[1]).at(m[5:], zone), day("", m[4], m[1], m[3]).at(m[5:], zone)
	if one.Label != "" {
		return one, true
	}
	return Reading{"can be " + dayMonth + " or " + monthDay, append(one.Write, other.Write...)}, true
}

// months are the first three letters of the months' English names.
const months = "janfebmaraprmayjunjulaugsepoctnovdec"

// named reads dates with a month's name, in either order.
func named(s string, zone *time.Location) (Reading, bool) {
	if m := unixShape.FindStringSubmatch(s); m != nil {
		s = m[2] + " " + m[1] + " " + m[5] + " " + strings.TrimSpace(m[3]+" "+m[4])
	}
	m, label := dayFirst.FindStringSubmatch(s), "read as day month year"
	if m == nil {
		if m = monthFirst.FindStringSubmatch(s); m == nil {
			return Reading{}, false
		}
		m[1], m[2], label = m[2], m[1], "read as month day, year"
	}
	name := strings.ToLower(m[2])
	i := strings.Index(months, name[:min(3, len(name))])
	if len(name) < 3 || i%3 != 0 || !strings.HasPrefix(strings.ToLower(time.Month(i/3+1).String()), name) && name != "sept" {
		return Reading{Label: fmt.Sprintf("%q is read as no month", m[2])}, true
	}
	return day(label, m[3], strconv.Itoa(i/3+1), m[1]).at(m[4:], zone), true
}

func part(s string, _ *time.Location) (Reading, bool) {
	if monthAlone.MatchString(s) {
		return Reading{Label: "read as a month; the day is missing"}, true
	}
	return Reading{Label: "read as words"}, !strings.ContainsAny(s, "0123456789")
}

// day is a reading of three numbers, or says why they are no day.
func day(label, year, month, of string) Reading {
	y, _ := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(of)
	if y < 1 {
		return Reading{Label: "there is no year 0"}
	}
	if m < 1 || m > 12 {
		return Reading{Label: fmt.Sprintf("there is no month %d", m)}
	}
	if last := time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day(); d < 1 || d > last {
		return Reading{Label: fmt.Sprintf("%s %d has %d days", time.Month(m), y, last)}
	}
	return Reading{label, []string{fmt.Sprintf("%04d-%02d-%02d", y, m, d)}}
}

// at adds the hour: hour, minute, second, am or pm, zone.
func (r Reading) at(parts []string, zone *time.Location) Reading {
	if len(r.Write) == 0 || parts[0] == "" {
		return r
	}
	hour, _ := strconv.Atoi(parts[0])
	minute, _ := strconv.Atoi(parts[1])
	second, _ := strconv.Atoi(parts[2])
	if half := strings.ToLower(strings.ReplaceAll(parts[3], ".", "")); half != "" {
		if hour < 1 || hour > 12 {
			return Reading{Label: fmt.Sprintf("there is no hour %d %s", hour, half)}
		}
		if hour %= 12; half == "pm" {
			hour += 12
		}
	}
	if hour > 23 || minute > 59 || second > 59 {
		return Reading{Label: fmt.Sprintf("there is no %s:%s", parts[0], strings.Trim(parts[1]+":"+parts[2], ":"))}
	}
	offset, ok := offsetOf(parts[4])
	if !ok {
		return Reading{Label: fmt.Sprintf("the zone %s has more than one meaning: write its hours, such as +01:00", parts[4])}
	}
	r.Write[0] += fmt.Sprintf(" %02d:%02d:%02d%s", hour, minute, second, offset)
	if _, ok := Parse(r.Write[0], zone); !ok {
		return Reading{Label: r.Label}
	}
	return r
}

// offsetOf writes a zone as RFC 3339 does. The letters of a zone, such as CST, are used by several.
func offsetOf(zone string) (string, bool) {
	switch strings.ToUpper(zone) {
	case "":
		return "", true
	case "Z", "UTC", "GMT":
		return "Z", true
	}
	if zone[0] != '+' && zone[0] != '-' {
		return "", false
	}
	return zone[:3] + ":" + zone[len(zone)-2:], true
}
