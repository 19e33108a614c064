# For hugo.sh and eleventy.sh, which source it: posts, Postil, and medians. N is how many posts (default 1000), RUNS how often each builds
# (default 3), one after the other in turn. Everything lies in a folder of its own that is removed at the end.
cd "$(dirname "$0")/.."
n=${N:-1000} runs=${RUNS:-3}
# The files lie in memory where it holds so many: ext4 looks for a free inode among all that were deleted a moment ago, by this run or by
# somebody else, which at times was a third of the processor time of all three builds. TMPDIR says where else.
[ -n "${TMPDIR:-}" ] || [ ! -w /dev/shm ] || [ "$n" -gt 2000 ] || export TMPDIR=/dev/shm
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT

go build -o "$dir/bin/" ./cmd/publish ./bench/posts ./bench/measure

# postil NAME makes a site; what stands on its input goes into [publish].
postil() {
	mkdir -p "$dir/$1/content"
	"$dir/bin/posts" -n "$n" -out "$dir/$1/content/posts"
	{
		printf 'format = 1\n[site]\nurl = "https://blog.example"\ntitle = "Bench"\nlanguage = "en"\n[federation]\nenabled = true\n[publish]\n'
		cat
	} >"$dir/$1/config.toml"
}

# The whole of Postil, and the part of it that others do as well: pages, documents, tags, feeds, site map, highlighting.
postil whole </dev/null
printf 'cards = false\nsearch = false\n' | postil equal

build_postil() {
	rm -rf "$dir/$1/public" "$dir/$1/.cache"
	(cd "$dir/$1" && "$dir/bin/measure" "$dir/$1.txt" "$dir/bin/publish")
}

# median NAME COLUMN of what measure wrote: 1 processor time, 2 wall, 3 memory.
median() { cut -d ' ' -f "$2" "$dir/$1.txt" | sort -n | sed -n "$(((runs + 1) / 2))p"; }

# made NAME FOLDER tells what the last build wrote, so that the work can be seen to be the same.
made() { echo "$1 wrote $(find "$dir/$2" -type f | wc -l) files, $(du -sm --apparent-size "$dir/$2" | cut -f 1) MB: $(find "$dir/$2" -type f | sed 's/.*\.//' | sort | uniq -c | sort -rn | head -3 | xargs)"; }

tell() { echo "$1, $n posts, nothing built before: $(median "$2" 1) ms of processor time, $(median "$2" 2) ms, peak $(median "$2" 3) MiB (medians of $runs)"; }

# ratio NAME X Y WHAT
ratio() { awk -v name="$1" -v x="$(median "$2" 1)" -v y="$(median "$3" 1)" -v what="$4" 'BEGIN { printf "ratio %s %.3f of %s\n", name, x / y, what }'; }
