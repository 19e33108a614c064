package templates

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

func TestLanguagesAreComplete(t *testing.T) {
	t.Parallel()
	if got := slices.Sorted(maps.Keys(words)); !slices.Equal(got, Languages()) {
		t.Errorf("Languages() = %v, there are %v", Languages(), got)
	}
	for lang, w := range words {
		forms := formsOf(lang)
		for key, en := range english {
			base, counted := strings.CutSuffix(key, ".other")
			switch {
			case counted:
				for _, f := range forms {
					if _, ok := w[base+"."+f]; !ok {
						t.Errorf("%s lacks %s.%s", lang, base, f)
					}
				}
			case strings.HasSuffix(key, ".one"):
			case strings.Count(w[key], "%v") != strings.Count(en, "%v") || w[key] == "":
				t.Errorf("%s: %s = %q, in English %q", lang, key, w[key], en)
			}
		}
		for key := range w {
			if base, _, _ := strings.Cut(key, "."); english[key] == "" && english[base+".other"] == "" {
				t.Errorf("%s has %s, English does not", lang, key)
			}
		}
		for _, key := range []string{"months", "months-short"} {
			if n := len(strings.Fields(w[key])); n != 12 {
				t.Errorf("%s: %d %s", lang, n, key)
			}
		}
	}
}

// formsOf is the plural forms that a language uses for the numbers that occur.
func formsOf(lang string) []string {
	seen := map[string]bool{}
	for n := range 200 {
		seen[form(lang, n)] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

func TestFormFollowsCLDR(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string][]string{"en": {"one", "other"}, "ar": {"few", "many", "one", "other", "two", "zero"}, "fr": {"one", "other"}, "de": {"one", "other"}, "pl": {"few", "many", "one"}, "ru": {"few", "many", "one"}, "ja": {"other"}, "zh": {"other"}} {
		if got := formsOf(lang); !slices.Equal(got, want) {
			t.Errorf("plural forms of %s = %v, want %v", lang, got, want)
		}
	}
	if f := plural.Cardinal.MatchPlural(language.French, 0, 0, 0, 0, 0); f != plural.One {
		t.Errorf("French 0 is %v", f)
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lang, key string
		n         int
		want      string
	}{
		{"en", "replies", 0, "0 replies"}, {"en", "replies", 1, "1 reply"}, {"en-GB", "replies", 5, "5 replies"}, {"de", "replies", 1, "1 Antwort"},
		{"de-AT", "minutes", 2, "2 Minuten"}, {"fr", "replies", 0, "0 réponse"}, {"ar", "replies", 2, "ردان"}, {"ar", "replies", 11, "11 ردًا"},
		{"pl", "posts", 1, "1 wpis"}, {"pl", "posts", 3, "3 wpisy"}, {"pl", "posts", 5, "5 wpisów"}, {"pl", "posts", 12, "12 wpisów"}, {"pl", "posts", 22, "22 wpisy"}, {"pl", "posts", 21, "21 wpisów"},
		{"ru", "replies", 1, "1 ответ"}, {"ru", "replies", 2, "2 ответа"}, {"ru", "replies", 11, "11 ответов"}, {"ru", "replies", 21, "21 ответ"}, {"ru", "replies", 0, "0 ответов"},
		{"ja", "posts", 1, "1件の記事"}, {"zh-Hans-CN", "minutes", 2, "2 分钟"}, {"pt-BR", "posts", 2, "2 artigos"}, {"it", "replies", 1, "1 risposta"}, {"nl", "minutes", 2, "2 minuten"},
		{"tlh", "posts", 3, "3 posts"}, {"", "posts", 1, "1 post"}, {"en", "nosuch", 2, "2 nosuch"},
	} {
		if got := count(c.lang, c.key, c.n); got != c.want {
			t.Errorf("count(%q, %q, %d) = %q, want %q", c.lang, c.key, c.n, got, c.want)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lang, key, want string }{
		{"en", "reply", "Reply"}, {"de-CH", "reply", "Antworten"}, {"DE_at", "reply", "Antworten"}, {"xx", "reply", "Reply"}, {"en", "nosuch", "nosuch"},
	} {
		if got := Text(c.lang, c.key); got != c.want {
			t.Errorf("Text(%q, %q) = %q, want %q", c.lang, c.key, got, c.want)
		}
	}
	if got := Text("en", "page-of", 2, 3); got != "Page 2 of 3" {
		t.Errorf("page-of = %q", got)
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 5, 14, 7, 0, 0, time.FixedZone("CET", 3600))
	for _, c := range []struct{ got, want string }{
		{longDate("en", at), "5 March 2026"}, {longDate("de", at), "5. März 2026"}, {longDate("es", at), "5 de marzo de 2026"}, {longDate("fr", at), "5 mars 2026"},
		{shortDate("en", at), "5 Mar 2026"}, {monthDay("de", at), "5. März"}, {dateTime("en", at), "5 March 2026 14:07 CET"},
		{longDate("pl", at), "5 marca 2026"}, {longDate("ru", at), "5 марта 2026 г."}, {longDate("ja", at), "2026年3月5日"}, {monthDay("zh", at), "3月5日"}, {longDate("pt", at), "5 de março de 2026"},
		{longDate("ar", at), "5 مارس 2026"}, {longDate("en", time.Time{}), ""}, {dateTime("en", time.Time{}), ""},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestDirection(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]string{"en": "ltr", "ar": "rtl", "he-IL": "rtl", "fa": "rtl", "az-Arab": "rtl", "ar-Latn": "ltr", "": "ltr", "no such tag": "ltr"} {
		if got := direction(lang); got != want {
			t.Errorf("direction(%q) = %q, want %q", lang, got, want)
		}
	}
	for lang, want := range map[string]string{"en": "en_US", "pt-BR": "pt_BR", "de": "de_DE"} {
		if got := locale(lang); got != want {
			t.Errorf("locale(%q) = %q, want %q", lang, got, want)
		}
	}
}

func TestDict(t *testing.T) {
	t.Parallel()
	if m, err := dict("a", 1, "b", "x"); err != nil || m["a"] != 1 || m["b"] != "x" {
		t.Errorf("dict = %v, %v", m, err)
	}
	for _, bad := range [][]any{{"a"}, {1, 2}} {
		if _, err := dict(bad...); err == nil {
			t.Errorf("dict(%v) is no error", bad)
		}
	}
}

func TestAbsolute(t *testing.T) {
	t.Parallel()
	if got, err := absolute("https://example.blog/blog/", "/blog/x/"); err != nil || got != "https://example.blog/blog/x/" {
		t.Errorf("absolute = %q, %v", got, err)
	}
	if _, err := absolute("https://example.blog/", "http://[x"); err == nil {
		t.Error("an unreadable reference is no error")
	}
}
