package dates

import (
	"strings"
	"testing"
	"time"
)

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// TestRead holds how dates in wrong forms are read, and which of them have one meaning alone.
func TestRead(t *testing.T) {
	t.Parallel()
	zone := berlin(t)
	for s, want := range map[string]struct{ label, write string }{
		"28/10/2026":                      {"read as day/month/year", "2026-10-28"},
		"10/28/2026":                      {"read as month/day/year", "2026-10-28"},
		"28.10.2026":                      {"read as day.month.year", "2026-10-28"},
		"28-10-2026":                      {"read as day-month-year", "2026-10-28"},
		"05/05/2026":                      {"read as day/month/year", "2026-05-05"},
		"5/10/2026":                       {"can be day/month/year or month/day/year", "2026-10-05 or 2026-05-10"},
		"5.10.2026":                       {"can be day.month.year or month.day.year", "2026-10-05 or 2026-05-10"},
		"5/10/2026 08:30":                 {"can be day/month/year or month/day/year", "2026-10-05 08:30:00 or 2026-05-10 08:30:00"},
		"28/10/26":                        {"read as a date with two digits for the year", ""},
		"31/31/2026":                      {"there is no month 31", ""},
		"30/02/2026":                      {"February 2026 has 28 days", ""},
		"2026-13-01":                      {"there is no month 13", ""},
		"2026-02-30":                      {"February 2026 has 28 days", ""},
		"2024-02-30":                      {"February 2024 has 29 days", ""},
		"2026-00-10":                      {"there is no month 0", ""},
		"2026/10/28":                      {"read as year/month/day", "2026-10-28"},
		"2026.10.28":                      {"read as year.month.day", "2026-10-28"},
		"2026-1-2":                        {"read as a date without leading zeros", "2026-01-02"},
		"2026-10-28 9:05 pm":              {"read as year-month-day", "2026-10-28 21:05:00"},
		"2026-10-28 12:00 AM":             {"read as year-month-day", "2026-10-28 00:00:00"},
		"2026-10-28 13:00 PM":             {"there is no hour 13 pm", ""},
		"2026-10-28 25:00":                {"there is no 25:00", ""},
		"2026-10-28 09:61:07":             {"there is no 09:61:07", ""},
		"2026-10-28 09:00 CST":            {"the zone CST has more than one meaning: write its hours, such as +01:00", ""},
		"2026-10-28 09:00 UTC":            {"read as year-month-day", "2026-10-28 09:00:00Z"},
		"Oct 28 2026":                     {"read as month day, year", "2026-10-28"},
		"October 28, 2026":                {"read as month day, year", "2026-10-28"},
		"28 October 2026":                 {"read as day month year", "2026-10-28"},
		"28th of October 2026":            {"read as day month year", "2026-10-28"},
		"28-Oct-2026":                     {"read as day month year", "2026-10-28"},
		"Wed, 28 Oct 2026 09:00:00 GMT":   {"read as day month year", "2026-10-28 09:00:00Z"},
		"Wed, 28 Oct 2026 09:00:00 +0100": {"read as day month year", "2026-10-28 09:00:00+01:00"},
		"Wed Oct 28 09:00:00 UTC 2026":    {"read as day month year", "2026-10-28 09:00:00Z"},
		"Wed Oct 28 09:00:00 2026":        {"read as day month year", "2026-10-28 09:00:00"},
		"28 Octember 2026":                {`"Octember" is read as no month`, ""},
		"31 June 2026":                    {"June 2026 has 30 days", ""},
		"20261028":                        {"read as a date without hyphens", "2026-10-28"},
		"20261328":                        {"read as a number, which is no date", ""},
		"9999999":                         {"read as a number, which is no date", ""},
		"1793178000":                      {"read as seconds since 1970", "2026-10-28T10:00:00+01:00"},
		"1793178000000":                   {"read as milliseconds since 1970", "2026-10-28T10:00:00+01:00"},
		"2026":                            {"read as a year alone", ""},
		"2026-10":                         {"read as a month; the day is missing", ""},
		"yesterday":                       {"read as a word that means another day each day", ""},
		"soon":                            {"read as words", ""},
		"":                                {"there is nothing here", ""},
		"2026-W44-3":                      {"", ""},
		"0000-10-10":                      {"there is no year 0", ""},
	} {
		got := Read(s, zone)
		if write := strings.Join(got.Write, " or "); got.Label != want.label || write != want.write {
			t.Errorf("%q: %q, write %q; want %q, %q", s, got.Label, write, want.label, want.write)
		}
		for _, w := range got.Write {
			if _, ok := Parse(w, zone); !ok {
				t.Errorf("%q offers %q, which is no date either", s, w)
			}
		}
		if _, ok := Parse(s, zone); ok {
			t.Errorf("%q is a date", s)
		}
	}
}

// TestOdd holds that the hours which clocks skip or have twice are told.
func TestOdd(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"2026-03-29 02:30":          "clocks skip this hour in Europe/Berlin: read as ",
		"2026-10-25 02:30":          "clocks have this hour twice in Europe/Berlin: read as 02:30 CEST",
		"2026-10-25 01:59":          "",
		"2026-10-25 03:00":          "",
		"2026-03-29 03:00":          "",
		"2026-03-29":                "",
		"2026-03-29T02:30:00+01:00": "",
		"nothing":                   "",
	} {
		if got := Odd(s, berlin(t)); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func TestAt(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 28, 9, 30, 0, 0, berlin(t)) // a Wednesday
	for s, want := range map[string]string{
		"tomorrow 09:00": "2026-10-29T09:00:00+01:00", "tomorrow": "2026-10-29T09:00:00+01:00", "today 18:00": "2026-10-28T18:00:00+01:00",
		"18:00": "2026-10-28T18:00:00+01:00", "09:00": "2026-10-29T09:00:00+01:00", "Friday at 8:15": "2026-10-30T08:15:00+01:00",
		"wednesday": "2026-11-04T09:00:00+01:00", "next mon 10:00": "2026-11-02T10:00:00+01:00", "in 3 days": "2026-10-31T09:30:00+01:00",
		"in 2 hours": "2026-10-28T11:30:00+01:00", "in 1 week": "2026-11-04T09:30:00+01:00", "2026-12-01": "2026-12-01T00:00:00+01:00",
		"2026-12-01 09:00": "2026-12-01T09:00:00+01:00", "2026-12-01t09:00:00z": "2026-12-01T10:00:00+01:00",
		"soon": "", "": "", "tomorrow 25:00": "", "28/10/2026": "", "32:00": "",
	} {
		got, err := At(s, now)
		if shown := got.Format(time.RFC3339); (err == nil) != (want != "") || err == nil && shown != want {
			t.Errorf("%q: %s, %v, want %q", s, shown, err, want)
		}
	}
}

// TestClocksThatChange holds which moment is meant by an hour that clocks skip or have twice, and that a day never becomes the day before.
func TestClocksThatChange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, says, want string }{
		{"Europe/Berlin", "2026-03-29 02:30", "2026-03-29T03:30:00+02:00"},
		{"Europe/Berlin", "2026-03-29T02:00:00", "2026-03-29T03:00:00+02:00"},
		{"Europe/Berlin", "2026-03-29 01:59", "2026-03-29T01:59:00+01:00"},
		{"Europe/Berlin", "2026-03-29 03:00", "2026-03-29T03:00:00+02:00"},
		{"Europe/Berlin", "2026-10-25 02:30", "2026-10-25T02:30:00+02:00"},
		{"Europe/Berlin", "2026-10-25 03:00", "2026-10-25T03:00:00+01:00"},
		{"Europe/Berlin", "2026-10-25 02:30:00+01:00", "2026-10-25T02:30:00+01:00"},
		{"America/New_York", "2026-11-01 01:30", "2026-11-01T01:30:00-04:00"},
		{"America/New_York", "2026-03-08 02:30", "2026-03-08T03:30:00-04:00"},
		{"America/Santiago", "2026-09-06", "2026-09-06T01:00:00-03:00"},
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00"},
		{"Africa/Cairo", "2024-04-26", "2024-04-26T01:00:00+03:00"},
		{"America/Havana", "2026-11-01", "2026-11-01T00:00:00-04:00"},
		{"Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-04T02:45:00+11:00"},
		{"Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00"},
		{"UTC", "2026-03-29 02:30", "2026-03-29T02:30:00Z"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := Parse(c.says, zone); !ok || got.Format(time.RFC3339) != c.want {
			t.Errorf("%s in %s is %s, want %s", c.says, c.zone, got.Format(time.RFC3339), c.want)
		}
	}
}
