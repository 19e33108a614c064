package importer

import (
	"regexp"
	"strings"
)

// blockTags are the elements around which WordPress's wpautop makes no paragraph.
const blockTags = `table|thead|tfoot|caption|col|colgroup|tbody|tr|td|th|div|dl|dd|dt|ul|ol|li|pre|form|map|area|blockquote|address|style|p|h[1-6]|hr|fieldset|legend|section|article|aside|hgroup|header|footer|nav|figure|figcaption|details|menu|summary|iframe|video|audio|script`

var (
	blockOpen  = regexp.MustCompile(`(?i)<(?:` + blockTags + `)[\s/>]`)
	blockClose = regexp.MustCompile(`(?i)</(?:` + blockTags + `)>|<hr\s*/?>`)
	startBlock = regexp.MustCompile(`(?i)^</?(?:` + blockTags + `)[\s/>]`)
	blankLines = regexp.MustCompile(`\n[ \t]*\n\s*`)
	verbatim   = regexp.MustCompile(`(?is)<(?:pre|script|style|svg)\b[^>]*>.*?</(?:pre|script|style|svg)>`)
)

// autop makes paragraphs of a classic post as WordPress does while showing it (wp-includes/formatting.php, wpautop): blank lines part
// them, other line ends are kept.
func autop(s string) string {
	var out strings.Builder
	last := 0
	for _, at := range verbatim.FindAllStringIndex(s, -1) {
		paragraphs(&out, s[last:at[0]])
		out.WriteString("\n" + s[at[0]:at[1]] + "\n")
		last = at[1]
	}
	paragraphs(&out, s[last:])
	return out.String()
}

func paragraphs(out *strings.Builder, s string) {
	s = blockOpen.ReplaceAllStringFunc(s, func(m string) string { return "\n\n" + m })
	s = blockClose.ReplaceAllStringFunc(s, func(m string) string { return m + "\n\n" })
	for _, chunk := range blankLines.Split(s, -1) {
		chunk = strings.TrimSpace(chunk)
		switch {
		case chunk == "":
		case startBlock.MatchString(chunk):
			out.WriteString(chunk + "\n")
		default:
			out.WriteString("<p>" + strings.ReplaceAll(chunk, "\n", "<br>\n") + "</p>\n")
		}
	}
}
