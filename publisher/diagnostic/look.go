package diagnostic

// look are the codes of templates, themes and the blog as a whole: P050 to P069.
var look = []Row{
	{
		Code: "P050", Severity: "error", Name: "a template fault while rendering a page",
		Meaning: "A template asks for something that its page does not have. Both places are named: that in the template, and the page or post that was being made. Where many pages meet the same fault it is told once, with their number.",
		Why:     "The page would end in the middle.",
		Fix:     "Correct the template in templates/. docs/themes.md lists what each kind of page has; publish theme diff shows what you changed.",
		Bad:     "-- templates/post.html --\n<p>{{.Post.Titel}}</p>\n-- content/posts/example.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\nText.\n",
		Good:    "-- templates/post.html --\n<p>{{.Post.Title}}</p>\n-- content/posts/example.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\nText.\n",
	}, {
		Code: "P051", Severity: "error", Name: "a template that cannot be read",
		Meaning: "A file of templates/ is no template: an action that is never closed, a function that does not exist, a quote or tag left open.",
		Why:     "No page could be made with it.",
		Fix:     "Correct the line that is named. publish theme eject NAME gives the shipped template to begin with.",
		Bad:     "-- templates/post.html --\n<p>{{.Post.Title</p>\n",
		Good:    "-- templates/post.html --\n<p>{{.Post.Title}}</p>\n",
	}, {
		Code: "P052", Severity: "error", Name: "a theme that is not there, or is none",
		Meaning: "publish.theme names a folder that neither themes/ nor Postil has, or one without a style.css.",
		Why:     "Every page would link to a style sheet that does not exist.",
		Fix:     "Correct the name, or add the folder themes/NAME with a style.css. publish theme list shows what there is.",
		Bad:     "-- config.toml --\n[site]\nurl = \"https://example.com\"\n[publish]\ntheme = \"paper\"\n",
		Good:    "-- config.toml --\n[site]\nurl = \"https://example.com\"\n[publish]\ntheme = \"paper\"\n-- themes/paper/style.css --\nbody {}\n",
	}, {
		Code: "P060", Severity: "error", Name: "comments that cannot be read",
		Meaning: "A file of comments/ is not what publish pull wrote.",
		Why:     "The page would lose its comments.",
		Fix:     "Run publish pull again, or delete the file.",
		Bad:     "-- content/posts/example.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\nid = \"k1\"\n+++\nText.\n-- comments/k1.json --\n{\"half\": \n",
		Good:    "-- content/posts/example.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\nid = \"k1\"\n+++\nText.\n-- comments/k1.json --\n{}\n",
	}, {
		Code: "P061", Severity: "warning", Name: "a Group without authors",
		Meaning: "federation.type is Group, and the blog has no author who speaks for the posts.",
		Why:     "Lemmy and its like take posts from a Person alone, and let the group share them.",
		Fix:     "Add [authors.NAME] to config.toml and author = \"NAME\" to the posts.",
		Bad: "-- config.toml --\n[site]\nurl = \"https://example.com\"\n[federation]\nenabled = true\ntype = \"Group\"\n" +
			"-- content/posts/example.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\nText.\n",
		Good: "-- config.toml --\n[site]\nurl = \"https://example.com\"\n[federation]\nenabled = true\ntype = \"Group\"\n[authors.ada]\nname = \"Ada\"\n" +
			"-- content/posts/example.md --\n+++\ntitle = \"Hello\"\ndate = 2026-10-28\nauthor = \"ada\"\n+++\nText.\n",
	}, {
		Code: "P084", Severity: "error", Name: "the menu leads to a file that is not there",
		Meaning: "A [[menu]] of config.toml names with page a file that the content folder does not have.",
		Why:     "Every page would lead its readers nowhere, or lack the entry without a word.",
		Fix:     "Correct the name: it is the file's, below the content folder, such as about.md or posts/hello.md. A page that is a draft is left out of the menu until it is out.",
		Bad:     "-- config.toml --\n[site]\nurl = \"https://example.com\"\n[[menu]]\npage = \"abuot.md\"\n-- content/about.md --\n+++\ntitle = \"About\"\n+++\nText.\n",
		Good:    "-- config.toml --\n[site]\nurl = \"https://example.com\"\n[[menu]]\npage = \"about.md\"\n-- content/about.md --\n+++\ntitle = \"About\"\n+++\nText.\n",
	}, {
		Code: "P085", Severity: "error", Name: "a data file that cannot be read",
		Meaning: "A file of data/ is not the TOML, YAML or JSON that its name says, is too large (1 MB, YAML 64 KB; 8 MB together), is nested too deep, leads out of the folder, or wants the same name in .Data as another.",
		Why:     "Templates would show nothing, or the wrong thing, where it should stand.",
		Fix:     "Correct the line that is named. YAML's anchors, aliases and tags are not read.",
		Bad:     "-- data/books.json --\n{\"books\": [1, 2,]}\n",
		Good:    "-- data/books.json --\n{\"books\": [1, 2]}\n",
	}, {
		Code: "P088", Severity: "warning", Name: "a picture that could not be written as WebP or AVIF",
		Meaning: "cwebp or avifenc, which are used where they are installed, failed or took longer than two minutes. Each is named once in a run, and left alone for the rest of it after three failures. The next run tries again.",
		Why:     "Readers get the picture as JPEG or PNG, which is larger and shows the same.",
		Fix:     "Run the program on the picture by hand to see what it says; a newer version, or the picture saved again, may do.",
		Outside: "publisher TestEncoderFails",
		Bad:     "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\n![The harbour, in the four inks of a printing press](cmyk.jpg)\n",
		Good:    "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\n![The harbour, as a camera saves it](rgb.jpg)\n",
	}, {
		Code: "P089", Severity: "warning", Name: "a link to a page elsewhere that is gone",
		Meaning: "publish check --external asked the page, and its server answered 404 or 410.",
		Why:     "Readers who follow the link find nothing.",
		Fix:     "Link to where the page is now, or to its copy in the Internet Archive. Answers are remembered for a day in .cache/links.json.",
		Outside: "cmd/publish TestCheckExternal",
		Bad:     "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\nAs [the tables](https://example.org/2009/tides) say.\n",
		Good:    "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\nAs [the tables](https://web.archive.org/web/2009/https://example.org/2009/tides) say.\n",
	}, {
		Code: "P038", Severity: "warning", Name: "a link to a site that does not answer",
		Meaning: "publish check --external got no answer within ten seconds, or one of the kind 500; or the address belongs to a private network and was not asked. After two silent addresses of one server its others are not asked.",
		Why:     "It may pass, or the site may be gone.",
		Fix:     "Try it in a browser, and check again another day. A site that keeps programs out (401, 403, 429) is not told of.",
		Outside: "cmd/publish TestCheckExternal",
		Bad:     "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\nAs [the tables](http://192.168.1.2/tides) say.\n",
		Good:    "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\nAs [the tables](https://example.org/tides) say.\n",
	}, {
		Code: "P039", Severity: "warning", Name: "a link to a page elsewhere that moved for good",
		Meaning: "publish check --external was led on by redirects that all say that they are for good (301, 308).",
		Why:     "The redirect will end some day, and costs every reader a moment until then.",
		Fix:     "Link to the address that is named.",
		Outside: "cmd/publish TestCheckExternal",
		Bad:     "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\nAs [the tables](http://example.org/tides) say.\n",
		Good:    "+++\ntitle = \"Hello\"\ndate = 2026-10-28\n+++\nAs [the tables](https://example.org/tides/) say.\n",
	},
}
