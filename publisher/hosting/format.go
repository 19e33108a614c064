package hosting

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// redirectLines is the format of Netlify and Cloudflare: from, to and status, one rule a line.
func redirectLines(list []Redirect) []byte {
	var b bytes.Buffer
	for _, m := range list {
		fmt.Fprintf(&b, "%s %s %d\n", m.From, m.To, m.Status)
	}
	return b.Bytes()
}

// headerLines is their format of headers: a path, then one header a line, indented.
func headerLines(list []Rule) []byte {
	var b bytes.Buffer
	for _, r := range list {
		fmt.Fprintln(&b, r.Path)
		for _, h := range r.Headers {
			fmt.Fprintf(&b, "  %s: %s\n", h.Name, oneLine(h.Value))
		}
	}
	return b.Bytes()
}

// oneLine keeps a value from becoming a second header.
func oneLine(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return -1
		}
		return c
	}, s)
}

// The parts of a vercel.json that we write (https://openapi.vercel.sh/vercel.json).
type vercelFile struct {
	TrailingSlash bool             `json:"trailingSlash"`
	Redirects     []vercelRedirect `json:"redirects,omitempty"`
	Headers       []vercelRule     `json:"headers,omitempty"`
}

type vercelRedirect struct {
	Source      string `json:"source"`
	Destination string `json:"destination"`
	StatusCode  int    `json:"statusCode"`
}

type vercelRule struct {
	Source  string         `json:"source"`
	Headers []vercelHeader `json:"headers"`
}

type vercelHeader struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// vercel is the file of Vercel. Its rules are read before any file is looked for.
func vercel(redirects []Redirect, rules []Rule) []byte {
	f := vercelFile{TrailingSlash: true}
	for _, m := range redirects {
		f.Redirects = append(f.Redirects, vercelRedirect{m.From, m.To, m.Status})
	}
	for _, r := range rules {
		v := vercelRule{Source: r.Path}
		if dir, ok := strings.CutSuffix(r.Path, "/*"); ok {
			v.Source = dir + "/(.*)"
		}
		for _, h := range r.Headers {
			v.Headers = append(v.Headers, vercelHeader{h.Name, oneLine(h.Value)})
		}
		f.Headers = append(f.Headers, v)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	_ = e.Encode(f) // strings and numbers alone
	return b.Bytes()
}
