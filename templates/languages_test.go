package templates

import "testing"

func TestLanguageName(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{"de": "Deutsch", "DE": "Deutsch", "pt-BR": "Português (BR)", "zh-Hant": "繁體中文", "zh-Hant-TW": "繁體中文 (TW)", "tlh": "tlh", "sr-Latn": "Srpski", "sr-Latn-RS": "Srpski (RS)"} {
		if got := LanguageName(tag); got != want {
			t.Errorf("LanguageName(%q) = %q, want %q", tag, got, want)
		}
	}
	for _, lang := range Languages() {
		if LanguageName(lang) == lang {
			t.Errorf("%s has no name", lang)
		}
	}
}
