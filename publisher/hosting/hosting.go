// Package hosting writes what a static host wants to be told beside the pages: redirects, headers, and where WebFinger is answered.
//
// What a site has to say comes in as a Site; files by name go out, with what did not fit into the host's limits. It knows no post and
// no folder. The hosts differ in three ways: the format of the file, how many rules they read, and whether a file hides a rule of its name.
package hosting

import (
	"cmp"
	"slices"
	"strings"
)

// The hosts. Own is a server of the blogger's, such as inboxd behind nginx: it needs no file.
const (
	Own        = "own"
	Netlify    = "netlify"
	Cloudflare = "cloudflare"
	Vercel     = "vercel"
	GitHub     = "github"
	GitLab     = "gitlab"
	Codeberg   = "codeberg"
)

// Names are the hosts that publish.host may name.
var Names = []string{Own, Netlify, Cloudflare, Vercel, GitHub, GitLab, Codeberg}

// Redirect leads from one path of the site to another, or to an address elsewhere. Both are percent-encoded.
type Redirect struct {
	From, To string
	Status   int // 301 or 302
}

// Rule gives headers to a path. A path may end in "/*": everything below.
type Rule struct {
	Path    string
	Headers []Header
}

// Header is one header of an answer.
type Header struct{ Name, Value string }

// Site is what there is to say. The first of a list is the most important: what a host has no room for is cut at the end.
type Site struct {
	Moves     []Redirect // of the site's own addresses; a page that leads on is there wherever Result.Moved does not hold one
	WellKnown []Redirect // what the daemon answers
	Common    []Rule     // of many paths
	Pages     []Rule     // of one page each
}

// Result is what goes out.
type Result struct {
	Files map[string][]byte // by name below the output folder
	Moved map[string]bool   // by From: these need no page of their own any more
	// Redirects and Headers are how many rules had no room.
	Redirects, Headers int
}

// Static tells whether a host serves files and nothing else: the daemon has to have another address.
func Static(host string) bool { return host != "" && host != Own }

// Rules tells whether a host reads rules at all.
func Rules(host string) bool { return host == Netlify || host == Cloudflare || host == Vercel }

// limit is how much a host reads: rules of redirects and of headers, and bytes of a line; 0 is no limit that it documents.
type limit struct{ redirects, headers, line int }

// limits: https://developers.cloudflare.com/pages/configuration/redirects/ and headers/; Vercel counts all routes together and refuses
// more than 1,024 of them (https://nextjs.org/docs/messages/max-custom-routes-reached warns from 1,000 on).
var limits = map[string]limit{
	Cloudflare: {redirects: 2000, headers: 100, line: 1000},
	Vercel:     {redirects: 600, headers: 400},
}

// Files writes the files of a host.
func Files(host string, s Site) Result {
	r := Result{Files: map[string][]byte{}, Moved: map[string]bool{}}
	if host == GitHub {
		r.Files[".nojekyll"] = nil // else GitHub leaves out every name that begins with a dot or an underscore
	}
	if !Rules(host) {
		return r
	}
	redirects := r.redirects(host, s)
	rules := r.headers(host, s)
	if host == Vercel {
		r.Files["vercel.json"] = vercel(redirects, rules)
		return r
	}
	if len(redirects) > 0 {
		r.Files["_redirects"] = redirectLines(redirects)
	}
	if len(rules) > 0 {
		r.Files["_headers"] = headerLines(rules)
	}
	return r
}

// redirects are those that the host reads, each spelling on its own, and are noted in Moved.
func (r *Result) redirects(host string, s Site) []Redirect {
	max := limits[host]
	list := slices.Clone(s.WellKnown)
	for _, m := range s.Moves {
		forms := spellings(host, m)
		if !plain(host, m, max.line) || max.redirects > 0 && len(list)+len(forms) > max.redirects {
			r.Redirects++
			continue
		}
		list = append(list, forms...)
		r.Moved[m.From] = true
	}
	return list
}

// spellings are a redirect with and without its closing slash, for hosts that compare paths to the letter.
func spellings(host string, m Redirect) []Redirect {
	bare := strings.TrimSuffix(m.From, "/")
	if host == Netlify || bare == m.From || bare == "" {
		return []Redirect{m}
	}
	return []Redirect{m, {bare, m.To, m.Status}}
}

// plain tells whether a path means itself on a host: some characters are patterns there.
func plain(host string, m Redirect, line int) bool {
	patterns := "*: \t"
	if host == Vercel {
		patterns = `*:()+?{}[]\^$|`
	}
	return !strings.ContainsAny(m.From, patterns) && (line == 0 || len(m.From)+len(m.To)+6 <= line)
}

func (r *Result) headers(host string, s Site) []Rule {
	max := limits[host]
	list := slices.Concat(s.Common, s.Pages)
	if host == Vercel { // a path that is a pattern there would give the header to others
		list = slices.DeleteFunc(list, func(x Rule) bool {
			return !plain(host, Redirect{From: strings.TrimSuffix(x.Path, "/*")}, 0)
		})
	}
	room := cmp.Or(max.headers, len(list))
	r.Headers = len(s.Common) + len(s.Pages) - min(len(list), room)
	return list[:min(len(list), room)]
}
