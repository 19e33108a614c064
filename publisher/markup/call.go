package markup

import "strings"

// Call is one shortcode as it is written: {{< name "first" key="second" >}}, or Hugo's other brackets {{% name %}}.
type Call struct {
	Name   string
	Args   []string          // those without a name
	Named  map[string]string // the others
	Shut   bool              // {{< /name >}}
	Empty  bool              // {{< name />}} has no text, whatever else it could have
	Offset int               // of the first brace in the source
	Width  int               // in bytes
	Fault  string            // why it cannot be run
}

// maxCall is how many bytes a call may have, maxArgs how many arguments.
const (
	maxCall = 4096
	maxArgs = 64
)

// opens tells whether a call begins here, and not {{</* an escaped one */>}}.
func opens(s []byte) bool {
	return len(s) > 4 && s[0] == '{' && s[1] == '{' && (s[2] == '<' || s[2] == '%') && !(s[3] == '/' && s[4] == '*')
}

// parseCall reads a call at the beginning of s. size is how many bytes it takes, 0 where its end is not there.
func parseCall(s []byte) (c Call, size int) {
	end := ">}}"
	if s[2] == '%' {
		end = "%}}"
	}
	p := arguments{s: string(s[:min(len(s), maxCall)]), i: 3}
	p.blanks()
	if p.next("/" + end) {
		return Call{Fault: "a shortcode without a name"}, p.i
	}
	if p.next("/") {
		c.Shut = true
		p.blanks()
	}
	for first := true; ; first = false {
		p.blanks()
		switch {
		case p.next("/" + end):
			c.Empty = true
			return c.checked(), p.i
		case p.next(end):
			return c.checked(), p.i
		case p.i >= len(p.s) || strings.HasPrefix(p.s[p.i:], "{{"):
			return c, 0
		}
		name, value, named, ok := p.argument(end)
		switch {
		case !ok:
			return c, 0
		case first && !named:
			c.Name = value
		case len(c.Args)+len(c.Named) >= maxArgs:
			c.Fault = "more than 64 arguments"
		case named:
			if c.Named == nil {
				c.Named = map[string]string{}
			}
			c.Named[name] = value
		default:
			c.Args = append(c.Args, value)
		}
	}
}

func (c Call) checked() Call {
	if c.Fault == "" && (c.Name == "" || strings.Trim(strings.ToLower(c.Name), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "") {
		c.Fault = "a shortcode without a name"
	}
	return c
}

// Get is the argument of a name, or the one at a place where it has no name; "" where there is none.
func (c Call) Get(name string, place int) string {
	if v, ok := c.Named[name]; ok {
		return v
	}
	if place >= 0 && place < len(c.Args) {
		return c.Args[place]
	}
	return ""
}

// arguments reads what stands in a call.
type arguments struct {
	s string
	i int
}

func (p *arguments) blanks() {
	for p.i < len(p.s) && strings.IndexByte(" \t\n\r", p.s[p.i]) >= 0 {
		p.i++
	}
}

func (p *arguments) next(s string) bool {
	if strings.HasPrefix(p.s[p.i:], s) {
		p.i += len(s)
		return true
	}
	return false
}

// argument reads one, with its name where it has one.
func (p *arguments) argument(end string) (name, value string, named, ok bool) {
	if value, quoted, ok := p.quoted(); quoted {
		return "", value, false, ok
	}
	from := p.i
	for p.i < len(p.s) {
		rest := p.s[p.i:]
		switch {
		case rest[0] == '=' && p.i > from:
			name = p.s[from:p.i]
			p.i++
			if value, quoted, ok := p.quoted(); quoted {
				return name, value, true, ok
			}
			_, value, _, ok = p.argument(end)
			return name, value, true, ok
		case strings.IndexByte(" \t\n\r", rest[0]) >= 0, strings.HasPrefix(rest, end), strings.HasPrefix(rest, "/"+end), strings.HasPrefix(rest, "{{"):
			return "", p.s[from:p.i], false, p.i > from
		}
		p.i++
	}
	return "", "", false, false
}

// quoted reads "text with \" in it" or `text as it is`.
func (p *arguments) quoted() (value string, quoted, ok bool) {
	if p.i >= len(p.s) || p.s[p.i] != '"' && p.s[p.i] != '`' {
		return "", false, false
	}
	mark := p.s[p.i]
	var b strings.Builder
	for p.i++; p.i < len(p.s); p.i++ {
		switch c := p.s[p.i]; {
		case c == mark:
			p.i++
			return b.String(), true, true
		case c == '\\' && mark == '"' && p.i+1 < len(p.s) && (p.s[p.i+1] == '"' || p.s[p.i+1] == '\\'):
			p.i++
			b.WriteByte(p.s[p.i])
		default:
			b.WriteByte(c)
		}
	}
	return "", true, false
}
