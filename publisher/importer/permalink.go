package importer

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var placeholder = regexp.MustCompile(`:(\[?)([a-z_]+)(\]?)`)

// permalink fills a template of Jekyll's or Hugo's, such as /:year/:month/:title/. Words that neither knows stay.
func permalink(template string, words map[string]string) string {
	s := placeholder.ReplaceAllStringFunc(template, func(m string) string {
		name := strings.TrimPrefix(m, ":")
		for end := len(name); end > 0; end-- { // :title_x is not known, :title is
			if v, ok := words[name[:end]]; ok {
				return v + name[end:]
			}
		}
		return m
	})
	for strings.Contains(s, "//") {
		s = strings.ReplaceAll(s, "//", "/")
	}
	if !strings.HasPrefix(s, "/") {
		s = "/" + s
	}
	return s
}

// dateWords are what both generators call the parts of a date.
func dateWords(t time.Time) map[string]string {
	if t.IsZero() {
		return map[string]string{}
	}
	year, week := t.ISOWeek()
	return map[string]string{
		"year": t.Format("2006"), "short_year": t.Format("06"), "month": t.Format("01"), "i_month": strconv.Itoa(int(t.Month())), "short_month": t.Format("Jan"), "long_month": t.Format("January"),
		"monthname": t.Format("January"), "day": t.Format("02"), "i_day": strconv.Itoa(t.Day()), "y_day": fmt.Sprintf("%03d", t.YearDay()), "yearday": strconv.Itoa(t.YearDay()),
		"w_year": strconv.Itoa(year), "week": fmt.Sprintf("%02d", week), "w_day": strconv.Itoa((int(t.Weekday())+6)%7 + 1), "short_day": t.Format("Mon"), "long_day": t.Format("Monday"),
		"weekday": strconv.Itoa(int(t.Weekday())), "weekdayname": t.Format("Monday"), "hour": t.Format("15"), "minute": t.Format("04"), "second": t.Format("05"),
	}
}
