package templates

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// words holds the built-in texts by language, one file a language (words_en.go and its like). English has every key; a key
// that another language lacks is shown in English. A counted text has one entry for each of the language's plural forms
// (Unicode CLDR: zero one two few many other), "replies.one", with # for the number.
var words = map[string]map[string]string{
	"ar": arabic, "de": german, "en": english, "es": spanish, "fr": french, "it": italian, "ja": japanese, "nl": dutch, "pl": polish, "pt": portuguese,
	"ru": russian, "zh": chinese,
}

// Languages lists the languages that the built-in templates speak.
func Languages() []string { return slices.Sorted(maps.Keys(words)) }

// table is the texts of a BCP 47 tag, and the language they are in: of "pt-BR", else of "pt", else English.
func table(lang string) (map[string]string, string) {
	lang = strings.ToLower(strings.ReplaceAll(lang, "_", "-"))
	for lang != "" {
		if w, ok := words[lang]; ok {
			return w, lang
		}
		i := strings.LastIndexByte(lang, '-')
		lang = lang[:max(i, 0)]
	}
	return english, "en"
}

// Text gives a built-in text in the language, "archive" or "notfound". Arguments take the places of %v. An unknown key is shown
// as itself, so that a template with a mistyped key still makes a page.
func Text(lang, key string, args ...any) string {
	w, _ := table(lang)
	s, ok := w[key]
	if !ok {
		if s, ok = english[key]; !ok {
			return key
		}
	}
	if len(args) > 0 {
		return fmt.Sprintf(s, args...)
	}
	return s
}

// count gives a counted text: count("en", "replies", 1) is "1 reply".
func count(lang, key string, n int) string {
	w, lang := table(lang)
	if _, ok := w[key+".other"]; !ok {
		w, lang = english, "en"
	}
	s, ok := w[key+"."+form(lang, n)]
	if !ok {
		if s, ok = w[key+".other"]; !ok {
			return strconv.Itoa(n) + " " + key
		}
	}
	return strings.ReplaceAll(s, "#", strconv.Itoa(n))
}

// Words gives the built-in texts of the keys in a language, and the language that they are in. A counted text ("replies") comes in all of
// the language's plural forms; for a key that the language lacks there is the English text.
func Words(lang string, keys ...string) (texts map[string]string, spoken string) {
	w, spoken := table(lang)
	texts = map[string]string{}
	for _, key := range keys {
		for _, form := range []string{"", ".zero", ".one", ".two", ".few", ".many", ".other"} {
			if s, ok := w[key+form]; ok {
				texts[key+form] = s
			} else if s, ok := english[key+form]; ok && (form == "" || w[key+".other"] == "") {
				texts[key+form] = s
			}
		}
	}
	return texts, spoken
}

// form is the plural form that the language uses for n.
func form(lang string, n int) string {
	if lang == "en" || lang == "de" { // what the tables say, for those who have a thousand pages
		if n == 1 {
			return "one"
		}
		return "other"
	}
	names := map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}
	if s, ok := names[plural.Cardinal.MatchPlural(language.Make(lang), n, 0, 0, 0, 0)]; ok {
		return s
	}
	return "other"
}

// direction is the writing direction of a language, for the dir attribute.
func direction(lang string) string {
	if _, ours := words[lang]; ours && lang != "ar" {
		return "ltr"
	}
	base, script, _ := language.Make(lang).Raw()
	switch script.String() {
	case "Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm":
		return "rtl"
	case "Zzzz":
		switch base.String() {
		case "ar", "fa", "he", "ur", "yi", "ps", "sd", "ug", "dv", "ckb", "syr", "nqo":
			return "rtl"
		}
	}
	return "ltr"
}

// locale is a language as OpenGraph wants it, "pt_BR". A language alone gets its most likely region.
func locale(lang string) string {
	tag := language.Make(lang)
	base, _ := tag.Base()
	region, _ := tag.Region()
	return base.String() + "_" + region.String()
}
