#!/usr/bin/env bash
# Builds the NATS server that the tests and configs/cluster run (2.15.2, for
# JetStream) from its Go module, once, and prints the binary's path. nats/go.mod and
# go.sum pin every module that goes into it; the gateway's own go.mod has none of them
# but the client.
set -euo pipefail
pins="$(cd "$(dirname "$0")" && pwd)/nats"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/htgateway"
binary="$cache/nats-server"
stamp="$cache/nats-server.pins"
want="$(cat "$pins/go.mod" "$pins/go.sum" | cksum) $(go env GOVERSION)"
mkdir -p "$cache"
exec 9>"$cache/nats-server.lock"
flock 9
if [ ! -x "$binary" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$want" ]; then
	echo "building nats-server (about 40 s the first time)" >&2
	go -C "$pins" build -o "$binary.new" github.com/nats-io/nats-server/v2 >&2
	mv "$binary.new" "$binary"
	echo "$want" >"$stamp"
fi
echo "$binary"
