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
