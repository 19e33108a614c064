package templates

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestScriptsSpeak: a script has the words that it says in the page's language, English ones where it has none, and nothing of the other's.
func TestScriptsSpeak(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]string{"de": german["failed"], "de-AT": german["failed"], "fi": english["failed"], "ar": arabic["new.few"]} {
		if js := string(LiveScript(lang, "/assets/ask.js")); !strings.Contains(js, want) || !strings.HasSuffix(js, `,"/assets/ask.js");`+"\n") || strings.Contains(js, "your-account") {
			t.Errorf("the script in %s has not %q, or not the dialog's address, or the dialog's words:\n%s", lang, want, js[len(js)-600:])
		}
	}
	if js := string(AskScript("de")); !strings.Contains(js, german["remember"]) || strings.Contains(js, german["failed"]) {
		t.Errorf("the dialog does not speak German, or has words of the thread:\n%s", js)
	}
	if js := string(LiveScript("en", `"</script>`)); strings.Contains(js, "</script>") {
		t.Error("an address can end the script")
	}
}

// TestScriptsMakeNoMarkup: no string becomes markup or script, which a strict policy would refuse, and what strangers wrote least of all.
func TestScriptsMakeNoMarkup(t *testing.T) {
	t.Parallel()
	for _, js := range []string{live, ask} {
		for _, word := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "parseFromString", "eval(", "Function(", "document.write", ".style"} {
			if strings.Contains(js, word) {
				t.Errorf("a script of ours has %s", word)
			}
		}
	}
}

// TestLean: nothing that runs is lost. Scripts of ours have no text of several lines, of which Lean would take the indentation.
func TestLean(t *testing.T) {
	t.Parallel()
	if got := Lean("// what\n(() => {\n  f(\"// no comment\"); // kept\n\n    // why\n  g();\n})();\n"); got != "(() => {\nf(\"// no comment\"); // kept\ng();\n})();\n" {
		t.Errorf("Lean gives %q", got)
	}
	for _, name := range []string{"live.js", "ask.js", "../themes/default/theme.js"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(data), "\n") {
			if strings.Count(line, "`")%2 != 0 || strings.Count(line, "/*") != strings.Count(line, "*/") {
				t.Errorf("%s:%d: %s", name, i+1, line)
			}
		}
	}
}

// TestLeanStyle: what a browser reads stays: spaces between selectors and values, and around the signs of calc.
func TestLeanStyle(t *testing.T) {
	t.Parallel()
	const css = "/* what\n   for */\n:root { --a: 1; font: 1rem/1.6 \"A B\", serif }\n.a :is(b, c) { color: var(--a); inset: calc(1px + 2px) }\n@media print {\n  .b::after { content: \" (\" attr(href) \"): \" }\n}\n"
	const want = ":root{--a:1;font:1rem/1.6 \"A B\", serif}.a :is(b, c){color:var(--a);inset:calc(1px + 2px)}@media print{.b::after{content:\" (\" attr(href) \"): \"}}\n"
	if got := LeanStyle(css); got != want {
		t.Errorf("LeanStyle gives\n%s, want\n%s", got, want)
	}
	for _, theme := range []string{"default", "plain"} {
		data, err := os.ReadFile("../themes/" + theme + "/style.css")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"[^"\n]*"|'[^'\n]*'`).FindAllString(remark.ReplaceAllString(string(data), ""), -1) {
			if strings.ContainsAny(m, "{};") {
				t.Errorf("themes/%s/style.css has the string %s", theme, m)
			}
		}
	}
}
