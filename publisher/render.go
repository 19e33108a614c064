package publisher

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/postil-blog/postil/publisher/related"
	"github.com/postil-blog/postil/search"
	"github.com/postil-blog/postil/site"
	"golang.org/x/sync/errgroup"
)

// shows tells whether a preview includes a post that is held back.
func (b *build) shows(p *Post) bool {
	return b.options.Drafts && (p.State == draft || p.State == empty) || b.options.Future && p.State == scheduled
}

// renderAll renders every post that is out and not remembered, and those again that mention an account which was looked up after that.
func (b *build) renderAll(ctx context.Context) error {
	if err := b.renderStale(ctx); err != nil {
		return err
	}
	learnt, err := b.lookUp(ctx)
	if err == nil && learnt {
		err = b.renderStale(ctx)
	}
	if err != nil {
		return err
	}
	for _, p := range slices.Concat(b.posts, b.pages, b.answers) {
		r := b.notes[p].Rendering
		if r == nil {
			continue // its front matter is at fault
		}
		for _, d := range r.Faults {
			b.fault(d)
		}
		b.checkMentions(p)
		b.checkAnchors(p)
		b.checkLead(p)
	}
	return nil
}

func (b *build) renderStale(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(b.workers)
	var stale []*Post
	for _, p := range slices.Concat(b.posts, b.pages, b.answers) {
		if r := b.notes[p].Rendering; r == nil || r.Blob == "" || !b.stands(p, r) {
			stale = append(stale, p)
		}
	}
	b.rendered = max(b.rendered, len(stale))
	for i, p := range stale {
		b.progress("Rendering", i, len(stale))
		g.Go(func() error {
			done, _, err := b.renderPost(ctx, p)
			if done != nil {
				b.keep(p, done)
			}
			return err
		})
	}
	return g.Wait()
}

// stands tells whether all that a remembered rendering says about other files is still so.
func (b *build) stands(p *Post, r *rendering) bool {
	for _, u := range r.Uses {
		if b.resolve(p, u.Ref, u.Picture).value() != u.Value {
			return false
		}
	}
	for _, m := range r.Mentions {
		if b.account(m.Handle) != m.Value {
			return false
		}
	}
	for _, u := range r.Emoji {
		if b.emojiValue(u.Name) != u.Value {
			return false
		}
	}
	return r.For == b.subject(p)
}

// subject is what a post's HTML depends on besides its source and the files that it names.
func (b *build) subject(p *Post) string {
	return strings.Join([]string{p.Key, p.Path, b.codes.print, fmt.Sprint(b.embeds(p))}, " ")
}

// keep remembers a rendering. Pages are made of it afterwards, all at once, so nothing is kept by then any more.
func (b *build) keep(p *Post, done *rendering) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notes[p].Rendering = done
}

// renderPost renders one post, puts its HTML into the cache, and changes nothing that others read. There is no rendering where the front
// matter is at fault, which is noted already.
func (b *build) renderPost(ctx context.Context, p *Post) (*rendering, bodies, error) {
	src := b.source(p)
	body, err := splitFrontMatter(src)
	if err != nil {
		return nil, bodies{}, nil
	}
	r := &rendered{post: p, source: []byte(body.body), line: body.bodyLine, all: src, file: b.shown(p.File), resolve: b.resolve, account: b.account, word: b.wordsFor(p),
		codes: b.codes.of(b.embeds(p)), math: b.math, emoji: b.emojiValue}
	done, err := render(ctx, b.markdownFor(p), r)
	if err != nil {
		return nil, bodies{}, err
	}
	page := b.pageURL(p)
	if p.Reply {
		page = b.addresses.Home()
	}
	sent := federated
	sent.texOnly = b.config.Federation.Math == "tex"
	elsewhere, ids := translateAll(page, r.html, feeding, sent)
	done.IDs = ids
	t := bodies{page: colour(r.html, b.former(p)), feed: plainText(elsewhere[0]), federated: elsewhere[1]}
	if !p.Reply {
		terms := search.Weigh(p.Title, p.Tags, p.Summary, search.Text(t.feed))
		t.words, done.Telling = terms.Encode(), related.Words(terms)
	}
	done.For = b.subject(p)
	sum := b.print(done, t.page, t.feed, t.federated, t.words)
	done.Blob = fmt.Sprintf("%x", sum[:16])
	if err := b.cache.put(done.Blob, t); err != nil {
		return nil, t, fmt.Errorf("rendering %s: %w", r.file, err)
	}
	return done, t, nil
}

// former is the post's page as the last run rendered it, "" where that is not at hand.
func (b *build) former(p *Post) string {
	old, ok := b.memory.Sources[p.File]
	if !ok || old.Rendering == nil {
		return ""
	}
	t, _ := b.cache.get(old.Rendering.Blob)
	return t.page
}

// bodies gives a post's HTML: from memory, from .cache/, or rendered again where that was lost.
func (b *build) bodies(p *Post) (bodies, error) {
	if t, ok := b.cache.get(b.notes[p].Rendering.Blob); ok {
		return t, nil
	}
	_, t, err := b.renderPost(context.Background(), p)
	return t, err
}

// source is a post's file, with LF line ends. Where it cannot be read the run ends before the site is touched (unmoved).
func (b *build) source(p *Post) string {
	if m := b.notes[p]; m != nil {
		b.readings.note(p.File, m.Stamp)
	}
	data, err := b.readSource(p.File)
	if err != nil {
		b.readings.fail(err)
		return ""
	}
	return normal(data)
}

// markdown is the post's text below its front matter, without the empty lines around it: who saves a file with one more of them tells
// followers nothing.
func (b *build) markdown(p *Post) string {
	body, err := splitFrontMatter(b.source(p))
	if err != nil {
		return ""
	}
	whole := strings.TrimLeft(body.body, "\n")
	text := strings.TrimRight(whole, " \t\n")
	if text == "" {
		return ""
	}
	if rest := whole[len(text):]; rest != "" && rest[0] == '\n' {
		return whole[:len(text)+1]
	}
	return text + "\n"
}

// checkLead notes a lead picture that is not there, and one without a description.
func (b *build) checkLead(p *Post) {
	if p.Image.Src == "" {
		return
	}
	d := site.Diagnostic{File: b.shown(p.File), Severity: site.Warning, Code: codeAlt, Message: "image has no description", Help: `write image = {src = "…", alt = "A map of the harbour"}`}
	if v := b.resolve(p, p.Image.Src, true); v.fault != "" {
		d.Severity, d.Code, d.Message, d.Help = v.severity, v.code, v.fault, v.help
	} else if p.Image.Alt != "" {
		return
	}
	at := b.whereIs(p, "image")
	d.Line, d.Col, d.Width, d.Excerpt = at.line, at.col, at.width, excerpt(b.source(p), at.line)
	b.fault(d)
}
