package diagnostic

import "strings"

const (
	jekyll = "-- _config.yml --\ntitle: Margins\nurl: https://margins.example\n-- _posts/2020-01-02-hello.md --\n---\ntitle: Hello\n---\n"
	ghost  = "-- export.json --\n{\"db\": [{\"meta\": {\"version\": \"5.0.0\"}, \"data\": {\"settings\": [{\"key\": \"title\", \"value\": \"Margins\"}], \"posts\": [{\"id\": \"1\", \"title\": \"Hello\", \"slug\": \"hello\", \"html\": \"<p>Text.</p>\", \"status\": \"published\", \"published_at\": \"2020-01-02T10:00:00.000Z\""
)

// imports are the codes of what publish init --from says of another program's blog: P090 to P099. None of them stops an import, but P098.
var imports = []Row{
	{
		Code: "P090", Severity: "warning", Name: "import: a shortcode, tag or card without an equal", Import: "jekyll",
		Meaning: "Something in the old post is neither Markdown nor one of the shortcodes, tags and cards that are turned into it.",
		Why:     "Readers would see its source, or a gap.",
		Fix:     "The place is named: write it anew, or delete it.",
		Bad:     jekyll + "{% include newsletter.html %}\n\nText.\n",
		Good:    jekyll + "{% highlight ruby %}\nputs 1\n{% endhighlight %}\n",
	}, {
		Code: "P091", Severity: "warning", Name: "import: a picture or file that did not come along", Import: "jekyll",
		Meaning: "A post shows a file that the export does not hold.",
		Why:     "The page would go on asking the old host for it, or show a hole.",
		Fix:     "Fetch the uploads and import again with --media DIR, or copy the file to the same path below content/.",
		Bad:     jekyll + "![Fog](/assets/fog.png)\n",
		Good:    jekyll + "Text.\n",
	}, {
		Code: "P092", Severity: "warning", Name: "import: an old address that cannot be led on", Import: "jekyll",
		Meaning: "No file can redirect the old address, or a link leads to a page that was not imported.",
		Why:     "Who follows an old link would meet \"not found\".",
		Fix:     "Let the web server lead the address on; correct the link.",
		Bad:     strings.Replace(jekyll, "title: Hello\n", "title: Hello\nredirect_from: /posts/again/\n", 1) + "Text.\n-- _posts/2020-02-03-again.md --\n---\ntitle: Again\n---\nTwo.\n",
		Good:    strings.Replace(jekyll, "title: Hello\n", "title: Hello\nredirect_from: /hello.html\n", 1) + "Text.\n",
	}, {
		Code: "P093", Severity: "warning", Name: "import: two posts with one slug", Import: "jekyll",
		Meaning: "Two posts want one address, or a page stands where Postil has its own. One of them was numbered.",
		Why:     "One would hide the other.",
		Fix:     "Both are named: give the numbered one a better slug.",
		Bad:     jekyll + "One.\n-- _posts/2020-02-03-hello.md --\n---\ntitle: Hello again\n---\nTwo.\n",
		Good:    jekyll + "One.\n-- _posts/2020-02-03-again.md --\n---\ntitle: Hello again\n---\nTwo.\n",
	}, {
		Code: "P094", Severity: "warning", Name: "import: scripts, frames and forms were dropped", Import: "jekyll",
		Meaning: "The old post holds HTML that runs programs, shows other sites in a frame, or sends forms. It was dropped, or became a link.",
		Why:     "Pages ask no other site for anything, and a script in one post could read what readers write on all.",
		Fix:     "What it did belongs into templates/.",
		Bad:     jekyll + "<script>alert(1)</script>\n\nText.\n",
		Good:    jekyll + "Text.\n",
	}, {
		Code: "P095", Severity: "warning", Name: "import: a date that is none", Import: "jekyll",
		Meaning: "The old post has no date that can be read. It is a draft now.",
		Why:     "A guessed date would put it at the wrong place for ever.",
		Fix:     "Write its date, and remove draft.",
		Bad:     "-- _config.yml --\ntitle: Margins\nurl: https://margins.example\n-- _posts/2020-01-02-hello.md --\n---\ntitle: Hello\ndate: the day before\n---\nText.\n",
		Good:    jekyll + "Text.\n",
	}, {
		Code: "P096", Severity: "warning", Name: "import: comments that were not carried", Import: "wordpress",
		Meaning: "Comments that wait for approval, spam, pingbacks and trackbacks stay where they are.",
		Why:     "What was not shown on the old blog is not shown on the new one.",
		Fix:     "Approve there what you want to have here, and export again.",
		Bad:     wordpress("0"),
		Good:    wordpress("1"),
	}, {
		Code: "P097", Severity: "warning", Name: "import: a post that was not carried, or as a draft alone", Import: "ghost",
		Meaning: "The reason is named: it is in the bin, private, or for members.",
		Why:     "What not everybody could read is never published.",
		Fix:     "If all may read it, remove draft.",
		Bad:     ghost + ", \"visibility\": \"members\"}]}}]}\n",
		Good:    ghost + ", \"visibility\": \"public\"}]}}]}\n",
	}, {
		Code: "P098", Severity: "error", Name: "import: the export cannot be read", Import: "ghost",
		Meaning: "The file is not what the program exports, or ends in the middle. Nothing was written.",
		Why:     "Half a blog would look like a whole one.",
		Fix:     "The line is named. Export again.",
		Bad:     "-- export.json --\n{\"db\": [{\"data\": \n",
		Good:    ghost + ", \"visibility\": \"public\"}]}}]}\n",
	}, {
		Code: "P099", Severity: "warning", Name: "import: a setting or feature without an equal", Import: "jekyll",
		Meaning: "The old blog has a setting that Postil has not, or lacks one that Postil needs.",
		Why:     "It would be missed later.",
		Fix:     "The line says what comes nearest.",
		Bad:     "-- _config.yml --\ntitle: Margins\n-- _posts/2020-01-02-hello.md --\n---\ntitle: Hello\n---\nText.\n",
		Good:    jekyll + "Text.\n",
	},
}

// wordpress is an export with one comment, approved or not.
func wordpress(approved string) string {
	return `-- export.xml --
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Margins</title><wp:wxr_version>1.2</wp:wxr_version><wp:base_site_url>https://margins.example</wp:base_site_url>
<item><title>Hello</title><link>https://margins.example/hello/</link><content:encoded><![CDATA[<p>Text.</p>]]></content:encoded>
<wp:post_id>1</wp:post_id><wp:post_date_gmt>2020-01-02 10:00:00</wp:post_date_gmt><wp:post_name>hello</wp:post_name>
<wp:status>publish</wp:status><wp:post_type>post</wp:post_type>
<wp:comment><wp:comment_id>2</wp:comment_id><wp:comment_author>Ada</wp:comment_author><wp:comment_date_gmt>2020-01-03 10:00:00</wp:comment_date_gmt>
<wp:comment_content>Nice.</wp:comment_content><wp:comment_approved>` + approved + `</wp:comment_approved><wp:comment_type>comment</wp:comment_type></wp:comment>
</item></channel></rss>
`
}
