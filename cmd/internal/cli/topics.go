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
