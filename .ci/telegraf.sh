#!/usr/bin/env bash
# Builds Telegraf, which `make bench` compares the gateway with, from its Go module,
# once, and prints the binary's path: with only the plugins that the comparison needs,
# or with "all" as it is packaged (about half an hour on two cores). The module's own
# go.sum pins every module that goes into it.
set -euo pipefail
version=v1.37.2
sum=h1:mYr0I/suEw9+UM4KrCFuYuzJuq/e99cINniIwqO6ykw=
plugins="${1:-needed}"
case "$plugins" in
needed) name=telegraf tags=custom,inputs.mqtt_consumer,outputs.influxdb_v2,parsers.json ;;
all) name=telegraf-all tags= ;;
*) echo "$0: plugins are needed or all, not $plugins" >&2; exit 2 ;;
esac
cache="${XDG_CACHE_HOME:-$HOME/.cache}/htgateway"
binary="$cache/$name"
stamp="$cache/$name.pins"
want="$version $sum $tags $(go env GOVERSION)"
mkdir -p "$cache"
exec 9>"$cache/$name.lock"
flock 9
if [ ! -x "$binary" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$want" ]; then
	echo "building telegraf with $plugins plugins (about $([ "$plugins" = all ] && echo 30 || echo 2) min the first time)" >&2
	module="$(cd / && go mod download -json "github.com/influxdata/telegraf@$version")"
	got="$(jq -r .Sum <<<"$module")"
	[ "$got" = "$sum" ] || { echo "telegraf $version is $got, not $sum" >&2; exit 1; }
	go -C "$(jq -r .Dir <<<"$module")" build -buildvcs=false -tags "$tags" \
		-ldflags "-s -w -X github.com/influxdata/telegraf/internal.Version=${version#v}" -o "$binary.new" ./cmd/telegraf >&2
	mv "$binary.new" "$binary"
	echo "$want" >"$stamp"
fi
echo "$binary"
