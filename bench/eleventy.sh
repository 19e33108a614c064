#!/usr/bin/env bash
# A cold build beside Eleventy's, in one run: a page and a JSON document for each post, index and tag pages in tens, feeds, site map, highlighted
# code (Prism). Feeds are what Postil makes of itself: of the site and of each tag, in RSS, Atom and JSON, with whole texts. Eleventy is installed by name and version into a folder of its own.
set -euo pipefail
source "$(dirname "$0")/cold.sh"

cp -r bench/eleventy "$dir/eleventy"
(cd "$dir/eleventy" && npm install --silent --no-audit --no-fund --no-save @11ty/eleventy@3.1.2 @11ty/eleventy-plugin-syntaxhighlight@5.0.1 markdown-it@14.1.0 markdown-it-footnote@4.0.0 markdown-it-anchor@9.2.0)
"$dir/bin/posts" -n "$n" -yaml -out "$dir/eleventy/posts"
mv "$dir/eleventy/posts.11tydata.js" "$dir/eleventy/posts/"
build_eleventy() {
	rm -rf "$dir/eleventy/_site"
	(cd "$dir/eleventy" && "$dir/bin/measure" "$dir/eleventy.txt" node node_modules/@11ty/eleventy/cmd.cjs --quiet)
}

for ((i = 0; i < runs; i++)); do
	build_eleventy
	build_postil equal
	build_postil whole
done
made Eleventy eleventy/_site
made Postil equal/public
tell Eleventy eleventy
tell "Postil, the same work" equal
tell "Postil with search, cards, and all else" whole
ratio postil-eleventy equal eleventy "Eleventy's processor time for the same work"
ratio postil-eleventy-whole whole eleventy "Eleventy's processor time, with search, cards, and all else"
