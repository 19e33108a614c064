package importer_test

import (
	"github.com/postil-blog/postil/publisher/importer"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func BenchmarkBomb(b *testing.B) {
	for name, text := range map[string]string{"captions": strings.Repeat("[caption]", 300_000), "word": strings.Repeat("x", 20<<20)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				bomb(b, text)
			}
		})
	}
}

func bomb(t testing.TB, text string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "export.xml")
	if err := os.WriteFile(file, []byte(wxr(wxrPost(1, "a", text, ""))), 0o644); err != nil {
		t.Fatal(err)
	}
	stage, err := importer.Run(t.Context(), importer.Options{From: "wordpress", Source: file, Dir: filepath.Join(dir, "blog"), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	_ = stage.Discard()
}
