package diagnostic

import "strings"

// frontMatter are the codes of settings and front matter: P001 to P019, and P023.
var frontMatter = []Row{
	{
		Code: "P026", Severity: "error", Name: "more than a hundred tags",
		Meaning: "A post has more than 100 tags: mostly a text that became a list by mistake.",
		Why:     "Each tag becomes a page with its feeds, and a hashtag on other servers, which take a few.",
		Fix:     "Keep the tags that readers would look for.",
		Bad:     "+++\ntitle = \"Hello\"\ndate = 2026-10-28\ntags = \"" + strings.Repeat("a,", 100) + "b\"\n+++\nText.\n",
		Good:    "+++\ntitle = \"Hello\"\ndate = 2026-10-28\ntags = [\"a\", \"b\"]\n+++\nText.\n",
	}, {
		Code: "P001", Severity: "error", Name: "the settings or the front matter cannot be read",
		Meaning: "config.toml is not TOML, or the block at the top of a post is not the TOML or YAML that its marker promises. The line and column are where reading stopped.",
		Why:     "Nothing of a block that cannot be read is known, not even whether the post is a draft.",
		Fix:     "Look at the line, and at the one above it: it is often a quote that is missing there. Texts with a colon or a # stand in quotes.",
		Bad:     "---\ntitle: \"Hello\ndate: 2026-10-28\n---\nText.\n",
		Good:    "---\ntitle: \"Hello\"\ndate: 2026-10-28\n---\nText.\n",
	}, {
		Code: "P002", Severity: "error", Name: "the front matter is too large or has no end",
		Meaning: "The block at the top of the post is never closed, is larger than 64 KB, or nests lists and tables deeper than any post needs.",
		Why:     "Without its end the whole post would be taken for front matter; without a limit one file could stop the run.",
		Fix:     "Begin the file with +++ (TOML) or --- (YAML) and close the block with the same line.",
		Bad:     "---\ntitle: Hello\ndate: 2026-10-28\nText.\n",
		Good:    "---\ntitle: Hello\ndate: 2026-10-28\n---\nText.\n",
	}, {
		Code: "P003", Severity: "error", Name: "unknown key",
		Meaning: "A key of config.toml or of a front matter, or a variable POSTIL_…, that means nothing to Postil. The nearest known key is named.",
		Why:     "A misspelt draft = true would publish the post.",
		Fix:     "Correct the key (publish check --fix does, where one key alone can be meant). Keys of your own begin with x- or stand in params.",
		Bad:     "+++\ntitel = \"Hello\"\ndate = 2026-10-28\n+++\nText.\n",
		Good:    "+++\ntitle = \"Hello\"\ndate = 2026-10-28\nx-mood = \"calm\"\n+++\nText.\n",
	}, {
		Code: "P004", Severity: "error", Name: "a value of the wrong type",
		Meaning: "A text stands where true or false is wanted, a list where a text is, and so on.",
		Why:     "What was meant can only be guessed.",
		Fix:     "Write the value as the message says: draft = true, not draft = \"yes, please\".",
		Bad:     "+++\ntitle = \"Hello\"\ndate = 2026-10-28\ndraft = \"maybe\"\n+++\nText.\n",
		Good:    "+++\ntitle = \"Hello\"\ndate = 2026-10-28\ndraft = true\n+++\nText.\n",
	}, {
		Code: "P005", Severity: "error", Name: "the site's format is newer than this Postil",
		Meaning: "config.toml names a format that this version does not know.",
		Why:     "Its other keys may mean anything, and a wrong guess could take posts back from their readers.",
		Fix:     "Install the newer Postil. Nothing was read or changed.",
		Bad:     "-- config.toml --\nformat = 2\n[site]\nurl = \"https://example.com\"\n",
		Good:    "-- config.toml --\nformat = 1\n[site]\nurl = \"https://example.com\"\n",
	}, {
		Code: "P006", Severity: "error", Name: "a setting that is needed is missing",
		Meaning: "config.toml leaves out what cannot be guessed: the site's address.",
		Why:     "Feeds, the ids of posts and the blog's account are made of it, and ids stay for ever.",
		Fix:     "Add it: site.url first of all.",
		Bad:     "-- config.toml --\n[site]\ntitle = \"Notes\"\n",
		Good:    "-- config.toml --\n[site]\ntitle = \"Notes\"\nurl = \"https://example.com\"\n",
	}, {
		Code: "P007", Severity: "error", Name: "a setting that cannot be meant",
		Meaning: "The value of a setting is of the right type and cannot work: an address without https://, a time zone that does not exist, a folder inside itself.",
		Why:     "Most of these would only show when readers or followers are already there.",
		Fix:     "The message says what the value should look like.",
		Bad:     "-- config.toml --\n[site]\nurl = \"example.com\"\n",
		Good:    "-- config.toml --\n[site]\nurl = \"https://example.com\"\n",
	}, {
		Code: "P010", Severity: "error", Name: "there is no title",
		Meaning: "A post or page has no title, or no front matter at all.",
		Why:     "The title is the page's name in the browser, in feeds, in search engines and in the card that followers see.",
		Fix:     "Add title. A note needs one too: it is not shown in followers' timelines.",
		Bad:     "+++\ndate = 2026-10-28\n+++\nText.\n",
		Good:    "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\nText.\n",
	}, {
		Code: "P011", Severity: "error", Name: "a post without a date",
		Meaning: "A file in content/posts has no date. Pages, directly in content/, need none.",
		Why:     "The date orders the posts and decides whether one is still to come.",
		Fix:     "Add date; publish new writes it. A standalone page belongs directly into content/.",
		Bad:     "+++\ntitle = \"Hello\"\n+++\nText.\n",
		Good:    "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\nText.\n",
	}, {
		Code: "P012", Severity: "error", Name: "date is not a date",
		Meaning: "date, updated or expires holds something that is no date, or a date that can be read in two ways. The message says how it was read.",
		Why:     "5/10/2026 is in May or in October, depending on who reads it: Postil does not guess.",
		Fix:     "Write 2026-10-28, or 2026-10-28 09:00 for an hour in the site's time zone, or 2026-10-28T09:00:00+01:00. publish check --fix rewrites dates that can be read in one way alone.",
		Bad:     "---\ntitle: Hello\ndate: 28/10/2026\n---\nText.\n",
		Good:    "---\ntitle: Hello\ndate: 2026-10-28\n---\nText.\n",
	}, {
		Code: "P013", Severity: "error", Name: "slug, permalink or alias cannot be an address",
		Meaning: "It holds characters that an address cannot have, leads out of the site, or begins with a path that is the daemon's (/ap/, /media/, …).",
		Why:     "The file would be written elsewhere, or never be found by its address.",
		Fix:     "Use letters, digits and hyphens; permalink and aliases are paths from the site's root, such as /2026/hello/.",
		Bad:     "+++\ntitle = \"Hello\"\ndate = 2026-10-28\nslug = \"../../etc\"\n+++\nText.\n",
		Good:    "+++\ntitle = \"Hello\"\ndate = 2026-10-28\nslug = \"hello-again\"\n+++\nText.\n",
	}, {
		Code: "P014", Severity: "error", Name: "the id cannot be used",
		Meaning: "id becomes part of the post's address in the fediverse, where it stays for ever.",
		Why:     "Servers refuse, or rewrite, ids with other characters.",
		Fix:     "Up to 64 letters, digits, - and _. publish new writes a good one.",
		Bad:     "+++\ntitle = \"Hello\"\ndate = 2026-10-28\nid = \"no/key\"\n+++\nText.\n",
		Good:    "+++\ntitle = \"Hello\"\ndate = 2026-10-28\nid = \"k7gq2m\"\n+++\nText.\n",
	}, {
		Code: "P015", Severity: "error", Name: "two posts with one id",
		Meaning: "Two files name the same id. Upper and lower case are the same here.",
		Why:     "To followers they would be one post: the second would replace the first.",
		Fix:     "One of them was probably copied: remove its id line, or give it an id of its own.",
		Bad:     "-- content/posts/a.md --\n+++\ntitle = \"A\"\ndate = 2026-10-28\nid = \"k1\"\n+++\nText.\n-- content/posts/b.md --\n+++\ntitle = \"B\"\ndate = 2026-10-28\nid = \"k1\"\n+++\nText.\n",
		Good:    "-- content/posts/a.md --\n+++\ntitle = \"A\"\ndate = 2026-10-28\nid = \"k1\"\n+++\nText.\n-- content/posts/b.md --\n+++\ntitle = \"B\"\ndate = 2026-10-28\nid = \"k2\"\n+++\nText.\n",
	}, {
		Code: "P016", Severity: "error", Name: "two files want one address",
		Meaning: "Two posts, or a post and another file, would be written to the same place. Both are named. Upper and lower case are the same here.",
		Why:     "The last one to be written would win, and another run could choose otherwise.",
		Fix:     "Change the slug of one, or rename it.",
		Bad:     "-- content/posts/a/same.md --\n+++\ntitle = \"A\"\ndate = 2026-10-28\n+++\nText.\n-- content/posts/b/same.md --\n+++\ntitle = \"B\"\ndate = 2026-10-28\n+++\nText.\n",
		Good:    "-- content/posts/a/same.md --\n+++\ntitle = \"A\"\ndate = 2026-10-28\n+++\nText.\n-- content/posts/b/same.md --\n+++\ntitle = \"B\"\ndate = 2026-10-28\nslug = \"other\"\n+++\nText.\n",
	}, {
		Code: "P018", Severity: "error", Name: "not one of the values",
		Meaning: "A key takes one of a few words, and this is none of them.",
		Why:     "Taking the nearest could publish to everybody what was meant for followers.",
		Fix:     "The help line lists the words.",
		Bad:     "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n\n[fediverse]\nvisibility = \"publik\"\n+++\nText.\n",
		Good:    "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n\n[fediverse]\nvisibility = \"public\"\n+++\nText.\n",
	}, {
		Code: "P019", Severity: "error", Name: "an author who is not in config.toml",
		Meaning: "author names somebody for whom config.toml has no [authors.NAME].",
		Why:     "The post would be told by the blog instead of its author, and that cannot be changed later.",
		Fix:     "Add [authors.NAME] to config.toml, or correct the name.",
		Bad:     "-- config.toml --\n[site]\nurl = \"https://example.com\"\n[authors.ada]\nname = \"Ada\"\n-- content/posts/a.md --\n+++\ntitle = \"A\"\ndate = 2026-10-28\nauthor = \"adda\"\n+++\nText.\n",
		Good:    "-- config.toml --\n[site]\nurl = \"https://example.com\"\n[authors.ada]\nname = \"Ada\"\n-- content/posts/a.md --\n+++\ntitle = \"A\"\ndate = 2026-10-28\nauthor = \"ada\"\n+++\nText.\n",
	}, {
		Code: "P023", Severity: "error", Name: "whoever speaks of a post is no actor of the blog any more",
		Meaning: "The post was told to followers by an author who has left config.toml since.",
		Why:     "Servers take an edit from nobody but the post's own author: they would refuse it.",
		Fix:     "Put the [authors.NAME] back.",
		Bad: "-- before/config.toml --\n[site]\nurl = \"https://example.com\"\n[federation]\nenabled = true\n[authors.ada]\nname = \"Ada\"\nhandle = \"ada\"\n" +
			"-- before/content/posts/a.md --\n+++\ntitle = \"A\"\ndate = 2026-10-28\nid = \"k1\"\nauthor = \"ada\"\n+++\nText.\n" +
			"-- config.toml --\n[site]\nurl = \"https://example.com\"\n[federation]\nenabled = true\n" +
			"-- content/posts/a.md --\n+++\ntitle = \"A\"\ndate = 2026-10-28\nid = \"k1\"\n+++\nText, changed.\n",
		Good: "-- config.toml --\n[site]\nurl = \"https://example.com\"\n[federation]\nenabled = true\n[authors.ada]\nname = \"Ada\"\nhandle = \"ada\"\n" +
			"-- content/posts/a.md --\n+++\ntitle = \"A\"\ndate = 2026-10-28\nid = \"k1\"\nauthor = \"ada\"\n+++\nText, changed.\n",
	},
}
