package lookup

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/postil-blog/postil/cmd/internal/cli"
)

// print writes the report in the form that was asked for.
func (r *report) print(w io.Writer, f flags) error {
	switch {
	case f.json:
		return cli.JSON(w, r)
	case f.raw:
		body := string(r.last().Body)
		if cli.Terminal(w) {
			body = printableLines(body)
		}
		_, err := io.WriteString(w, body)
		return err
	}
	var b strings.Builder
	r.writeRequests(&b)
	if r.WebFinger != nil {
		r.WebFinger.write(&b)
	}
	if r.Object != nil {
		r.Object.write(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// line writes a name and a value that another server may have written; nothing where there is no value.
func line(b *strings.Builder, name, value string) {
	if value != "" {
		fmt.Fprintf(b, "%-12s %s\n", name, printable(value))
	}
}

func (r *report) writeRequests(b *strings.Builder) {
	line(b, "requests", r.Signed)
	for _, q := range r.Requests {
		answer := fmt.Sprint(q.Status)
		if q.Status == 0 {
			answer = "failed"
		}
		line(b, "  "+answer, fmt.Sprintf("%-12s %s", signatureName(q.Signature), q.URL))
		line(b, "", q.ContentType)
		if q.Location != "" {
			line(b, "", "leads to "+q.Location)
		}
		line(b, "", q.Says)
		line(b, "", q.Error)
	}
}

func signatureName(s string) string {
	if s == "none" {
		return "unsigned"
	}
	return s
}

func (f *finger) write(b *strings.Builder) {
	line(b, "webfinger", f.Subject)
	line(b, "  self", f.Self)
	line(b, "  page", f.Page)
	for _, s := range f.Missing {
		line(b, "  wrong", s)
	}
}

func (o *object) write(b *strings.Builder) {
	line(b, "document", o.ID)
	if !o.IDMatches {
		line(b, "  wrong", "the id is not the address that served it")
	}
	line(b, "  type", o.Type)
	line(b, "  name", o.Name)
	line(b, "  user", o.PreferredUsername)
	line(b, "  summary", short(o.Summary))
	line(b, "  text", short(o.Text))
	for _, l := range []struct {
		name string
		list []string
	}{{"by", o.AttributedTo}, {"answers", o.InReplyTo}, {"page", o.URL}, {"to", o.To}, {"cc", o.CC}, {"known as", o.AlsoKnownAs}} {
		line(b, "  "+l.name, strings.Join(l.list, " "))
	}
	line(b, "  published", stamp(o.Published))
	line(b, "  updated", stamp(o.Updated))
	line(b, "  inbox", o.Inbox)
	line(b, "  shared", o.SharedInbox)
	for _, k := range o.Keys {
		line(b, "  key", k.Kind+"  "+k.ID)
	}
	for _, name := range slices.Sorted(maps.Keys(o.Policies)) {
		line(b, "  policy", name+": "+o.Policies[name])
	}
	line(b, "  moved to", o.MovedTo)
	if o.Suspended {
		line(b, "  suspended", "yes")
	}
	for _, s := range o.Missing {
		line(b, "  missing", s)
	}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// short is the beginning of a text, on one line.
func short(s string) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) <= 200 {
		return string(r)
	}
	return string(r[:200]) + "…"
}

// printable takes out what would steer a terminal: all of this is in the words of other servers.
func printable(s string) string {
	return strings.ReplaceAll(printableLines(s), "\n", " ")
}

// printableLines is printable for a text of several lines.
func printableLines(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, s)
}
