package diagnostic

import "strings"

// files are the codes of files that cannot be taken as they are: P020 to P022, and P030 to P032.
var files = []Row{
	{
		Code: "P020", Severity: "error", Name: "Markdown that would take too long",
		Meaning: "Thousands of brackets or emphasis marks in one paragraph, more than 100 levels of quotes and lists, more than 3,000 footnotes or 1,000 different formulas, tables whose rows lack thousands of cells, or a file of more than 16 MB.",
		Why:     "No parser reads such text in a time that grows with its length alone: one post would stop the blog.",
		Fix:     "The place is named. Break the paragraph with an empty line, write a table with the columns that its rows have, or split the post.",
		Bad:     "+++\ntitle = \"Deep\"\ndate = 2026-10-28\n+++\n" + strings.Repeat("> ", 120) + "down here\n",
		Good:    "+++\ntitle = \"Deep\"\ndate = 2026-10-28\n+++\n> > two levels are plenty\n",
	}, {
		Code: "P021", Severity: "error", Name: "not a plain file, or out of the content folder",
		Meaning: "A link that leads out of content/, a pipe, a device, or a name that cannot be an address.",
		Why:     "A link could publish /etc/passwd; a pipe would make publish wait for ever.",
		Fix:     "Copy the file into content/, or rename it.",
		Bad:     "-- content/posts/back\\slash.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\nText.\n",
		Good:    "-- content/posts/back-slash.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\nText.\n",
	}, {
		Code: "P022", Severity: "error", Name: "not UTF-8, or NUL in it",
		Meaning: "The file holds bytes that are no text.",
		Why:     "Every reader would show something else in their place, and JSON, which followers get, cannot hold them at all.",
		Fix:     "Save the file as UTF-8. (In the example, \\xff stands for that byte.)",
		Bad:     "+++\ntitle = \"Caf\\xff\"\ndate = 2026-10-28\n+++\nText.\n",
		Good:    "+++\ntitle = \"Café\"\ndate = 2026-10-28\n+++\nText.\n",
	}, {
		Code: "P027", Severity: "warning", Name: "the clock is behind what was published",
		Meaning: "The published list names a moment that this machine's clock has not reached: the clock was set back, or was ahead when the list was written.",
		Why:     "A post that is out would be taken for one that is still to come. It stays out, but new posts get the wrong time, and those scheduled come late.",
		Fix:     "Set the clock (timedatectl set-ntp true). If it was ahead before, the warning goes when that moment has come.",
		Bad:     "-- public/ap/published.json --\n{\"version\": 1, \"posts\": [], \"withdrawn\": [{\"id\": \"https://example.com/ap/posts/k1\", \"at\": \"2999-01-01T00:00:00Z\"}]}\n-- content/posts/a.md --\n+++\ntitle = \"A\"\ndate = 2026-10-28\n+++\nText.\n",
		Good:    "-- public/ap/published.json --\n{\"version\": 1, \"posts\": [], \"withdrawn\": [{\"id\": \"https://example.com/ap/posts/k1\", \"at\": \"2020-01-01T00:00:00Z\"}]}\n-- content/posts/a.md --\n+++\ntitle = \"A\"\ndate = 2026-10-28\n+++\nText.\n",
	}, {
		Code: "P030", Severity: "error or warning", Name: "a link to a file that is not there",
		Meaning: "A relative link names a post or file that does not exist (an error), or a post that is held back (a warning).",
		Why:     "Readers would meet \"not found\".",
		Fix:     "Name the post's file, relative to this one: [the other](other.md). Postil makes it the address, also after a slug has changed.",
		Bad:     "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\nSee [the other](other.md).\n",
		Good:    "-- content/posts/example.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\nSee [the other](other.md).\n-- content/posts/other.md --\n+++\ntitle = \"Other\"\ndate = 2026-10-28\n+++\nText.\n",
	}, {
		Code: "P031", Severity: "error", Name: "a picture that is not there, or is none",
		Meaning: "A picture in the text, or image in the front matter, names a file that does not exist.",
		Why:     "The page would show a hole, and followers' servers would try again for days.",
		Fix:     "Put it beside the post, or below content/ and name it from the site's root.",
		Bad:     "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\n![A map](map.png)\n",
		Good:    "-- content/posts/example.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\n![A map](map.png)\n-- content/posts/map.png --\n",
	}, {
		Code: "P032", Severity: "error", Name: "renamed without an id",
		Meaning: "A post that followers have is gone, and a new file looks just like it.",
		Why:     "Without an id the place of the file makes the post's identity: followers would lose the old post with its replies, and no server takes a deleted id back.",
		Fix:     "Add the id line that the message gives (publish check --fix does). To delete the old post indeed: publish --withdraw.",
		Bad: "-- before/content/posts/first.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\nText.\n" +
			"-- content/posts/second.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\nText.\n",
		Good: "-- before/content/posts/first.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\nid = \"k7gq2m\"\n+++\nText.\n" +
			"-- content/posts/second.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\nid = \"k7gq2m\"\n+++\nText.\n",
	},
}

// content are the codes of what a post says and how followers see it: P040 to P049.
var content = []Row{
	{
		Code: "P040", Severity: "warning", Name: "a title longer than followers' servers show",
		Meaning: "The title has more than 150 characters.",
		Why:     "Cards, feeds and search engines cut it, often in the middle of a word.",
		Fix:     "Shorten it, and say the rest in the first paragraph.",
		Bad:     "+++\ntitle = \"" + strings.Repeat("very ", 35) + "long\"\ndate = 2026-10-28\n+++\nText.\n",
		Good:    "+++\ntitle = \"Very long\"\ndate = 2026-10-28\n+++\nText.\n",
	}, {
		Code: "P041", Severity: "warning", Name: "a picture without a description",
		Meaning: "Nothing stands between the brackets of ![](map.png), or image has no alt.",
		Why:     "People using a screen reader get nothing, and so do followers: Mastodon shows the description, and many there do not share pictures without one.",
		Fix:     "Say what the picture shows: ![A map of the harbour](map.png).",
		Bad:     "-- content/posts/example.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\n![](map.png)\n-- content/posts/map.png --\n",
		Good:    "-- content/posts/example.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\n![A map of the harbour](map.png)\n-- content/posts/map.png --\n",
	}, {
		Code: "P042", Severity: "error or warning", Name: "a mention that is not sent",
		Meaning: "An error where mention holds something that is no @user@host; a warning where no such account was found, and the mention stays text.",
		Why:     "Whom a post does not mention, it does not reach.",
		Fix:     "Correct it, or publish again when its server answers.",
		Bad:     "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n\n[fediverse]\nmention = [\"ada\"]\n+++\nText.\n",
		Good:    "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n\n[fediverse]\nmention = [\"@ada@social.example\"]\n+++\nText.\n",
	}, {
		Code: "P043", Severity: "error", Name: "a reply that does not say what it answers",
		Meaning: "A file in content/replies/ has no in_reply_to, or one that is no address.",
		Why:     "An answer to nothing would be a post that nobody asked for.",
		Fix:     "Set in_reply_to to the address of the comment or post. publish comments list shows what there is to answer.",
		Bad:     "-- content/replies/thanks.md --\n+++\ndate = 2026-10-28\n+++\nThanks.\n",
		Good:    "-- content/replies/thanks.md --\n+++\ndate = 2026-10-28\nin_reply_to = \"https://social.example/@ada/1\"\n+++\nThanks.\n",
	}, {
		Code: "P044", Severity: "warning", Name: "a link to a page, or to a place in one, that is not there",
		Meaning: "A link that begins with / leads to nothing that publish writes, or the part behind # names nothing of that page. publish check says so.",
		Why:     "Readers would meet \"not found\", or the top of a long page.",
		Fix:     "Name the post's file, [words](other.md#heading). Headings are named after their words, or by {#name} behind them.",
		Bad:     "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\nSee [the index](/indices/).\n\n## Set-up\n\nText.\n",
		Good:    "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\nSee [the archive](/archive/).\n\n## Set-up\n\nText.\n",
	}, {
		Code: "P045", Severity: "warning", Name: "a heading that skips a level",
		Meaning: "#### follows ##, or a post begins with ###. publish check says so.",
		Why:     "People who use a screen reader go from heading to heading and look for what is missing. The size of a heading is the theme's business.",
		Fix:     "Use the next level.",
		Bad:     "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\n## Set-up\n\n#### On Linux\n\nText.\n",
		Good:    "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\n## Set-up\n\n### On Linux\n\nText.\n",
	}, {
		Code: "P046", Severity: "warning", Name: "a picture that weighs more than a megabyte",
		Meaning: "A picture of the post is larger than 1 MB. publish check says so.",
		Why:     "On a telephone the page takes many seconds, and every follower's server fetches the picture at the same moment.",
		Fix:     "Scale it down to the width at which it is shown, 1600 pixels at most, or save it as JPEG or WebP.",
		Bad:     "-- content/posts/example.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\n![A map](map.png)\n-- content/posts/map.png --\n" + strings.Repeat("x", 1_100_000) + "\n",
		Good:    "-- content/posts/example.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\n![A map](map.png)\n-- content/posts/map.png --\nxxx\n",
	}, {
		Code: "P047", Severity: "warning", Name: "an address that changed without an alias",
		Meaning: "The post was published at another address, and its front matter does not name that as an alias. publish check says so.",
		Why:     "publish makes the redirect by itself as long as public/ap/published.json is there; links elsewhere live longer.",
		Fix:     "Write aliases = [\"/posts/old/\"]; publish check --fix does.",
		Bad: "-- before/content/posts/example.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\nid = \"k7gq2m\"\n+++\nText.\n" +
			"-- content/posts/example.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\nid = \"k7gq2m\"\nslug = \"hello\"\n+++\nText.\n",
		Good: "-- before/content/posts/example.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\nid = \"k7gq2m\"\n+++\nText.\n" +
			"-- content/posts/example.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\nid = \"k7gq2m\"\nslug = \"hello\"\naliases = [\"/posts/example/\"]\n+++\nText.\n",
	}, {
		Code: "P048", Severity: "warning", Name: "what followers get is not what was meant",
		Meaning: "Two things that the front matter says of followers do not go together: an excerpt without a summary, announce = true with as = \"none\", a content warning with nothing behind it. publish check says so.",
		Why:     "A post reaches followers once; what is wrong in it stands in their timelines.",
		Fix:     "Follow the message. publish show POST --as mastodon shows what they will see.",
		Bad:     "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n\n[fediverse]\ncontent = \"excerpt\"\n+++\nText.\n",
		Good:    "+++\ntitle = \"Hello\"\ndate = 2026-10-28\nsummary = \"A greeting\"\n\n[fediverse]\ncontent = \"excerpt\"\n+++\nText.\n",
	}, {
		Code: "P049", Severity: "warning", Name: "a date that is odd",
		Meaning: "An hour that clocks skip or have twice when they change, updated or expires before date, or a date years ahead.",
		Why:     "The post would appear an hour late, never, or in another year than you think.",
		Fix:     "Choose another hour, write the zone (2026-03-29T03:30:00+02:00), or correct the year.",
		Bad:     "+++\ntitle = \"Hello\"\ndate = 2026-03-29 02:30:00\n+++\nText.\n",
		Good:    "+++\ntitle = \"Hello\"\ndate = 2026-03-29 03:30:00\n+++\nText.\n",
	},
}
