package publisher

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/postil-blog/postil/site"
)

// ErrReply says that a reply cannot be written as it was asked for.
var ErrReply = errors.New("the reply cannot be written")

// Reply is an answer of the owner before it is a file. Text is Markdown.
type Reply struct{ InReplyTo, Text, CW, Author string }

// File gives the name below the content folder's replies and the content of the file that NewReply would write now.
func (r Reply) File(c *site.Config, now time.Time) (name, text string, err error) {
	u, err := url.Parse(r.InReplyTo)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return "", "", fmt.Errorf("%w: %q is not the address of a comment or post", ErrReply, r.InReplyTo)
	}
	if _, known := c.Authors[r.Author]; r.Author != "" && !known {
		return "", "", fmt.Errorf("%w: there is no [authors.%s] in config.toml", ErrReply, r.Author)
	}
	now = now.In(c.Location())
	var b strings.Builder
	fmt.Fprintf(&b, "+++\nin_reply_to = %s\ndate = %s\nid = %q\n", tomlText(r.InReplyTo), now.Format(time.RFC3339), strings.ToLower(rand.Text()))
	if r.Author != "" {
		fmt.Fprintf(&b, "author = %s\n", tomlText(r.Author))
	}
	if r.CW != "" {
		fmt.Fprintf(&b, "\n[fediverse]\ncw = %s\n", tomlText(r.CW))
	}
	b.WriteString("+++\n\n" + strings.TrimSpace(r.Text) + "\n")
	return repliesFolder + now.Format(time.DateOnly) + "-" + r.slug() + ".md", b.String(), nil
}

// slug is made of the first words.
func (r Reply) slug() string {
	words := strings.Fields(r.Text)
	s := slugOf(strings.Join(words[:min(len(words), 4)], " "))
	if runes := []rune(s); len(runes) > 40 {
		s = strings.TrimRight(string(runes[:40]), "-")
	}
	if s == "" {
		return "reply"
	}
	return s
}

// NewReply writes a reply below content/replies/ and gives its file's path. It never replaces a file.
func NewReply(c *site.Config, r Reply, now time.Time) (file string, err error) {
	name, text, err := r.File(c, now)
	if err != nil {
		return "", err
	}
	base := filepath.Join(c.Path(c.Publish.Content), filepath.FromSlash(strings.TrimSuffix(name, ".md")))
	if err := os.MkdirAll(filepath.Dir(base), 0o755); err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		if file = base + ".md"; n > 1 {
			file = base + "-" + strconv.Itoa(n) + ".md"
		}
		if err := writeNew(file, text); !errors.Is(err, fs.ErrExist) {
			return file, err
		}
	}
}
