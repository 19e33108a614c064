package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/postil-blog/postil/publisher/diagnostic"
	"github.com/postil-blog/postil/site"
)

// topics are what "help TOPIC" says.
var topics = map[string]func() string{
	"exit-codes":   func() string { return exitCodes },
	"formats":      func() string { return formats },
	"privacy":      func() string { return privacy },
	"redirects":    func() string { return redirects },
	"diagnostics":  codes,
	"front-matter": func() string { return frontMatter },
	"environment":  environment,
}

// topic finds what "help WORD" says of a topic or of the code of a diagnostic.
func topic(word string) (func() string, bool) {
	if text, ok := topics[word]; ok {
		return text, true
	}
	row, ok := diagnostic.Find(word)
	return row.Text, ok
}

func topicNames() []string { return slices.Sorted(maps.Keys(topics)) }

const exitCodes = `
Exit codes of publish and inboxd

  0    done
  1    failed: the machine, the network or the disk
  2    the command line, config.toml or the data folder needs a change
  3    the content has errors; nothing was published
  4    published, but the daemon did not accept the token or did not answer
  5    sent in part; the queue keeps trying
  130  interrupted; run it again and it goes on where it was
`

const frontMatter = `
Front matter: the block at the top of a post, TOML between +++ lines or YAML between --- lines

  title        required
  date         required for posts: 2026-10-28, 2026-10-28 09:00 (site.timezone), or with a zone: 2026-10-28T09:00:00+01:00
  updated      when you last changed it, as readers see it
  draft        true: not published, shown by publish preview
  expires      from then on not published any more
  id           the post's own key, never changed: it outlives title, slug and file name
  slug         last part of the address; permalink: all of it; aliases: old addresses that lead here
  lang tags series author summary
  image        {src = "map.png", alt = "what it shows", focus = [0, 0.4]}; focus: what a crop keeps, each -1 to 1
  math         true: $…$ and $$…$$ are TeX and stay as written
  comments     on, off, read-only or a time such as 90d
  fediverse    {announce, as = article|note|link|none, content = full|excerpt|link, lead = card|image, cw, visibility,
               sensitive, mention = ["@a@b.example"], quote_policy, reply_policy, like_policy, boost_policy}
  params.*     for the theme; keys that begin with x- are yours

  A reply (content/replies/*.md) has in_reply_to, the address of a comment or post, and besides only date, updated, draft, id,
  lang, author, params and fediverse {cw, visibility = public|unlisted}.
`

const formats = `
Formats: what a site is made of, and what is made of it

  config.toml            TOML; format = 1. A newer format is refused, an older one is read for ever
  content/posts/*.md     posts: Markdown (CommonMark with tables, footnotes, task lists, strikethrough, definition lists, callouts, emoji)
                         below a front matter in TOML (+++) or YAML (---): publish help front-matter
  content/*.md           pages; content/replies/*.md are your answers to comments
  templates/*.html       Go templates over the built-in ones: publish theme
  templates/archetypes/  what publish new --kind begins with
  comments/*.json        pulled comments; "v": 1

  public/                HTML, Atom, RSS and JSON feeds, sitemap.xml; public/ap/ holds one Activity Streams document a post and
                         published.json, the list of what is out; keep that file, it is what followers have
  --json                 one object with "v": 1, whose members are only ever added to
  publish check --format text, json, github (workflow commands) or sarif (SARIF 2.1.0)
`

const redirects = `
Redirects: how an address goes on to lead to its post

  A post keeps its identity by its id line: slug, file name and title may change. Then
    - its page at the old address leads to the new one, as long as public/ap/published.json is kept
    - aliases = ["/old/place/"] in the front matter does the same for ever, and for addresses of another blog engine
    - followers get an Update, and no second post
  publish check warns of a changed address without an alias (P047), and publish check --fix writes it.
  publish list --state needs-redirect lists them.

  A post that is taken back (its file is gone) answers 410, and its id is never used again.
  Another domain for the whole blog: inboxd move-domain prints the lines for the old web server.
`

const privacy = `
Privacy: who learns what

  publish        opens no connection but to look up accounts that posts mention, to ask the live site what is out (--live), and to
                 tell your own inboxd (POSTIL_TOKEN). It sends no statistics. --offline looks nothing up
  readers        the shipped pages load nothing from elsewhere, set no cookie and run no script but the theme's; pictures and faces
                 in comments come from your own server (/media/)
  followers      drafts and scheduled posts are not in public/. visibility = "followers" is about who is told: the page on the site is
                 open to everybody. What was sent cannot be called back for certain: a Delete asks, and most servers obey
  commenters     comments are kept as they were sent, until their author or you delete them; publish pull writes the shown ones to
                 comments/*.json, which you may commit: think of who asked to be deleted
  secrets        tokens lie in ~/.config/postil/credentials (mode 0600) or the environment, keys in inboxd's data folder; none of
                 them in the site's folder
`

// codes lists the codes of all diagnostics.
func codes() string {
	var b strings.Builder
	b.WriteString("Diagnostics: publish help CODE explains one\n\n")
	for _, r := range diagnostic.All() {
		fmt.Fprintf(&b, "  %-6s %-18s %s\n", r.Code, r.Severity, r.Name)
	}
	return b.String()
}

// environment lists the variables from the settings themselves, so that it cannot fall behind.
func environment() string {
	var b strings.Builder
	b.WriteString("Environment: each variable sets one setting over config.toml; a flag --section.key sets it over both\n\n")
	for _, key := range site.Keys() {
		if key != "format" {
			fmt.Fprintf(&b, "  %-32s %s\n", site.Variable(key), key)
		}
	}
	b.WriteString("\n  POSTIL_TOKEN                     lets publish tell inboxd at once (inboxd token create)\n")
	b.WriteString("  NO_COLOR, CLICOLOR=0             no colour\n")
	return b.String()
}
