package publisher

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/postil-blog/postil/site"
)

// The codes of everything that publish has to say about content. A code keeps its meaning for ever; each has a page in
// docs/diagnostics.
const (
	codeSyntax       = "P001" // front matter is not TOML or YAML
	codeBlock        = "P002" // front matter is missing, too large, or has no end
	codeUnknown      = "P003" // unknown key
	codeType         = "P004" // value of the wrong type
	codeTitle        = "P010" // no title
	codeNoDate       = "P011" // a post without a date
	codeDate         = "P012" // date is not a date
	codeSlug         = "P013" // slug, permalink or alias cannot be an address
	codeKey          = "P014" // id cannot be used
	codeSameKey      = "P015" // two posts with one id
	codeCollision    = "P016" // two files want one address
	codeChoice       = "P018" // not one of the values
	codeAuthor       = "P019" // author who is not in config.toml
	codeCostly       = "P020" // Markdown that would take too long
	codeFile         = "P021" // not a plain file, or out of the content folder
	codeText         = "P022" // not UTF-8, or NUL in it
	codeSpeaker      = "P023" // whoever speaks of a post is no actor of the blog any more
	codeMath         = "P024" // formula that is none
	codeEmoji        = "P025" // custom emoji that cannot be used
	codeTags         = "P026" // more than a hundred tags
	codeClock        = "P027" // clock that is behind what was published
	codeLink         = "P030" // link to a file that is not there
	codePicture      = "P031" // picture that is not there or is none
	codeRenamed      = "P032" // renamed without an id
	codeLongTitle    = "P040" // title longer than followers' servers show
	codeAlt          = "P041" // picture without a description
	codeMention      = "P042" // mention that is not sent
	codeReply        = "P043" // reply that does not say what it answers
	codeDeadLink     = "P044" // link to a page or a place in one that is not there
	codeHeading      = "P045" // heading that skips a level
	codeHeavy        = "P046" // picture that weighs more than a megabyte
	codeMoved        = "P047" // address that changed without an alias
	codeFollowers    = "P048" // what followers get is not what was meant
	codeOddDate      = "P049" // date that is odd
	codeTemplate     = "P050" // template fault while rendering a post
	codeTemplateText = "P051" // template that cannot be read
	codeTheme        = "P052" // theme that is not there, or is none
	codeThread       = "P060" // comments/*.json that cannot be read
	codeGroup        = "P061" // a Group without authors
	codeCallout      = "P070" // > [!KIND] of a kind that there is not
	codeAnchor       = "P071" // link to a heading that is not there
	codeAmbiguous    = "P072" // wikilink that two posts answer to
	codeFence        = "P073" // option of a code block that there is not
	codeNoCode       = "P074" // shortcode that there is not
	codeShortcode    = "P075" // shortcode that is written wrongly
	codeCodeFault    = "P076" // template fault of a shortcode of the site's own
	codeHost         = "P080" // the host serves files alone, and federation.url is the site's own
	codeTranslation  = "P083" // translation_of names no post
	codeMenu         = "P084" // an entry of the menu leads to a file that is not there
	codeData         = "P085" // data file that cannot be read
	codeEncoder      = "P088" // an encoder that failed
	codeDamaged      = "P082" // a picture whose metadata cannot be taken out
)

// WriteDiagnostics writes faults as a person reads them: what, where, the line with a caret beneath, and what to do.
// color adds ANSI colours.
func WriteDiagnostics(w io.Writer, ds site.Diagnostics, color bool) error {
	b := bufio.NewWriter(w)
	for _, d := range ds {
		writeDiagnostic(b, d, painter(color))
	}
	return b.Flush()
}

// painter gives text in an ANSI colour, or as it is.
func painter(color bool) func(code, s string) string {
	return func(code, s string) string {
		if !color || s == "" {
			return s
		}
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
}

func writeDiagnostic(w io.Writer, d site.Diagnostic, paint func(code, s string) string) {
	tone := "1;31"
	if d.Severity == site.Warning {
		tone = "1;33"
	}
	fmt.Fprintf(w, "%s %s\n", paint(tone, fmt.Sprintf("%s[%s]", d.Severity, d.Code)), printable(d.Message))
	number := ""
	if d.Line > 0 {
		number = fmt.Sprint(d.Line)
	}
	margin := strings.Repeat(" ", max(len(number), 1))
	fmt.Fprintf(w, "%s ┌─ %s\n", margin, printable(place(d)))
	if d.Excerpt != "" {
		line := strings.ReplaceAll(printable(d.Excerpt), "\t", " ")
		fmt.Fprintf(w, "%s │ %s\n", paint("2", number), line)
		caret := strings.Repeat(" ", max(d.Col-1, 0)) + paint(tone, strings.Repeat("^", max(d.Width, 1)))
		fmt.Fprintf(w, "%s │ %s\n", margin, strings.TrimRight(caret+" "+printable(d.Label), " "))
	}
	if d.Help != "" {
		fmt.Fprintf(w, "%s = help: %s\n", margin, printable(d.Help))
	}
	if d.Fix != (site.Fix{}) {
		fmt.Fprintf(w, "%s = fix:  publish check --fix\n", margin)
	}
}

func place(d site.Diagnostic) string {
	switch {
	case d.Line > 0 && d.Col > 0:
		return fmt.Sprintf("%s:%d:%d", d.File, d.Line, d.Col)
	case d.Line > 0:
		return fmt.Sprintf("%s:%d", d.File, d.Line)
	}
	return d.File
}

// printable keeps a file's odd bytes from steering the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && (r < ' ' || r >= 0x7f && r < 0xa0) {
			return '\uFFFD'
		}
		return r
	}, s)
}

// maxFaults is how many faults of one file are told one by one.
const maxFaults = 100

// capped keeps so many of one file's faults, errors first, and counts the others.
func capped(all site.Diagnostics) site.Diagnostics {
	if len(all) <= maxFaults {
		return all
	}
	slices.SortStableFunc(all, func(x, y site.Diagnostic) int { return cmp.Compare(x.Severity, y.Severity) }) // "error" before "warning"
	more := all[maxFaults]
	more.Message = fmt.Sprintf("%d more faults in this file, of which this is the first: %s", len(all)-maxFaults, more.Message)
	return append(slices.Clip(all[:maxFaults]), more)
}

// maxShown is how many characters of a line are shown: more would fill the screen.
const maxShown = 200

// excerpt is line n (from 1) of a source.
func excerpt(src string, n int) string {
	for range n - 1 {
		_, rest, ok := strings.Cut(src, "\n")
		if !ok {
			return ""
		}
		src = rest
	}
	line, _, _ := strings.Cut(src, "\n")
	if r := []rune(line[:min(len(line), utf8.UTFMax*(maxShown+1))]); len(r) > maxShown {
		line = string(r[:maxShown]) + "…"
	}
	return line
}
