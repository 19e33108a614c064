package publisher

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/postil-blog/postil/publisher/dates"
	"github.com/postil-blog/postil/site"
)

var daysShape = regexp.MustCompile(`^[1-9][0-9]{0,4}d$`)

// date reads a date. One that is none gets a message with how it was read, and a fix where it can be read in one way alone.
func (r *reader) date(v value, to *time.Time) {
	s := strings.TrimSpace(v.text)
	if v.kind == isString || v.kind == isDate || v.kind == isNumber {
		if t, ok := dates.Parse(s, r.config.Location()); ok {
			*to = t
			if odd := dates.Odd(s, r.config.Location()); odd != "" {
				r.note(site.Warning, codeOddDate, v.at, "this hour is not what it seems", odd, "choose another hour, or write the zone: "+t.Format(time.RFC3339))
			}
			return
		}
	}
	r.notDate(v.at, s)
}

func (r *reader) notDate(at position, s string) {
	reading := dates.Read(s, r.config.Location())
	help := "write 2026-10-28, or 2026-10-28 09:00"
	switch w := reading.Write; {
	case len(w) == 1 && len(w[0]) == len(time.DateOnly):
		help = fmt.Sprintf("write %s, or %s 09:00", w[0], w[0])
	case len(w) > 0:
		help = "write " + strings.Join(w, " or ")
	}
	r.fault(codeDate, at, "date is not a date", reading.Label, help+" ("+r.zone()+")")
	if len(reading.Write) == 1 {
		r.fix(at, s, reading.Write[0])
	}
}

// zone names the zone of dates without one, and the line that sets it.
func (r *reader) zone() string {
	name := "zone " + r.config.Location().String()
	if from := r.config.Origin("site.timezone"); from.At != "" {
		name += " from " + from.At
	}
	return name
}

// fix offers to put text in the place of a value, with its quotes: the last fault is mended by that alone.
func (r *reader) fix(at position, old, text string) {
	line := []rune(excerpt(r.src, at.line))
	if at.col < 1 || at.col > len(line) {
		return
	}
	rest := string(line[at.col-1:])
	for _, q := range []string{`"`, "'", ""} {
		if strings.HasPrefix(rest, q+old+q) && old != "" {
			old = q + old + q
			r.faults[len(r.faults)-1].Fix = site.Fix{Line: at.line, Col: at.col, Old: old, Text: text}
			return
		}
	}
}

// bareDate is a line of TOML whose value was meant to be a date: the TOML parser says of it what no blogger understands.
var bareDate = regexp.MustCompile(`^\s*(date|updated|lastmod|expires)\s*=\s*([^"'\s#\[{][^"'#]*?)\s*(?:#.*)?$`)

// dateFault makes a fault of a date out of one of syntax.
func dateFault(b block, row int) *frontMatterFault {
	line := excerpt(b.text, row)
	m := bareDate.FindStringSubmatchIndex(line)
	if m == nil {
		return nil
	}
	before, text := line[:m[4]], line[m[4]:m[5]]
	return &frontMatterFault{code: codeDate, at: position{b.line + row - 1, len([]rune(before)) + 1, len([]rune(text))}, message: "date is not a date", date: text}
}
