package markup

import (
	"slices"
	"strconv"
	"strings"
)

// Fence is what stands behind the ``` of a code block: the language, and options in the words of Postil and of Hugo.
//
//	go {file="main.go" lines=true mark="3,5-7" start=10}
//	go {linenos=true,hl_lines=[3,"5-7"],linenostart=10}
type Fence struct {
	Language string
	File     string  // name of the file that the code is from, "" for none
	Lines    bool    // lines are numbered,
	Start    int     // from this number on
	Marks    []Range // marked lines, counted from 1 whatever Start is
	Diff     bool    // lines begin with "+", "-" or a blank
	Unknown  []string
}

// Range is lines From to To, both of them included.
type Range struct{ From, To int }

// FenceOptions are the options that ParseFence knows.
var FenceOptions = []string{"diff", "file", "filename", "hl_lines", "linenos", "linenostart", "lines", "mark", "start", "title"}

// quietOptions are those of other programs that change nothing here.
var quietOptions = []string{"anchorlinenos", "lineanchors", "guesssyntax", "hl_inline", "style", "tabwidth", "numberlines"}

// ParseFence reads the text behind the ``` of a code block.
func ParseFence(info string) Fence {
	end := strings.IndexAny(info, " \t{")
	if end < 0 {
		end = len(info)
	}
	f := Fence{Language: info[:end], Start: 1}
	rest := strings.Map(func(c rune) rune {
		if c == '\t' {
			return ' '
		}
		return c
	}, info[end:])
	for rest = trimOptions(rest); rest != ""; rest = trimOptions(rest) {
		name, value, after := option(rest)
		f.set(name, value)
		rest = after
	}
	if inner, ok := strings.CutPrefix(f.Language, "diff-"); ok && inner != "" {
		f.Language, f.Diff = inner, true
	}
	return f
}

func trimOptions(s string) string { return strings.TrimLeft(s, " ,{}") }

// option cuts "name=value" off the text. A value is quoted, a list, or ends at a blank, a comma or a brace.
func option(s string) (name, value, rest string) {
	end := strings.IndexAny(s, "= ,}")
	if end < 0 {
		return s, "", ""
	}
	name, rest = s[:end], s[end:]
	if rest[0] != '=' {
		return name, "", rest
	}
	rest = strings.TrimLeft(rest[1:], " ")
	if rest == "" {
		return name, "", ""
	}
	shut := map[byte]string{'"': `"`, '\'': "'", '[': "]", '`': "`"}[rest[0]]
	if shut != "" {
		if value, after, ok := strings.Cut(rest[1:], shut); ok {
			return name, value, after
		}
	}
	if end = strings.IndexAny(rest, " ,}"); end < 0 {
		end = len(rest)
	}
	return name, rest[:end], rest[end:]
}

func (f *Fence) set(name, value string) {
	switch strings.ToLower(name) {
	case "file", "filename", "title":
		f.File = value
	case "lines", "linenos":
		f.Lines = !slices.Contains([]string{"false", "no", "0"}, value)
	case "start", "linenostart":
		if n, err := strconv.Atoi(value); err == nil && n >= 0 && n < 1_000_000 {
			f.Start = n
		} else {
			f.Unknown = append(f.Unknown, name+"="+value)
		}
	case "mark", "hl_lines":
		f.mark(name, value)
	case "diff":
		f.Diff = value != "false"
	default:
		f.other(name, value)
	}
}

// other reads what is no option by name: {3,5-7} marks lines, {.go} names the language as Pandoc does, {#x} is an id that nothing
// here leads to.
func (f *Fence) other(name, value string) {
	switch {
	case value == "" && strings.Trim(name, "0123456789-") == "":
		f.mark("", name)
	case strings.HasPrefix(name, "."):
		if f.Language == "" {
			f.Language = name[1:]
		}
	case strings.HasPrefix(name, "#"), slices.Contains(quietOptions, strings.ToLower(name)):
	default:
		f.Unknown = append(f.Unknown, name)
	}
}

// mark reads "3,5-7". Hugo writes the ranges in quotes within its list.
func (f *Fence) mark(name, value string) {
	for part := range strings.FieldsFuncSeq(value, func(c rune) bool { return strings.ContainsRune(", \"'", c) }) {
		first, last, ranged := strings.Cut(part, "-")
		if !ranged {
			last = first
		}
		from, err := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err != nil || err2 != nil || from < 1 || to < from {
			f.Unknown = append(f.Unknown, strings.TrimPrefix(name+"="+part, "="))
			continue
		}
		f.Marks = append(f.Marks, Range{from, to})
	}
}

// Plain tells whether the code is shown as one piece, without anything said of its lines.
func (f Fence) Plain() bool { return !f.Lines && !f.Diff && len(f.Marks) == 0 }

// Data is what the fence says of its lines, as data attributes; Postil's own renderer reads them again (ParseData).
func (f Fence) Data() string {
	var b strings.Builder
	if f.Lines {
		b.WriteString(` data-start="` + strconv.Itoa(f.Start) + `"`)
	}
	if len(f.Marks) > 0 {
		b.WriteString(` data-mark="`)
		for i, r := range f.Marks {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strconv.Itoa(r.From))
			if r.To > r.From {
				b.WriteString("-" + strconv.Itoa(r.To))
			}
		}
		b.WriteByte('"')
	}
	if f.Diff {
		b.WriteString(` data-diff="on"`)
	}
	return b.String()
}

// ParseData reads what Data wrote.
func ParseData(s string) Fence {
	f := Fence{Start: 1}
	for s = trimOptions(s); s != ""; s = trimOptions(s) {
		name, value, rest := option(s)
		switch name {
		case "data-start":
			f.set("lines", "true")
			f.set("start", value)
		case "data-mark":
			f.set("mark", value)
		case "data-diff":
			f.Diff = true
		}
		s = rest
	}
	return f
}

// Marked tells whether a line, counted from 1, is marked.
func (f Fence) Marked(line int) bool {
	return slices.ContainsFunc(f.Marks, func(r Range) bool { return r.From <= line && line <= r.To })
}
