package outbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/site"
)

// maxList is the largest published list, in bytes: some 200,000 posts.
const maxList = 64 << 20

// errHalfWritten says that a file is not the one that the list names: publish is at work. The next round will see both.
var errHalfWritten = errors.New("the file is not the one that the published list names; is publish at work?")

// source is where the published site lies: a folder, or another server's address.
type source struct {
	read func(ctx context.Context, name string, limit int64) ([]byte, error)
	dir  string                                      // "" where it is not a folder
	page func(ctx context.Context, url string) error // whether readers can see a page; nil where the daemon serves it itself
}

// sourceOf chooses by [inboxd] site: "" is publish's output folder.
func sourceOf(c *site.Config, client *remote.Client) source {
	at := c.Inboxd.Site
	if strings.HasPrefix(at, "https://") || strings.HasPrefix(at, "http://") {
		base := strings.TrimRight(at, "/") + "/"
		return source{
			read: func(ctx context.Context, name string, limit int64) ([]byte, error) {
				return client.File(ctx, base+name, limit)
			},
			page: client.Page,
		}
	}
	if at == "" {
		at = c.Publish.Output
	}
	if !filepath.IsAbs(at) {
		at = filepath.Join(c.Dir, at)
	}
	return source{dir: at, read: func(_ context.Context, name string, limit int64) ([]byte, error) { return readIn(at, name, limit) }}
}

// readIn reads a file that lies in dir. The list names files: os.Root keeps it from naming any other.
func readIn(dir, name string, limit int64) ([]byte, error) {
	f, err := os.OpenInRoot(dir, filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s is larger than %d bytes", name, limit)
	}
	return data, err
}

// list reads the published list. Where publish has never run it is empty. sum changes when the list does.
func (s source) list(ctx context.Context) (l site.PublishedList, sum string, err error) {
	data, err := s.read(ctx, site.PublishedFile, maxList)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, remote.ErrNotFound) {
		return l, "", nil
	}
	if err != nil {
		return l, "", fmt.Errorf("reading the published list: %w", err)
	}
	if err := json.Unmarshal(data, &l); err != nil {
		return l, "", fmt.Errorf("reading the published list: %w", err)
	}
	if l.Version != 1 {
		return l, "", fmt.Errorf("reading the published list: it has version %d and this daemon reads version 1: use the daemon that came with your publish", l.Version)
	}
	return l, sumOf(data), nil
}

// article reads the Article of a post and holds it against the list.
func (s source) article(ctx context.Context, p site.PublishedPost) (document, error) {
	if !fs.ValidPath(p.Article) {
		return document{}, fmt.Errorf("the published list names %q, which is no path below the site", p.Article)
	}
	data, err := s.read(ctx, p.Article, activitypub.MaxDocument)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, remote.ErrNotFound) {
		return document{}, errHalfWritten
	}
	if err != nil {
		return document{}, err
	}
	if !strings.EqualFold(sumOf(data), p.SHA256) {
		return document{}, errHalfWritten
	}
	d, err := parseDocument(data)
	if err == nil && d.ID != p.ID {
		err = fmt.Errorf("%s has the id %q and the published list says %q", p.Article, d.ID, p.ID)
	}
	return d, err
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
