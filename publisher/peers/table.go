package peers

// blurb is the reason of those that show a title and no excerpt.
var blurb = map[string]string{"summary": "title and text are shown, no excerpt"}

// table holds the programs, those with the most readers first.
var table = []rule{
	{
		name: "mastodon", software: "Mastodon", source: "app/lib/activitypub/parser/status_parser.rb, app/lib/activitypub/activity/create.rb",
		article: shape{title: true, body: bodySummary, pictures: 4, card: cardAlone, tags: true, why: map[string]string{
			"content": "of an Article only title, summary and link are shown"}},
		note:   shape{fold: foldSummary, pictures: 4, card: cardAlone, tags: true},
		checks: []check{homeTimeline, quotable},
	},
	{
		name: "misskey", software: "Misskey", source: "packages/backend/src/core/activitypub/models/ApNoteService.ts",
		article: shape{fold: foldSummary, pictures: 16, card: cardAlways, tags: true, limit: 8192, noMath: true},
		note:    shape{fold: foldSummary, pictures: 16, card: cardAlways, tags: true, limit: 8192, noMath: true},
		checks:  []check{oneHost, says(Dropped, "updated", "later edits are not taken over", "")},
	},
	{
		name: "gotosocial", software: "GoToSocial", source: "internal/typeutils/astointernal.go", refuse: gotosocial,
		article: shape{fold: foldSummaryOrName, pictures: all, tags: true, noMath: true, why: map[string]string{"name": "the summary stands over the text, and no title"}},
		note:    shape{fold: foldSummaryOrName, pictures: all, tags: true, noMath: true},
		checks:  []check{oneHost},
	},
	{
		name: "lemmy", software: "Lemmy", source: "crates/apub/src/objects/post.rs", refuse: lemmy,
		article: shape{title: true, body: bodySource, inline: true, lead: true, card: cardAlways, why: blurb},
		note:    shape{title: true, body: bodySource, inline: true, lead: true, card: cardAlways, why: blurb},
		checks:  []check{firstLine, longTitle(200), relativeSource},
	},
	{
		name: "pixelfed", software: "Pixelfed", source: "app/Util/ActivityPub/Helpers.php, Inbox.php", refuse: pixelfed,
		note: shape{fold: foldSummary, pictures: 4, tags: true},
	},
	{
		name: "bluesky", software: "Bluesky (Bridgy Fed)", source: "granary/bluesky.py, bridgy-fed/activitypub.py",
		article: shape{body: bodyPreview, card: cardAlways, inCard: true, tags: true, limit: 300, why: map[string]string{
			"summary": "the preview stands in its place",
			"content": "the post is the preview and a card that leads to the page"}},
		note:   shape{body: bodyContent, pictures: 4, card: cardAlone, tags: true, limit: 300},
		checks: []check{linkedPreview, says(Shown, "", "only if the blog follows @bsky.brid.gy@bsky.brid.gy; the bridge wants an avatar, a name of its own and an account that is a week old", "")},
	},
	{
		name: "wordpress", software: "WordPress", source: "FEDERATION.md of the ActivityPub plugin; its answers to a running daemon",
		article: shape{title: true, inline: true, lead: true, why: blurb},
		note:    shape{inline: true, pictures: all},
		checks:  []check{says(Shown, "", "only where a reader is installed (the Friends plugin, or the plugin's own): the rest answers 400 to what is no reply", "")},
	},
	{
		name: "threads", software: "Threads", source: "reports of other programs' makers", refuse: threads, unsure: "Threads has no public source",
		note: shape{pictures: all, card: cardAlone, limit: 500},
	},
	{
		name: "pleroma", software: "Pleroma, Akkoma", source: "lib/pleroma/web/mastodon_api/views/status_view.ex, article_note_page_validator.ex",
		unsure:  "Akkoma's treatment of an attached Link",
		article: shape{body: bodyLinked, fold: foldSubject, pictures: all, inline: true, card: cardAlways, tags: true},
		note:    shape{fold: foldSubject, pictures: all, inline: true, card: cardAlways, tags: true},
		checks:  []check{oneHost},
	},
	{
		name: "friendica", software: "Friendica", source: "src/Protocol/ActivityPub/Processor.php, src/Object/Post.php",
		article: shape{title: true, fold: foldSummary, pictures: all, inline: true, card: cardAlone, tags: true},
		note:    shape{title: true, fold: foldSummary, pictures: all, inline: true, card: cardAlone, tags: true},
		checks:  []check{repeated},
	},
	{
		name: "peertube", software: "PeerTube", source: "server/core/lib/activitypub/process/process-create.ts",
		refuse: never("only videos and comments on videos are taken", ""),
	},
	{
		name: "flipboard", software: "Flipboard", source: "reports of other programs' makers", unsure: "Flipboard has no public source",
		article: shape{title: true, body: bodySummary, lead: true, card: cardAlways},
		note:    shape{pictures: 1, card: cardAlone},
	},
	{
		name: "ghost", software: "Ghost", source: "src/post/post.service.ts",
		article: shape{title: true, inline: true, lead: true, why: blurb},
		note:    shape{pictures: all, inline: true},
	},
	{
		name: "nodebb", software: "NodeBB", source: "src/activitypub/mocks.js, inbox.js", refuse: nodebb,
		article: shape{title: true, body: bodySource, inline: true, lead: true, pictures: all, tags: true, why: blurb},
		note:    shape{title: true, body: bodySource, inline: true, lead: true, pictures: all, tags: true},
		checks:  []check{firstLine, relativeSource},
	},
	{
		name: "gnusocial", software: "GNU social", source: "plugins/ActivityPub/doc/objects_and_activities.md", unsure: "whether release 2 takes Articles",
		article: shape{pictures: all, tags: true},
		note:    shape{pictures: all, tags: true},
	},
}
