package peers

import (
	"cmp"
	"slices"

	"github.com/postil-blog/postil/activitypub"
)

// rule is what one program does with what it is sent.
type rule struct {
	name, software string
	source         string
	unsure         string // what no source confirms
	refuse         func(*Post) (Finding, bool)
	article, note  shape
	checks         []check
}

// check adds what is peculiar to a program.
type check func(p *Post, v *View)

// shape is how a program shows one type of object.
type shape struct {
	title    bool // name, over the text
	body     bodyRule
	fold     foldRule
	pictures int  // how many of the attached ones; 0: none
	lead     bool // image
	inline   bool // pictures in the text
	noMath   bool // the tags of formulas are dropped and their words stay
	card     cardRule
	inCard   bool // name and image are the card's
	tags     bool
	limit    int               // of the text, in characters as a person counts them; 0: none
	why      map[string]string // a member that is not shown → why
}

type bodyRule int

const (
	bodyContent bodyRule = iota
	bodySummary          // summary and a link to the page
	bodySource           // the Markdown, rendered there; content where there is none
	bodyPreview          // preview, else summary
	bodyLinked           // name as a link to the page, then content
)

type foldRule int

const (
	foldNever foldRule = iota
	foldSummary
	foldSummaryOrName
	foldSubject // a subject line, folded for those readers who want it so
)

type cardRule int

const (
	cardNever  cardRule = iota
	cardAlone           // only where no picture is attached
	cardAlways          // beside pictures too
)

// all stands for as many pictures as there are.
const all = 1 << 10

func (r rule) view(p *Post) View {
	o := p.Object
	v := View{Peer: r.name, Software: r.software, Source: r.source, Unsure: r.unsure, Acct: p.Acct, Published: o.Published, Sensitive: o.Sensitive}
	if r.refuse != nil {
		if f, no := r.refuse(p); no {
			v.drop(f)
			return v
		}
	}
	s := r.note
	if !isNote(o) {
		s = r.article
	}
	s.show(p, &v)
	audience(p, &v)
	for _, c := range r.checks {
		c(p, &v)
	}
	return v
}

func isNote(o *activitypub.Object) bool { return o.Is("Note") }

// show fills a View with what the shape shows and says what it leaves out.
func (s shape) show(p *Post, v *View) {
	o := p.Object
	v.Link = page(o)
	if s.title {
		v.Title = o.Name
	}
	s.text(o, v)
	s.folds(o, v)
	s.media(p, v)
	if s.tags {
		v.Tags = hashtags(o)
	}
	v.Findings = append([]Finding{{What: Shown, Field: fields(s.used(o))}}, v.Findings...)
	s.leftOut(o, v)
}

// text makes the body.
func (s shape) text(o *activitypub.Object, v *View) {
	content := o.Content
	switch s.body {
	case bodySummary:
		content = o.Summary + link(v.Link, v.Link)
	case bodyPreview:
		content = o.Summary
		if o.Preview != nil && o.Preview.Content != "" {
			content = o.Preview.Content
		}
	case bodyLinked:
		if o.Name != "" {
			content = link(v.Link, o.Name) + content
		}
	}
	if !s.inline {
		content = withoutPictures(content)
	}
	if flat := withoutMath(content); s.noMath && flat != content {
		content = flat
		v.find(Wrong, "content", "the tags of formulas are dropped, so each stands there twice: its signs, and its TeX", `federation.math = "tex"`)
	}
	v.Body = activitypub.ParseHTML(content, o.Emoji())
	v.Text = v.Body.Text()
	v.More = max(0, words(content)-words(string(v.Body.HTML())))
	if s.limit == 0 {
		return
	}
	if short, cut := shorten(plainText(content), s.limit); cut {
		v.Body = activitypub.ParsePlain(short, nil)
		v.Text, v.Cut, v.More = v.Body.Text(), true, 0
		v.find(Dropped, "content", "the text is cut after "+count(s.limit, "character"), `a shorter summary, or [fediverse] content = "excerpt"`)
	}
}

// folds sets the warning over the text.
func (s shape) folds(o *activitypub.Object, v *View) {
	summary := activitypub.ParseHTML(o.Summary, o.Emoji()).Text()
	switch s.fold {
	case foldNever:
		if o.Sensitive {
			v.find(Wrong, "sensitive", openWhy(s), `nothing for this program; where the warning matters, [fediverse] as = "note" is folded by most others`)
		}
		return
	case foldSummary, foldSubject:
		v.Warning = summary
	case foldSummaryOrName:
		v.Warning = cmp.Or(summary, o.Name)
	}
	switch {
	case v.Warning == "":
	case s.fold == foldSubject:
		v.find(Folded, "summary", "the summary is the subject line; the text is folded for readers who have set it so", "")
	case o.Sensitive || isNote(o):
		v.find(Folded, "content", "the content warning stands over it", "")
	case summary == "":
		v.find(Folded, "content", "without a summary the title is taken for a content warning", `[fediverse] as = "note" is not folded`)
	default:
		v.find(Folded, "content", "the summary is taken for a content warning", `[fediverse] as = "note" is not folded`)
	}
}

func openWhy(s shape) string {
	if s.body == bodySummary || s.body == bodyPreview {
		return "nothing is folded: the content warning is shown where the summary would be, and the text is on the page"
	}
	return "this program has no content warnings: the text is open"
}

// media sets pictures and card.
func (s shape) media(p *Post, v *View) {
	list := pictures(p.Object)
	v.Of = len(list)
	v.Pictures = list[:min(len(list), s.pictures)]
	if s.lead && len(v.Pictures) == 0 {
		if lead := picturesOf(p.Object.Image); len(lead) > 0 {
			v.Pictures, v.Of = lead[:1], max(1, v.Of)
		}
	}
	if n := len(list) - len(v.Pictures); n > 0 && s.pictures > 0 {
		v.find(Dropped, "attachment", count(n, "picture")+" more than the "+count(s.pictures, "picture")+" that are shown", "put the most telling pictures first")
	}
	at := cardLink(p.Object)
	if at == "" || s.card == cardNever {
		return
	}
	if s.card == cardAlone && len(v.Pictures) > 0 {
		v.find(Dropped, "attachment", "no link card is shown beside pictures", `[fediverse] lead = "card" sends the link instead`)
		return
	}
	if n := recordings(p.Object); s.card == cardAlone && n > 0 {
		v.find(Dropped, "attachment", "no link card is shown beside "+count(n, "recording"), "")
		return
	}
	v.Card = &Card{URL: at, Title: cmp.Or(p.Page.Title, p.Object.Name), Text: p.Page.Text, Picture: p.Page.Picture}
}

// leftOut says which members are there and not shown.
func (s shape) leftOut(o *activitypub.Object, v *View) {
	used := s.used(o)
	for _, f := range present(o) {
		if slices.Contains(used, f) {
			continue
		}
		v.find(Dropped, f, cmp.Or(s.why[f], ordinary[f].why), ordinary[f].fix)
	}
}

// ordinary is why members are mostly left out, and what helps.
var ordinary = map[string]struct{ why, fix string }{
	"name":     {"there are no titles", ""},
	"summary":  {"it is read nowhere", ""},
	"content":  {"only title, summary and link are shown", `[fediverse] as = "note" sends the whole text; else write a summary that stands alone`},
	"image":    {"pictures are taken from attachment alone", `[fediverse] lead = "image" attaches it`},
	"pictures": {"attached pictures are not shown", ""},
	"tag":      {"hashtags are not listed", ""},
}

// used lists the members of o that the shape shows, in the order of present.
func (s shape) used(o *activitypub.Object) []string {
	yes := map[string]bool{
		"name":     s.title || s.inCard || s.body == bodyLinked || s.fold == foldSummaryOrName && o.Summary == "",
		"summary":  s.fold != foldNever || s.body == bodySummary || s.body == bodyPreview && (o.Preview == nil || o.Preview.Content == ""),
		"preview":  s.body == bodyPreview,
		"content":  s.body == bodyContent || s.body == bodySource || s.body == bodyLinked,
		"url":      true,
		"image":    s.lead || s.inCard,
		"pictures": s.pictures > 0,
		"tag":      s.tags,
	}
	var list []string
	for _, f := range append(present(o), "preview", "url") {
		if yes[f] && (f != "preview" || o.Preview != nil) {
			list = append(list, f)
		}
	}
	return list
}

// present lists the members that a reader could be shown.
func present(o *activitypub.Object) []string {
	var list []string
	for _, m := range []struct {
		name string
		is   bool
	}{
		{"name", o.Name != ""}, {"summary", o.Summary != ""}, {"content", o.Content != ""}, {"image", len(picturesOf(o.Image)) > 0},
		{"pictures", len(pictures(o)) > 0}, {"tag", len(hashtags(o)) > 0},
	} {
		if m.is {
			list = append(list, m.name)
		}
	}
	return list
}
