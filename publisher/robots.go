package publisher

import (
	"fmt"
	"strings"
)

// learners are the crawlers that gather text for machine learning and answer engines, by the names to which they say they listen in
// robots.txt (published by OpenAI, Anthropic, Google, Apple, Amazon, Meta, ByteDance, Common Crawl, Perplexity, Cohere, Mistral, Allen AI,
// Huawei, Diffbot, You.com, Webz.io, Timpi). Search engines' own crawlers are not among them.
var learners = []string{
	"AI2Bot", "Amazonbot", "anthropic-ai", "Applebot-Extended", "Bytespider", "CCBot", "ChatGPT-User", "Claude-SearchBot", "Claude-User", "Claude-Web", "ClaudeBot",
	"cohere-ai", "cohere-training-data-crawler", "Diffbot", "DuckAssistBot", "FacebookBot", "Google-CloudVertexBot", "Google-Extended", "GPTBot", "ImagesiftBot", "img2dataset",
	"meta-externalagent", "Meta-ExternalFetcher", "MistralAI-User", "OAI-SearchBot", "omgili", "omgilibot", "PanguBot", "Perplexity-User", "PerplexityBot", "Timpibot",
	"Webzio-Extended", "YouBot",
}

// planRobots plans what crawlers are asked to do: robots.txt (RFC 9309), and ai.txt where learning is not wanted. The owner's own files
// below content/ win.
func (b *build) planRobots() {
	c := b.config.Publish
	every := "Disallow: " + b.addresses.Path("/interact")
	if c.Robots == "deny" {
		every = "Disallow: /"
	}
	rules := []string{"User-agent: *\n" + every + "\n"}
	if c.AI == "deny" {
		rules = append(rules, "User-agent: "+strings.Join(learners, "\nUser-agent: ")+"\nDisallow: /\n")
		b.planOwn("ai.txt", []byte("# Nothing here is for training.\nUser-Agent: *\nDisallow: /\nDisallow: *\n"))
	}
	b.planOwn("robots.txt", fmt.Appendf(nil, "%s\nSitemap: %s\n", strings.Join(rules, "\n"), b.addresses.Page("/sitemap.xml")))
}
