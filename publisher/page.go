package publisher

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"html/template"
	"io/fs"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/publisher/bounded"
	"github.com/postil-blog/postil/publisher/pictures"
	"github.com/postil-blog/postil/publisher/plainfile"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/templates"
)

// perPage is how many posts an index or tag page shows.
const perPage = 10

// generator is what pages and feeds name as their maker.
const generator = "Postil"

func tagPath(tag string) string { return "/tags/" + slugOf(tag) + "/" }

// tag is a tag with its posts, newest first.
type tag struct {
	name, path string
	posts      []*Post
	places     []int // of the same posts among all
}

// arrange sorts the posts that are out into what the pages need: tags and neighbours.
func (b *build) arrange() {
	b.tags, b.place = map[string]*tag{}, map[*Post]int{}
	paths := map[string]string{}
	for _, p := range b.all {
		switch {
		case p.State != live && !b.shows(p):
		case p.Page:
			b.pages = append(b.pages, p)
		default:
			b.place[p] = len(b.posts)
			b.posts = append(b.posts, p)
			b.sortIn(p, paths)
		}
	}
	for _, p := range b.replies {
		if p.State == live || b.shows(p) {
			b.answers = append(b.answers, p)
		}
	}
	slices.SortFunc(b.pages, func(x, y *Post) int { return cmp.Or(cmp.Compare(x.Title, y.Title), cmp.Compare(x.File, y.File)) })
	b.tagNames = slices.SortedFunc(maps.Values(b.tags), func(x, y *tag) int { return cmp.Compare(x.path, y.path) })
}

// sortIn adds a post to its tags. paths are those that are known, by name.
func (b *build) sortIn(p *Post, paths map[string]string) {
	for _, name := range p.Tags {
		at, known := paths[name]
		if !known {
			at = tagPath(name)
			paths[name] = at
		}
		t := b.tags[at]
		if t == nil {
			t = &tag{name: name, path: at}
			b.tags[at] = t
		}
		// Two spellings of one tag: the same one wins whatever the order of the posts.
		t.name = min(t.name, name)
		t.posts, t.places = append(t.posts, p), append(t.places, b.place[p])
		b.tagged[p] = append(b.tagged[p], t)
	}
}

// page begins a page at a site path.
func (b *build) page(kind, title, at string) templates.Page {
	return templates.Page{Blog: b.blogData, Kind: kind, Title: title, URL: b.addresses.Page(escapePath(at)), Path: escapePath(b.addresses.Path(at)), Language: b.config.Site.Language}
}

// planPages plans every HTML page of the site.
func (b *build) planPages() error {
	b.deal()
	b.relate()
	b.planPosters()
	b.planPosts()
	for _, p := range slices.Concat(b.posts, b.pages) {
		b.planRedirects(p)
	}
	b.planLists()
	b.planSearch()
	return nil
}

// planLists plans the pages that list posts.
func (b *build) planLists() {
	home := b.page("index", b.config.Site.Title, "/")
	home.Translations = b.homesIn(nil)
	b.paginate("index", "/", b.posts, home)
	b.planShelves()
	for _, t := range b.tagNames {
		page := b.page("tag", t.name, t.path)
		page.Tag = &templates.Link{Name: t.name, URL: page.Path, Count: len(t.posts)}
		page.Feeds = b.feedLinks(b.config.Site.Title+" · "+t.name, t.path)
		b.paginate("tag", t.path, t.posts, page)
	}
	b.planList("notfound", "404.html", b.page("404", b.word("notfound"), "/404.html"), nil)
	if len(b.tagNames) > 0 {
		page := b.page("tags", b.word("tags"), "/tags/")
		for _, t := range b.tagNames {
			page.Tags = append(page.Tags, templates.Link{Name: t.name, URL: escapePath(b.addresses.Path(t.path)), Count: len(t.posts)})
		}
		b.planList("tags", "tags/index.html", page, nil)
	}
	b.planHTML("archive", "archive/index.html", nil, b.posts, b.archive)
}

func (b *build) archive() templates.Page {
	page := b.page("archive", b.word("archive"), "/archive/")
	for _, p := range b.posts {
		y := p.Date.Year()
		if n := len(page.Years); n == 0 || page.Years[n-1].Year != y {
			page.Years = append(page.Years, templates.Year{Year: y})
		}
		last := &page.Years[len(page.Years)-1]
		last.Posts = append(last.Posts, b.card(p, b.depths["archive"]))
	}
	return page
}

// planPosts plans the pages of all posts, side by side.
func (b *build) planPosts() {
	all := slices.Concat(b.posts, b.pages)
	var wg sync.WaitGroup
	for some := range slices.Chunk(all, max(1, (len(all)+b.workers-1)/b.workers)) {
		wg.Go(func() {
			for _, p := range some {
				b.planPost(p)
			}
		})
	}
	wg.Wait()
}

// planPost plans one page.
func (b *build) planPost(p *Post) {
	kind := "post"
	if p.Page {
		kind = "page"
	}
	a := b.around(p)
	t, imported := b.threads(p)
	b.planHTML(kind, outputPath(p.Path), []any{a, b.threadPrint(t), imported, b.posters[p], b.inLanguages(p), b.takesComments(p)}, []*Post{p}, func() templates.Page {
		page := b.page(kind, p.Title, p.Path)
		page.Post, page.Language, page.Description = b.view(p, a), cmp.Or(p.Lang, page.Language), b.summary(p)
		page.ActivityURL = page.Post.ID
		b.preview(&page, p)
		page.Translations = b.inLanguages(p)
		if t != nil {
			page.Thread = t
		}
		if len(imported) > 0 {
			page.Imported = imported
		}
		return page
	})
}

// threadPrint is a hash of a thread. Those of a preview are the same from run to run, and as long as everything else on the page.
func (b *build) threadPrint(t *activitypub.Thread) [32]byte {
	if t == nil || b.options.Thread == nil {
		return b.print(t)
	}
	if sum, known := b.next.threads.Load(t); known {
		return sum.([32]byte)
	}
	sum := b.print(t)
	b.next.threads.Store(t, sum)
	return sum
}

// outputPath is the file of a site path.
func outputPath(at string) string {
	at = strings.TrimPrefix(at, "/")
	if at == "" || strings.HasSuffix(at, "/") {
		return at + "index.html"
	}
	return at
}

// paginate plans the pages of a list of posts.
func (b *build) paginate(kind, at string, posts []*Post, page templates.Page) {
	of := max(1, (len(posts)+perPage-1)/perPage)
	path := func(n int) string {
		if n == 1 {
			return at
		}
		return fmt.Sprintf("%spage/%d/", at, n)
	}
	for n := 1; n <= of; n++ {
		some := posts[(n-1)*perPage : min(n*perPage, len(posts))]
		if !b.concerns(some, b.depths[kind]) {
			continue
		}
		here := page
		here.Pager = templates.Pager{Number: n, Of: of}
		here.URL, here.Path = b.addresses.Page(escapePath(path(n))), escapePath(b.addresses.Path(path(n)))
		if n > 1 {
			here.Translations = nil
			here.Pager.Prev = escapePath(b.addresses.Path(path(n - 1)))
		}
		if n < of {
			here.Pager.Next = escapePath(b.addresses.Path(path(n + 1)))
		}
		b.planList(kind, outputPath(path(n)), here, some)
	}
}

// planList plans a page that shows posts whole, one after the other.
func (b *build) planList(name, at string, page templates.Page, posts []*Post) {
	bare := page
	bare.Blog = templates.Blog{}
	b.planHTML(name, at, bare, posts, func() templates.Page {
		here := page
		for _, p := range posts {
			here.Posts = append(here.Posts, b.card(p, b.depths[name]))
		}
		return here
	})
}

// planHTML plans a page. Its bytes depend on the templates, the blog, the posts that it shows, and on what else the caller names:
// data only makes the page where one of them changed.
func (b *build) planHTML(name, at string, rest any, posts []*Post, data func() templates.Page) {
	class, shows := pages, whole
	if name != "post" && name != "page" {
		class, shows = listings, b.depths[name]
		if !b.concerns(posts, shows) {
			return
		}
	}
	parts := []any{b.look, name, at, b.options.LiveReload, b.blogPrint, rest}
	for _, p := range posts {
		parts = append(parts, b.cardPrint(p, shows))
	}
	o := output{path: at, print: b.print(parts...), class: class}
	if len(posts) == 1 && class == pages {
		o.post = posts[0]
	}
	o.make = func() ([]byte, error) { return b.execute(name, at, data(), posts) }
	b.plan(o)
}

// aroundText is how much of a page, in bytes, commonly stands around the post's text.
const aroundText = 12 << 10

func (b *build) execute(name, at string, page templates.Page, posts []*Post) ([]byte, error) {
	size := aroundText
	for i, p := range posts {
		if page.Post == nil && b.depths[name] < whole {
			break // titles and summaries
		}
		text, err := b.bodies(p)
		if err != nil {
			return nil, err
		}
		text.page = pictures.Put(text.page, b.dresses[p])
		size += len(text.page)
		// The blog's owner wrote this Markdown; remote text never comes here.
		if page.Post != nil {
			page.Post.Body = template.HTML(text.page)
			page.Body = page.Post.Body
		} else {
			page.Posts[i].Body = template.HTML(text.page)
		}
	}
	page.Blog.Menu, page.Data, page.Languages = b.menuIn(page.Language, page.Path), b.data.Values, b.languageSwitch(page)
	page.Home = b.homeOf(page.Language)
	js := b.scriptsIn(page.Language)
	page.Blog.JS, page.Blog.Live = js.Theme, js.Live
	var out bounded.Buffer
	out.Grow(size)
	if err := bounded.Run(maxRender, func() error { return b.templates.ExecuteTemplate(&out, name, page) }); err != nil {
		return nil, b.templateFault(name, err, at, posts, b.culprit(name, page, posts, err))
	}
	if b.options.LiveReload != "" {
		return reloading(out.Bytes(), b.options.LiveReload), nil
	}
	return out.Bytes(), nil
}

// reloading adds to a preview's page the few words that load it again after a change.
func reloading(page []byte, stream string) []byte {
	script := []byte(`<script>new EventSource(` + string(quoted(stream)) + `).onmessage=()=>location.reload()</script>`)
	if i := bytes.LastIndex(page, []byte("</body>")); i >= 0 {
		return slices.Concat(page[:i], script, page[i:])
	}
	return append(page, script...)
}

func quoted(s string) []byte {
	b, _ := json.Marshal(s) // escapes < and >, so that the text cannot end the script
	return b
}

// planRedirects plans a page at each address that led to the post before. A post that took over an old address has it; an alias
// that is somebody else's address is a fault.
func (b *build) planRedirects(p *Post) {
	for _, at := range slices.Compact(slices.Sorted(slices.Values(p.Aliases))) {
		if at != p.Path {
			b.planRedirect(p, at)
		}
	}
	e, ok := b.before[b.addresses.Post(p.Key)]
	if !ok || p.Page {
		return
	}
	for _, u := range former(e, b.pageURL(p)) {
		if at := b.pathOf(u); at != "" && !b.taken(outputPath(at)) {
			b.planRedirect(p, at)
		}
	}
}

func (b *build) planRedirect(p *Post, at string) {
	target := html.EscapeString(b.pageURL(p))
	title := html.EscapeString(p.Title)
	page := `<!doctype html><html lang="` + html.EscapeString(p.Lang) + `"><meta charset="utf-8"><title>` + title + `</title><link rel="canonical" href="` + target +
		`"><meta name="robots" content="noindex"><meta http-equiv="refresh" content="0; url=` + target + `"><p><a href="` + target + `">` + title + "</a>\n"
	b.plan(output{path: outputPath(at), print: b.print("redirect", page), class: pages, make: func() ([]byte, error) { return []byte(page), nil }, alias: p, from: at})
}

// pathOf is the site path of one of the site's own addresses, "" for others.
func (b *build) pathOf(address string) string {
	rest, ok := strings.CutPrefix(address, strings.TrimSuffix(b.addresses.Home(), "/"))
	if !ok {
		return ""
	}
	p, err := url.PathUnescape(rest)
	if err != nil {
		return ""
	}
	return p
}

// threads are the post's pulled comments, nil where there are none, and those that an import brought along. The latter stand outside of
// the slot that inboxd fills, which knows nothing of them, and need no federation.
func (b *build) threads(p *Post) (*activitypub.Thread, []*activitypub.Comment) {
	if b.options.Thread != nil && !p.Page && p.Comments != "off" {
		return b.options.Thread(p), nil
	}
	t := b.thread(p)
	if t == nil {
		return nil, nil
	}
	imported, count := t.TakeImported()
	t.Count -= count
	pulled := len(t.Replies)+len(t.Quotes)+len(t.Mentions)+len(t.Reactions)+t.Likes.Count+t.Boosts.Count > 0
	if !b.federates(p) || len(imported) > 0 && !pulled {
		t = nil // the file came with an import: nothing was pulled yet
	}
	if t != nil && !b.takesComments(p) {
		shut(t)
	}
	return t, imported
}

// maxThread bounds comments/KEY.json in bytes: more than a page of comments can ever be.
const maxThread = 32 << 20

// thread is what comments/KEY.json holds, nil where there is none.
func (b *build) thread(p *Post) *activitypub.Thread {
	if !b.config.Comments.Bake || p.Comments == "off" || p.Page {
		return nil
	}
	name := "comments/" + p.Key + ".json"
	if !b.pulled[p.Key+".json"] {
		return nil
	}
	data, err := plainfile.Read(b.site.FS(), name, maxThread)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var t activitypub.Thread
	if err == nil {
		err = json.Unmarshal(data, &t)
	}
	if err != nil {
		b.fault(site.Diagnostic{Severity: site.Error, Code: codeThread, File: name, Message: "the pulled comments cannot be read: " + err.Error(), Help: "run publish pull again, or delete the file"})
		return nil
	}
	return &t
}
