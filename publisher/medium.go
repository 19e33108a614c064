package publisher

import (
	"cmp"
	"fmt"
	"html"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/feeds"
	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/publisher/media"
	"github.com/postil-blog/postil/site"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// medium is a file of sound or film that a post shows as ![name](talk.mp3).
type medium struct {
	URL  string // from the site's root
	Name string // what the author wrote between the brackets
	File string // below content/
}

// kind is "Audio" or "Video".
func (m medium) kind() string {
	if strings.HasPrefix(m.mediaType(), "audio/") {
		return "Audio"
	}
	return "Video"
}

func (m medium) mediaType() string { return mediumType(m.URL) }

// mediumType is the media type of an address that leads to sound or film, by the name of the file; "" for all others.
func mediumType(at string) string {
	name, _, _ := strings.Cut(at, "?")
	name, _, _ = strings.Cut(name, "#")
	return media.Type(name)
}

// mediumNode is one in the syntax tree.
type mediumNode struct {
	ast.BaseInline
	medium
}

var kindMedium = ast.NewNodeKind("Medium")

// Kind is goldmark's ast.Node.
func (*mediumNode) Kind() ast.NodeKind { return kindMedium }

// Dump is goldmark's ast.Node.
func (n *mediumNode) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// written is what stands for it in an excerpt, as for a picture: its description.
func (n *mediumNode) written() string { return n.Name }

// medium notes sound or film, and gives what is shown in the place of the picture that Markdown takes it for: a player, or a link where
// the file lies with somebody else, whom the page's reader is not to be shown to.
func (r *rendered) medium(n *ast.Image) ast.Node {
	ref, name := string(n.Destination), r.plain(n)
	v := r.follow(ref, true, n)
	if name == "" {
		d := r.fault(site.Warning, codeAlt, r.find(n, ref), 1, "sound or film has no name", "write it between the brackets: ![Talk on the tides, with transcript]("+ref+")")
		r.Faults = append(r.Faults, d)
		name = path.Base(ref)
	}
	if v.url == "" {
		l := ast.NewLink()
		l.Destination = n.Destination
		l.AppendChild(l, ast.NewString([]byte(html.EscapeString(name))))
		return l
	}
	m := medium{URL: v.url, Name: name, File: v.shown()}
	if len(r.Media) < maxPictures {
		r.Media = append(r.Media, m)
	}
	return &mediumNode{medium: m}
}

// mediumRenderer writes players. Who has none finds a link.
type mediumRenderer struct{}

// RegisterFuncs is goldmark's renderer.NodeRenderer.
func (mediumRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindMedium, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		m := n.(*mediumNode)
		_, err := fmt.Fprintf(w, `<%[1]s class="media" controls="" preload="metadata" src="%[2]s" aria-label="%[3]s"><a href="%[2]s">%[3]s</a></%[1]s>`,
			strings.ToLower(m.kind()), html.EscapeString(m.URL), html.EscapeString(m.Name))
		return ast.WalkSkipChildren, err
	})
}

// media are what a post attaches of sound and film. In a Group's documents each is a Document: Lemmy, which reads them, refuses a post
// with an attachment of another type.
func (b *build) media(p *Post) (list []activitypub.AttachedMedia) {
	for _, m := range b.notes[p].Rendering.Media {
		a := activitypub.AttachedMedia{Type: m.kind(), URL: b.absolute(m.URL), MediaType: m.mediaType(), Name: m.Name}
		if b.group() != "" {
			a.Type = "Document"
		}
		if f, ok := b.files[m.File]; ok {
			a.Duration = xsdDuration(f.look(b).Duration)
		}
		list = append(list, a)
	}
	return list
}

// xsdDuration is a duration as Activity Streams has it, "" for none.
func xsdDuration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return "PT" + strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + "S"
}

// enclosure is a file that podcast programs fetch.
type enclosure struct {
	medium
	Address, Type string
	Size          int64
	Duration      time.Duration
}

// enclosures are a post's sound and film for feeds, sound first: RSS has room for one.
func (b *build) enclosures(p *Post) (list []enclosure) {
	for _, kind := range []string{"Audio", "Video"} {
		for _, m := range b.notes[p].Rendering.Media {
			if f, ok := b.files[m.File]; ok && m.kind() == kind {
				list = append(list, enclosure{m, b.absolute(m.URL), m.mediaType(), f.stamp.Size, f.look(b).Duration})
			}
		}
	}
	return list
}

func (b *build) rssEnclosure(p *Post) *feeds.RssEnclosure {
	for _, e := range b.enclosures(p) {
		return &feeds.RssEnclosure{Url: e.Address, Length: strconv.FormatInt(e.Size, 10), Type: e.Type}
	}
	return nil
}

func (b *build) atomEnclosures(p *Post) (links []feeds.AtomLink) {
	for _, e := range b.enclosures(p) {
		links = append(links, feeds.AtomLink{Href: e.Address, Rel: "enclosure", Type: e.Type, Length: strconv.FormatInt(e.Size, 10)})
	}
	return links
}

func (b *build) jsonAttachments(p *Post) (list []feeds.JSONAttachment) {
	for _, e := range b.enclosures(p) {
		list = append(list, feeds.JSONAttachment{Url: e.Address, MIMEType: e.Type, Title: cmp.Or(e.Name, path.Base(e.URL)), Size: int32(min(e.Size, 1<<31-1)), Duration: e.Duration})
	}
	return list
}
