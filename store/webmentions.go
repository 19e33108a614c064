package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// mark stands in the id of every comment that came as a webmention, before what tells the post.
const mark = "#webmention-"

// WebmentionID is the id of the comment that a page makes under a post: one page can mention many. No server of the fediverse serves it.
func WebmentionID(source, post string) string {
	sum := sha256.Sum256([]byte(post))
	return source + mark + hex.EncodeToString(sum[:8])
}

// Webmention tells whether a comment came as a webmention: its id is no address of an object.
func (c Comment) Webmention() bool { return strings.Contains(c.ID, mark) }

// PutClaims keeps the addresses that a webmention says to be at, in place of those before.
func (tx *Tx) PutClaims(ctx context.Context, comment string, urls []string) error {
	if err := tx.dropClaims(ctx, comment); err != nil {
		return err
	}
	for _, u := range urls {
		if _, err := tx.exec(ctx, `INSERT INTO webmentions (comment, url) VALUES ($1, $2) ON CONFLICT DO NOTHING`, comment, u); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) dropClaims(ctx context.Context, comment string) error {
	_, err := tx.exec(ctx, `DELETE FROM webmentions WHERE comment = $1`, comment)
	return err
}

// RemoveWebmention removes a comment that came as a webmention, with its claims. It tells whether there was one.
func (tx *Tx) RemoveWebmention(ctx context.Context, comment string) (bool, error) {
	if err := tx.dropClaims(ctx, comment); err != nil {
		return false, err
	}
	return tx.RemoveComment(ctx, comment)
}

// Claimants gives the webmentions under a post that say to be at an address.
func (q queries) Claimants(ctx context.Context, post, url string) ([]Comment, error) {
	return all(ctx, q, scanComment, `SELECT `+commentColumns+` FROM comments c JOIN webmentions w ON w.comment = c.id
		WHERE w.url = $1 AND c.post = $2 AND c.state <> 'removed' ORDER BY c.received, c.id`, url, post)
}

// CommentsAt gives the comments under a post whose id or page is an address, in whatever state.
func (q queries) CommentsAt(ctx context.Context, post, url string) ([]Comment, error) {
	return all(ctx, q, scanComment, `SELECT `+commentColumns+` FROM comments c WHERE c.post = $1 AND (c.id = $2 OR c.url = $2)
		ORDER BY c.received, c.id`, post, url)
}

// ErrandsFor counts the errands that wait for a reason.
func (q queries) ErrandsFor(ctx context.Context, reason string) (int, error) {
	return q.count(ctx, `SELECT COUNT(*) FROM errands WHERE reason = $1`, reason)
}

// pruneClaims forgets what was claimed by comments that went another way.
func (tx *Tx) pruneClaims(ctx context.Context) error {
	_, err := tx.exec(ctx, `DELETE FROM webmentions WHERE NOT EXISTS (SELECT 1 FROM comments c WHERE c.id = webmentions.comment)`)
	return err
}

// Mentioned is a page that a post links or linked to, and what became of telling it so.
type Mentioned struct {
	Post     string // id of the Article
	Target   string
	Endpoint string    // "" where the page takes no mentions, or was not asked yet
	Status   int       // of the endpoint's last answer, 0 for none
	Error    string    // why it was not told, "" if it was
	Told     time.Time // of the last try; zero: not yet
}

func scanMentioned(r row) (m Mentioned, err error) {
	err = r.Scan(&m.Post, &m.Target, &m.Endpoint, &m.Status, &m.Error, moment{&m.Told})
	return m, err
}

// Mentioned gives the pages that a post linked to at any time; of all posts where post is "".
func (q queries) Mentioned(ctx context.Context, post string) ([]Mentioned, error) {
	return all(ctx, q, scanMentioned, `SELECT post, target, endpoint, status, error, told FROM mentioned WHERE $1 = '' OR post = $1
		ORDER BY post, target`, post)
}

// PutMentioned writes what became of a mention.
func (tx *Tx) PutMentioned(ctx context.Context, m Mentioned) error {
	_, err := tx.exec(ctx, `INSERT INTO mentioned (post, target, endpoint, status, error, told) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (post, target) DO UPDATE SET endpoint = excluded.endpoint, status = excluded.status, error = excluded.error, told = excluded.told`,
		m.Post, m.Target, m.Endpoint, m.Status, m.Error, m.Told)
	return err
}

// ToMention lists whom a post has to tell now: links, and all that it linked to before. New ones are written down.
func (tx *Tx) ToMention(ctx context.Context, post string, links []string) ([]string, error) {
	before, err := tx.Mentioned(ctx, post)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, m := range before {
		list = append(list, m.Target)
	}
	for _, target := range links {
		if slices.Contains(list, target) {
			continue
		}
		if err := tx.PutMentioned(ctx, Mentioned{Post: post, Target: target}); err != nil {
			return nil, err
		}
		list = append(list, target)
	}
	return list, nil
}
