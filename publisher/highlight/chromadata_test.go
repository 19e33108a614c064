package highlight

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/chroma/v2/lexers"
)

// chromas are the texts of chroma's own tests, by language. They go into corners more than posts do.
var chromas = map[string]string{
	"css": "css.actual", "java": "java.actual", "javascript": "javascript.actual", "json": "json.actual", "jsx": "jsx.actual",
	"php": "php.actual", "ruby": "ruby.actual", "typescript": "typescript.actual", "tsx": "tsx.actual", "yaml": "yaml.actual",
	"c++": "cpp.actual", "go": "go.actual", "bash": "bash.actual", "rust": "rust/*.actual", "csharp": "csharp/*.actual",
	"python": "python/*.actual", "diff": "diff/*.actual",
}

// TestChromasOwnTexts holds the lexers against what chroma tests itself with, where the module's tests are there.
func TestChromasOwnTexts(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/alecthomas/chroma/v2").Output()
	dir := filepath.Join(strings.TrimSpace(string(out)), "lexers", "testdata")
	if _, missing := os.Stat(dir); err != nil || missing != nil {
		t.Skip("no tests of chroma here", err, missing)
	}
	for language, pattern := range chromas {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if text := string(b); strings.HasSuffix(text, "\n") {
				if _, ok := Tokens(language, text); !ok {
					t.Logf("%s: %s: chroma's, from %q on", language, filepath.Base(file), gaveUp(language, text))
					continue
				}
				likeChroma(t, language, text)
			}
		}
	}
}

// TestAliases wants that a name means what it means to chroma.
func TestAliases(t *testing.T) {
	t.Parallel()
	of := map[string]string{}
	for _, family := range []string{"go golang", "python py python3 py3", "bash sh shell zsh ksh", "json jsonl jsonc json5", "toml", "yaml yml",
		"diff udiff patch", "javascript js mjs cjs", "typescript ts tsx mts cts", "jsx react", "html htm xhtml", "css", "sql",
		"docker dockerfile containerfile", "rust rs", "c h", "c++ cpp cc cxx hpp hxx", "java", "c# csharp cs", "ruby rb duby",
		"php php3 php4 php5"} {
		names := strings.Fields(family)
		for _, name := range names {
			of[name] = lexers.Get(names[0]).Config().Name
		}
	}
	for name := range known {
		if lexer := lexers.Get(name); lexer == nil || lexer.Config().Name != of[name] {
			t.Errorf("%s is %v to chroma, not %q", name, lexer, of[name])
		}
	}
	for name := range of {
		if known[name] == nil {
			t.Errorf("%s is not known", name)
		}
	}
}
