package main

import (
	"io"
	"strings"
	"testing"

	"github.com/postil-blog/postil/publisher"
)

// TestAsk: who answers the last question with yes is asked for the name, and does not become @yes for ever.
func TestAsk(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]publisher.Answers{
		"":             {Handle: "blog"},
		"No\n":         {Handle: "blog"},
		"notes\n":      {Handle: "notes", Federation: true},
		"@notes\n":     {Handle: "notes", Federation: true},
		"y\n":          {Handle: "blog", Federation: true},
		"Yes\n@mine\n": {Handle: "mine", Federation: true},
	} {
		got := publisher.Answers{Title: "My blog", URL: "https://example.com", Handle: "blog"}
		if err := ask(strings.NewReader("T\n\nMe\n"+answer), io.Discard, &got); err != nil {
			t.Fatal(err)
		}
		want.Title, want.URL, want.Author = "T", "https://example.com", "Me"
		if got != want {
			t.Errorf("answer %q gives %+v, want %+v", answer, got, want)
		}
	}
}

// TestAskHost: the last answer is a place, spelt nearly so or not at all.
func TestAskHost(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{"": "own", "github": "github", "gihtub": "github", "geocities": "error"} {
		got := publisher.Answers{Title: "My blog", URL: "https://example.com", Handle: "blog", Host: "own"}
		if err := ask(strings.NewReader("\n\n\nno\n"+answer+"\n"), io.Discard, &got); err != nil {
			got.Host = "error"
		}
		if got.Host != want {
			t.Errorf("answer %q gives %q, want %q", answer, got.Host, want)
		}
	}
}
