#!/usr/bin/env bash
# How long inboxd takes from its start to the first answer, and what memory it holds when idle. It builds both programs, makes a small
# site in a folder of its own, and leaves nothing behind. RUNS says how often it is started (default 5); the medians are printed.
set -euo pipefail
cd "$(dirname "$0")/.."

runs=${RUNS:-5}
dir=$(mktemp -d)
pid=
finish() {
	if [ -n "$pid" ]; then kill "$pid" 2>/dev/null || true; fi
	rm -rf "$dir"
}
trap finish EXIT

go build -o "$dir/bin/" ./cmd/publish ./cmd/inboxd
(cd "$dir" && bin/publish init blog --yes --federation --handle notes --url http://127.0.0.1 >/dev/null 2>&1) || { echo "publish init failed" >&2; exit 1; }
cd "$dir/blog"
../bin/publish >../log 2>&1 || { cat ../log >&2; exit 1; }

port_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
now() { local t=$EPOCHREALTIME; echo $((${t%.*} * 1000 + 10#${t#*.} / 1000)); }

# start prints how many milliseconds passed until / answered.
start() {
	local began
	port=$((20000 + RANDOM % 20000))
	until port_free "$port"; do port=$((port + 1)); done
	began=$(now)
	../bin/inboxd --dev --listen "127.0.0.1:$port" --site.url "http://127.0.0.1:$port" >../log 2>&1 &
	pid=$!
	until answer=$({ exec 3<>"/dev/tcp/127.0.0.1/$port" && printf 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3 && head -n 1 <&3; } 2>/dev/null); do
		kill -0 "$pid" 2>/dev/null || { cat ../log >&2; exit 1; }
		[ $(($(now) - began)) -lt 10000 ] || { echo "no answer in 10 s" >&2; exit 1; }
		sleep 0.002
	done
	took=$(($(now) - began))
	case $answer in *" 200 "*) ;; *) echo "answered $answer" >&2; exit 1 ;; esac
}

stop() {
	kill "$pid"
	wait "$pid" || { cat ../log >&2; exit 1; }
	pid=
}

median() { sort -n | sed -n "$(((runs + 1) / 2))p"; }

start # the first start makes the keys and the database
first=$took
stop
for ((n = 0; n < runs; n++)); do
	start
	echo "$took" >>../starts
	sleep 2
	awk '/^VmRSS/ { print int($2 / 1024 + 0.5) }' "/proc/$pid/status" >>../rss
	awk '/^RssAnon/ { print int($2 / 1024 + 0.5) }' "/proc/$pid/status" >>../anon
	stop
done
ms=$(median <../starts) rss=$(median <../rss) anon=$(median <../anon)
echo "inboxd: first start of all $first ms (it makes two keys), start to first answer $ms ms, idle $rss MiB resident, of these $anon MiB its own"
awk -v ms="$ms" -v rss="$rss" 'BEGIN { printf "ratio inboxd-start %.2f of 200 ms\nratio inboxd-rss %.2f of 40 MiB\n", ms / 200, rss / 40 }'
