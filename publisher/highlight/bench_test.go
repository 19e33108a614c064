package highlight

import (
	"strings"
	"testing"
	"time"
)

// TestLinear refuses a lexer that needs longer for every byte of a longer text.
func TestLinear(t *testing.T) {
	for _, unit := range []string{"{a[", "%(a", "a ", "$\"", "\\N{", "'", "`", "f'{", "<<a ", "@a.", "${", "((", "/*", "'{a["} {
		for _, language := range corpora(t) {
			for _, head := range []string{"", "\"\"\"", "\"", "`"} {
				start := time.Now()
				Tokens(language, head+strings.Repeat(unit, 50_000))
				if took := time.Since(start); took > 3*time.Second {
					t.Errorf("%s: %q after %q took %v", language, unit, head, took)
				}
			}
		}
	}
}

// BenchmarkTokens also measures chroma on the same text, for the ratio.
func BenchmarkTokens(b *testing.B) {
	for _, language := range corpora(b) {
		b.Run(language, func(b *testing.B) {
			text := corpus(b, language)
			reference(b, language, text)
			start := time.Now()
			for range 5 {
				reference(b, language, text)
			}
			slow := time.Since(start).Seconds() / 5
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Tokens(language, text)
			}
			b.ReportMetric(slow/(b.Elapsed().Seconds()/float64(b.N)), "x-chroma")
		})
	}
}
