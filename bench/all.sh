#!/usr/bin/env bash
# Runs every benchmark of Go and every other script of this folder, one after the other, and prints the ratios at the end. Everything
# happens on loopback and ends by itself. TIME is how long each Go benchmark measures (default 2s).
set -euo pipefail
cd "$(dirname "$0")/.."

out=$(mktemp)
trap 'rm -f "$out"' EXIT

go test -p 1 -run '^$' -bench . -benchtime "${TIME:-2s}" ./... | grep -v -e '\[no test files\]' -e '^PASS$' -e '^ok ' -e '^go[oa]' -e '^cpu:' | tee "$out"
for script in bench/*.sh; do
	[ "$script" = bench/all.sh ] || "$script" | tee -a "$out"
done

echo
echo "ratios, each of one run (docs/speed.md says of what)"
# A benchmark's line is: name, runs, and pairs of number and unit; a ratio's unit begins with "of-". A script prints "ratio NAME NUMBER of WHAT".
awk '/^Benchmark/ { for (i = 3; i < NF; i++) if ($(i + 1) ~ /^of-/) printf "%-24s %6.2f %s\n", $1, $i, $(i + 1) }
/^ratio / { printf "%-24s %6.2f %s\n", $2, $3, substr($0, index($0, $4)) }' "$out"
