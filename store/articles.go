package store

import (
	"context"
	"time"
)

// Article is what followers were told of a post: a line of the ledger.
type Article struct {
	ID        string // the Activity Streams id
	URL       string // page
	Name      string
	SHA256    string // of the Article file last told, hex
	JSON      []byte // the document last told
	Published time.Time
	Updated   time.Time // of the last Update told; zero if none
	Revision  int64     // 1 for the Create, one more for each Update
	Announced bool      // false: listed and served, never delivered
	Withdrawn time.Time // zero while it is out
	Recalled  string    // SHA256 of what the owner recalled before it left: not told again; "" if there is none
	Told      time.Time // start of the round that told the Create or Update last; zero if none, or if that was undone
	Pinned    int64     // place in the collection featured as followers were told, from 1; 0: not pinned
	Pins      int64     // how many times they were told of that
	PinnedBy  string    // id of the actor whose collection that is
	InReplyTo string    // of the owner's reply: id of what it answers; "" for a post
	Origin    string    // FromAPI, or "" for what the published list names
	Closes    time.Time // when it takes no more comments by its own word; zero leaves that to the settings
	Language  string    // as the published list has it: BCP 47, "" for the site's
}

// FromAPI is the origin of a reply that was written through the API or on the admin page: no list names it, the ledger alone keeps it.
const FromAPI = "api"

const articleColumns = `id, url, name, sha256, json, published, updated, revision, announced, withdrawn, recalled, told, pinned, pins, pinned_by,
	in_reply_to, origin, closes, language`

func scanArticle(r row) (a Article, err error) {
	err = r.Scan(&a.ID, &a.URL, &a.Name, &a.SHA256, &a.JSON, moment{&a.Published}, moment{&a.Updated}, &a.Revision, &a.Announced,
		moment{&a.Withdrawn}, &a.Recalled, moment{&a.Told}, &a.Pinned, &a.Pins, &a.PinnedBy, &a.InReplyTo, &a.Origin, moment{&a.Closes}, &a.Language)
	return a, err
}

// Articles gives the whole ledger, newest first, withdrawn ones too, without JSON.
func (q queries) Articles(ctx context.Context) ([]Article, error) {
	return all(ctx, q, scanArticle, `SELECT id, url, name, sha256, NULL, published, updated, revision, announced, withdrawn,
		recalled, told, pinned, pins, pinned_by, in_reply_to, origin, closes, language FROM articles ORDER BY published DESC, id`)
}

// Article gives one line of the ledger, or ErrNotFound.
func (q queries) Article(ctx context.Context, id string) (Article, error) {
	return one(ctx, q, scanArticle, `SELECT `+articleColumns+` FROM articles WHERE id = $1`, id)
}

// ArticleByURL finds an Article by its page, or gives ErrNotFound. Of several that had this page in turn, the one that is out wins.
func (q queries) ArticleByURL(ctx context.Context, url string) (Article, error) {
	return one(ctx, q, scanArticle, `SELECT `+articleColumns+` FROM articles WHERE url = $1
		ORDER BY withdrawn <> 0, published DESC LIMIT 1`, url)
}

// Pinned gives the ids of the posts in an actor's collection featured, in its order.
func (q queries) Pinned(ctx context.Context, actor string) ([]string, error) {
	return all(ctx, q, value[string], `SELECT id FROM articles WHERE pinned > 0 AND withdrawn = 0 AND pinned_by = $1 ORDER BY pinned, id`, actor)
}

// PutArticle writes a line of the ledger, in place of the one with the same id.
func (tx *Tx) PutArticle(ctx context.Context, a Article) error {
	_, err := tx.exec(ctx, `INSERT INTO articles (`+articleColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
		ON CONFLICT (id) DO UPDATE SET url = excluded.url, name = excluded.name, sha256 = excluded.sha256, json = excluded.json,
		published = excluded.published, updated = excluded.updated, revision = excluded.revision, announced = excluded.announced,
		withdrawn = excluded.withdrawn, recalled = excluded.recalled, told = excluded.told, pinned = excluded.pinned, pins = excluded.pins,
		pinned_by = excluded.pinned_by, in_reply_to = excluded.in_reply_to, origin = excluded.origin, closes = excluded.closes, language = excluded.language`,
		a.ID, a.URL, a.Name, a.SHA256, a.JSON, a.Published, a.Updated, a.Revision, a.Announced, a.Withdrawn, a.Recalled, a.Told, a.Pinned, a.Pins,
		a.PinnedBy, a.InReplyTo, a.Origin, a.Closes, a.Language)
	return err
}
