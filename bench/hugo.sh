#!/usr/bin/env bash
# A cold build beside Hugo's, in one run: a page and a JSON document for each post, index and tag pages in tens, feeds, site map, highlighted
# code. Feeds are what Postil makes of itself: of the site and of each tag, in RSS, Atom and JSON, with whole texts. Hugo is installed by name and version into a folder of its own, which takes some minutes; HUGO names one that is there already.
set -euo pipefail
source "$(dirname "$0")/cold.sh"

hugo=${HUGO:-}
if [ -z "$hugo" ]; then
	GOBIN="$dir/bin" GOFLAGS= CGO_ENABLED=0 go install github.com/gohugoio/hugo@v0.165.0
	hugo=$dir/bin/hugo
fi
cp -r bench/hugo "$dir/hugo"
"$dir/bin/posts" -n "$n" -out "$dir/hugo/content/posts"
build_hugo() {
	rm -rf "$dir/hugo/public" "$dir/hugo/resources" "$dir/cache"
	(cd "$dir/hugo" && "$dir/bin/measure" "$dir/hugo.txt" "$hugo" --quiet --cacheDir "$dir/cache")
}

for ((i = 0; i < runs; i++)); do
	build_hugo
	build_postil equal
	build_postil whole
done
made Hugo hugo/public
made Postil equal/public
tell Hugo hugo
tell "Postil, the same work" equal
tell "Postil with search, cards, and all else" whole
ratio postil-hugo equal hugo "Hugo's processor time for the same work"
ratio postil-hugo-whole whole hugo "Hugo's processor time, with search, cards, and all else"
