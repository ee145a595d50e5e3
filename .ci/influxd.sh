#!/usr/bin/env bash
# Builds the InfluxDB server that the tests talk to (1.8.10, which serves the v2
# write and query API) from its Go module, once, and prints the binary's path.
# influxd/go.mod and go.sum pin every module that goes into it.
set -euo pipefail
pins="$(cd "$(dirname "$0")" && pwd)/influxd"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/htgateway"
binary="$cache/influxd"
stamp="$cache/influxd.pins"
want="$(cat "$pins/go.mod" "$pins/go.sum" | cksum) $(go env GOVERSION)"
mkdir -p "$cache"
exec 9>"$cache/influxd.lock"
flock 9
if [ ! -x "$binary" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$want" ]; then
	echo "building influxd (about 90 s the first time)" >&2
	go -C "$pins" build -o "$binary.new" github.com/influxdata/influxdb/cmd/influxd >&2
	mv "$binary.new" "$binary"
	echo "$want" >"$stamp"
fi
echo "$binary"
