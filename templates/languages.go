package templates

import (
	"strings"
)

// languageNames are the names that languages have for themselves, for the switch between them. Those that the templates speak are among them.
var languageNames = map[string]string{
	"ar": "العربية", "bg": "Български", "ca": "Català", "cs": "Čeština", "cy": "Cymraeg", "da": "Dansk", "de": "Deutsch", "el": "Ελληνικά", "en": "English",
	"eo": "Esperanto", "es": "Español", "et": "Eesti", "eu": "Euskara", "fa": "فارسی", "fi": "Suomi", "fr": "Français", "ga": "Gaeilge", "gl": "Galego",
	"he": "עברית", "hi": "हिन्दी", "hr": "Hrvatski", "hu": "Magyar", "id": "Bahasa Indonesia", "is": "Íslenska", "it": "Italiano", "ja": "日本語", "ko": "한국어",
	"lt": "Lietuvių", "lv": "Latviešu", "nb": "Norsk bokmål", "nl": "Nederlands", "nn": "Norsk nynorsk", "no": "Norsk", "pl": "Polski", "pt": "Português",
	"ro": "Română", "ru": "Русский", "sk": "Slovenčina", "sl": "Slovenščina", "sr": "Српски", "sr-latn": "Srpski", "sv": "Svenska", "th": "ไทย", "tr": "Türkçe",
	"uk": "Українська", "vi": "Tiếng Việt", "zh": "中文", "zh-hans": "简体中文", "zh-hant": "繁體中文",
}

// LanguageName is what a language calls itself, "Deutsch" for "de". A part of the tag that the name does not say follows it: "Português (BR)".
// A language without a name here is called by its tag.
func LanguageName(tag string) string {
	lower := strings.ToLower(tag)
	for at := len(lower); at > 0; at = max(strings.LastIndexByte(lower[:at], '-'), 0) {
		name, ok := languageNames[lower[:at]]
		switch {
		case ok && at == len(tag):
			return name
		case ok:
			return name + " (" + tag[at+1:] + ")"
		}
	}
	return tag
}
