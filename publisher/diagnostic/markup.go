package diagnostic

const post = "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\n"

// markup are the codes of what posts are written with, and of where the site is served: P024 and P070 to P089.
var markup = []Row{
	{
		Code: "P024", Severity: "error", Name: "a formula that is none",
		Meaning: "The TeX between dollar signs, in a post with math = true, cannot be read. The column is where reading stopped.",
		Why:     "Readers would see half a formula, and screen readers would read it wrongly.",
		Fix:     "Usually a brace is missing, or a command is not known. \\$ is a dollar sign that begins no formula.",
		Bad:     "+++\ntitle = \"Hello\"\ndate = 2026-10-28\nmath = true\n+++\nA half: $\\frac{1}{2$.\n",
		Good:    "+++\ntitle = \"Hello\"\ndate = 2026-10-28\nmath = true\n+++\nA half: $\\frac{1}{2}$.\n",
	}, {
		Code: "P025", Severity: "error", Name: "a custom emoji that cannot be used",
		Meaning: "A file of content/emoji/ is no PNG, GIF or WebP, weighs more than 256 KB, or has a name that no server would take.",
		Why:     "Followers would see :name: where you see a picture.",
		Fix:     "Save it as content/emoji/NAME.png, .gif or .webp, with letters, digits and _ in its name, two at least.",
		Bad:     "-- content/emoji/party.svg --\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n-- content/posts/example.md --\n" + post + "A :party: today.\n",
		Good:    "-- content/posts/example.md --\n" + post + "A :tada: today.\n",
	}, {
		Code: "P070", Severity: "warning", Name: "a callout of a kind that there is not",
		Meaning: "A quotation begins with [!WORD], and WORD is none of note, tip, important, warning and caution. It stays a quotation.",
		Why:     "Readers would see the brackets.",
		Fix:     "Take one of the five kinds. A title of your own goes behind it: > [!NOTE] Before you begin",
		Bad:     post + "> [!NOTICE]\n> Mind the gap.\n",
		Good:    post + "> [!NOTE]\n> Mind the gap.\n",
	}, {
		Code: "P071", Severity: "warning", Name: "a link to a heading that is not there",
		Meaning: "A link or wikilink names a place within a post, and the post has no heading of that name.",
		Why:     "Readers would land at the top of the page and look for what you meant.",
		Fix:     "The nearest name is given. A heading gets a name that stays, whatever it says, with {#name} behind it.",
		Bad:     post + "See [below](#the-low-water).\n\n## Low water\n\nAt noon.\n",
		Good:    post + "See [below](#low-water).\n\n## Low water\n\nAt noon.\n",
	}, {
		Code: "P072", Severity: "error", Name: "a wikilink that two posts answer to",
		Meaning: "A name between [[ and ]] belongs to two files.",
		Why:     "One of them would be guessed.",
		Fix:     "Both are named: write the path of the one that you mean, [[posts/low-water]].",
		Bad: "-- content/posts/example.md --\n" + post + "See [[Tides]].\n" +
			"-- content/posts/one.md --\n+++\ntitle = \"Tides\"\ndate = 2026-10-27\n+++\nText.\n-- content/posts/two.md --\n+++\ntitle = \"Tides\"\ndate = 2026-10-26\n+++\nText.\n",
		Good: "-- content/posts/example.md --\n" + post + "See [[posts/one]].\n" +
			"-- content/posts/one.md --\n+++\ntitle = \"Tides\"\ndate = 2026-10-27\n+++\nText.\n-- content/posts/two.md --\n+++\ntitle = \"Tides\"\ndate = 2026-10-26\n+++\nText.\n",
	}, {
		Code: "P073", Severity: "warning", Name: "an option that code blocks do not have",
		Meaning: "What stands in braces behind a code block's language is not known.",
		Why:     "The block would be shown without what you asked for.",
		Fix:     "The options are file, lines, start, mark and diff, and Hugo's names for them.",
		Bad:     post + "```go {highlight=\"3\"}\npackage main\n```\n",
		Good:    post + "```go {mark=\"3\"}\npackage main\n```\n",
	}, {
		Code: "P074", Severity: "error", Name: "a shortcode that there is not",
		Meaning: "A name between {{< and >}} is none of Postil's, and templates/shortcodes/ has none of that name.",
		Why:     "Readers would see braces.",
		Fix:     "The nearest name is given. Shortcodes of your own stand in templates/shortcodes/NAME.html; {{</* name */>}} shows one as text.",
		Bad:     post + "{{< yutube dQw4w9WgXcQ >}}\n",
		Good:    post + "{{< youtube dQw4w9WgXcQ \"A song\" >}}\n",
	}, {
		Code: "P075", Severity: "error", Name: "a shortcode that is written wrongly",
		Meaning: "It is not ended, lacks an argument, or stands within a line of text.",
		Why:     "What follows it would be taken for its text, or be lost.",
		Fix:     "The message says what is missing. A shortcode with a text ends with its name: {{< /details >}}. Each stands on lines of its own.",
		Bad:     post + "{{< details \"More\" >}}\n\nAll of it.\n",
		Good:    post + "{{< details \"More\" >}}\n\nAll of it.\n\n{{< /details >}}\n",
	}, {
		Code: "P076", Severity: "error", Name: "a template fault of a shortcode of your own",
		Meaning: "A file of templates/shortcodes/ cannot be read, or asks for something that the shortcode was not given. The template's line and the place in the post are named.",
		Why:     "The post would end in the middle.",
		Fix:     "Correct the template. It has .Get, .Inner and .Params, and nothing else.",
		Bad:     "-- templates/shortcodes/star.html --\n<p>{{.Get 0 | shout}}</p>\n-- content/posts/example.md --\n" + post + "{{< star >}}\n",
		Good:    "-- templates/shortcodes/star.html --\n<p>{{.Get 0}}</p>\n-- content/posts/example.md --\n" + post + "{{< star \"★\" >}}\n",
	}, {
		Code: "P082", Severity: "error", Name: "a damaged picture",
		Meaning: "The picture cannot be read to its end, and what it says of the place where it was taken and of the camera cannot be taken out.",
		Why:     "A photograph of your kitchen would tell everybody where you live.",
		Fix:     "Open it in a picture program and save it again.",
		Bad:     "-- content/posts/x.webp --\nRIFF\\xff\\0\\0\\0WEBPEXIF\\xff\\0\\0\\0Exif\\0\\0\n-- content/posts/example.md --\n" + post + "![A kitchen](x.webp)\n",
		Good:    post + "No picture.\n",
	}, {
		Code: "P083", Severity: "error", Name: "a translation of a post that is not there",
		Meaning: "translation_of names no post.",
		Why:     "Readers would not find the post in their language.",
		Fix:     "Name the other post's file, relative to this one.",
		Bad:     "+++\ntitle = \"Hallo\"\ndate = 2026-10-28\nlang = \"de\"\ntranslation_of = \"helo.md\"\n+++\nText.\n",
		Good: "-- content/posts/example.md --\n+++\ntitle = \"Hallo\"\ndate = 2026-10-28\nlang = \"de\"\ntranslation_of = \"hello.md\"\n+++\nText.\n" +
			"-- content/posts/hello.md --\n" + post + "Text.\n",
	}, {
		Code: "P080", Severity: "warning", Name: "nobody answers for the blog's account",
		Meaning: "publish.host serves files alone, and federation.url is the site's own address.",
		Why:     "Followers' servers ask at that address; a host of files cannot answer them, and the ids of posts can never change once they are sent.",
		Fix:     "Set federation.url to the address where inboxd answers, before the first post is sent.",
		Bad:     "-- config.toml --\n[site]\nurl = \"https://example.com\"\n[publish]\nhost = \"github\"\n[federation]\nenabled = true\n",
		Good:    "-- config.toml --\n[site]\nurl = \"https://example.com\"\n[publish]\nhost = \"github\"\n[federation]\nenabled = true\nurl = \"https://inbox.example.com\"\n",
	},
}
