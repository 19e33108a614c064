package markup

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

// quotes are the quotation marks of languages (CLDR, delimiters): outer left and right, inner left and right. In French the
// guillemets keep their distance by a narrow blank that does not break.
var quotes = map[string][4]string{
	"en": {"“", "”", "‘", "’"},
	"de": {"„", "“", "‚", "‘"}, "cs": {"„", "“", "‚", "‘"}, "sk": {"„", "“", "‚", "‘"}, "sl": {"„", "“", "‚", "‘"}, "is": {"„", "“", "‚", "‘"}, "lt": {"„", "“", "„", "“"},
	"et": {"„", "“", "‚", "‘"}, "bg": {"„", "“", "„", "“"},
	"fr": {"«\u202f", "\u202f»", "“", "”"}, "it": {"«", "»", "“", "”"}, "es": {"«", "»", "“", "”"}, "pt-pt": {"«", "»", "“", "”"}, "ca": {"«", "»", "“", "”"}, "el": {"«", "»", "“", "”"},
	"de-ch": {"«", "»", "‹", "›"}, "nb": {"«", "»", "‘", "’"}, "no": {"«", "»", "‘", "’"}, "nn": {"«", "»", "‘", "’"},
	"ru": {"«", "»", "„", "“"}, "uk": {"«", "»", "„", "“"}, "be": {"«", "»", "„", "“"}, "fa": {"«", "»", "‹", "›"}, "hy": {"«", "»", "«", "»"},
	"sv": {"”", "”", "’", "’"}, "fi": {"”", "”", "’", "’"},
	"pl": {"„", "”", "«", "»"}, "hu": {"„", "”", "»", "«"}, "ro": {"„", "”", "«", "»"}, "hr": {"„", "”", "‚", "’"}, "sr": {"„", "”", "‘", "’"},
	"da": {"”", "”", "’", "’"}, "he": {"”", "”", "’", "’"},
	"ja": {"「", "」", "『", "』"},
}

// QuoteStyle is the name of a language's quotation marks: that of the language itself, of its first part, or "en". Languages of one
// name are set alike.
func QuoteStyle(language string) string {
	language = strings.ReplaceAll(strings.ToLower(language), "_", "-")
	for {
		if _, ok := quotes[language]; ok {
			return language
		}
		i := strings.LastIndexByte(language, '-')
		if i < 0 {
			return "en"
		}
		language = language[:i]
	}
}

// Typographer sets straight quotation marks, "--" and "..." as they are printed in a language. The apostrophe is the same in all.
func Typographer(language string) goldmark.Extender {
	q := quotes[QuoteStyle(language)]
	return extension.NewTypographer(extension.WithTypographicSubstitutions(map[extension.TypographicPunctuation][]byte{
		extension.LeftDoubleQuote: []byte(q[0]), extension.RightDoubleQuote: []byte(q[1]), extension.LeftSingleQuote: []byte(q[2]), extension.RightSingleQuote: []byte(q[3]),
	}))
}
