package highlight

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestLinear refuses a lexer that needs longer for every byte of a longer text.
func TestLinear(t *testing.T) {
	for _, unit := range []string{"{a[", "%(a", "a ", "$\"", "\\N{", "'", "`", "f'{", "<<a ", "@a.", "${", "((", "/*", "'{a["} {
		for _, language := range []string{"go", "python", "shell"} {
			for _, head := range []string{"", "\"\"\"", "\"", "`"} {
				linear(t, language, head, unit, 50_000, 3*time.Second)
			}
		}
	}
}

func linear(t *testing.T, language, head, unit string, times int, most time.Duration) {
	t.Helper()
	start := time.Now()
	Tokens(language, head+strings.Repeat(unit, times))
	if took := time.Since(start); took > most {
		t.Errorf("%s: %q after %q took %v", language, unit, head, took)
	}
}

// ahead are texts that rules look far ahead in and take little of: each was quadratic once, or would be without what a lexer remembers.
var ahead = []struct{ language, head, unit string }{
	{"json", "", "0xif"}, {"json", "1.", "0"}, {"yaml", "", "1,"}, {"yaml", "", `"a"`}, {"yaml", "", "a: |\n b\n\n"}, {"toml", "", "1a"},
	{"typescript", "", "a?"}, {"typescript", "", "a.b(a.b.c "}, {"typescript", "<a ", "a-"}, {"jsx", "<a ", "a-"}, {"javascript", "", "`${"},
	{"html", "", "&a"}, {"html", "", "</a"}, {"html", "<a ", "a "}, {"css", "a{b:", "on-"}, {"css", "a{", "b-c "}, {"css", "a{b:", "url("},
	{"sql", "", "/*"}, {"docker", "", "FROM a \\\n"}, {"rust", "", "/*"}, {"rust", "", "'_"}, {"rust", "println!(\"", "{"}, {"c", "#if 0\n", "\n"},
	{"c", "", "#"}, {"c++", "", "R\""}, {"c++", "{", "a b()}"}, {"c++", "", "a b(){"}, {"c++", "", "a b(}"}, {"c++", "", "[[a "}, {"java", "", "a.b "},
	{"java", "", "a b<c> "}, {"csharp", "", "\n"}, {"csharp", "", "\n["}, {"ruby", "", "%="}, {"ruby", "", "\"#{"}, {"ruby", "", "<<A "},
	{"php", "\"", "$a["}, {"php", "\"", "{$"}, {"php", "", "<<<A\n"}, {"php", "", "$"},
}

// The bound by construction, looked at: 300 KB take milliseconds, and half a minute where every byte is followed by a scan of the rest.
func TestLookingAhead(t *testing.T) {
	t.Parallel()
	for _, c := range ahead {
		linear(t, c.language, c.head, c.unit, 300<<10/len(c.unit), 10*time.Second)
	}
}

// BenchmarkTokens also measures chroma on the same text, for the ratio. Both count CPU time: what else the machine does says nothing.
func BenchmarkTokens(b *testing.B) {
	for _, language := range corpora(b) {
		b.Run(language, func(b *testing.B) {
			text := corpus(b, language)
			reference(b, language, text)
			start := cpu(b)
			for range 5 {
				reference(b, language, text)
			}
			slow := (cpu(b) - start).Seconds() / 5
			start = cpu(b)
			for b.Loop() {
				Tokens(language, text)
			}
			fast := (cpu(b) - start).Seconds() / float64(b.N)
			b.ReportMetric(float64(len(text))/fast/1e6, "MB/cpu-s")
			b.ReportMetric(slow/fast, "x-chroma")
		})
	}
}

// cpu is the time that this process has computed.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
