# make demo  builds everything and runs a whole simulated county.
# make check lints and runs every test that needs no installed server: the loop while working.
# make test  installs what the tests need and runs them all, make check first.
# make bench measures the gateway beside what people use today.

BIN      := bin/htgateway
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -s -w -X main.version=$(VERSION)
HTTP     ?= 127.0.0.1:8112
SPEED    ?= 20
DURATION ?= 5m
OUT      ?= bench
PAIRS    ?= 5
ONLY     ?=
PLUGINS  ?= needed
PAGE     := gateway/http/web/dist/index.html
PAGE_SRC := $(shell find gateway/http/web/src gateway/http/web/keypad gateway/http/web/replay gateway/http/web/analysis gateway/http/web/public gateway/http/web/scripts gateway/http/api/openapi.yaml gateway/http/web/*.json gateway/http/web/*.ts gateway/http/web/*.html -type f 2>/dev/null)

.PHONY: truth recovery year all page build demo check test cluster-test faults lint security bench mutants clean peers dist package-test page-load

all: build

page: $(PAGE)

$(PAGE): $(PAGE_SRC)
	cd gateway/http/web && npm ci --no-audit --no-fund --loglevel=error && npm run build

build: $(PAGE)
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/htgateway

demo: build
	$(BIN) demo --http $(HTTP) --speed $(SPEED) --duration $(DURATION)

# Real servers and a browser for the tests: Debian packages, and InfluxDB built
# from its Go module and cached.
peers:
	.ci/install-peers

# The page, the linters, and the tests that need nothing but Go: those of a whole site and
# of others' servers skip themselves with -short. A rule of the repository reads files that
# go test does not know of, so its result is never kept.
check: lint
	cd gateway/http/web && npm test
	go test -short ./...
	go test -short -count=1 ./gateway/sitetest/rules

# What is measured is measured by itself, after the others.
test: check peers build
	PATH="$$PATH:/usr/sbin" HTGATEWAY_INFLUXD="$$(.ci/influxd.sh)" HTGATEWAY_NATS="$$(.ci/nats.sh)" go test -timeout 20m $$(.ci/packages-with-peers)
	PATH="$$PATH:/usr/sbin" HTGATEWAY_INFLUXD="$$(.ci/influxd.sh)" HTGATEWAY_NATS="$$(.ci/nats.sh)" go test -timeout 20m ./gateway/sitetest/measures

# How fast a gateway is ready on a journal of a million entries, and how fast it folds
# them. Wants a machine that does nothing else.
recovery: $(PAGE)
	go test ./gateway/sitetest/measures -run '^TestRecovery$$' -v -count=1 -timeout 20m -recovery 1000000

# Over 500 arrivals of a county that loses a fifth of its bursts and whose clocks are wrong,
# held to what really happened. Wants a machine that does little else.
truth: $(PAGE)
	go test ./gateway/sitetest/measures -run '^TestTruth$$' -v -count=1 -timeout 40m -truth 20m

# A year of a busy county (100,000 incidents, 10 million fixes) in YEAR, made when it is
# not there; how long each report of it takes, and its figures held against SQL.
# COLD=-year.cold has the kernel forget the disk before each (needs root).
YEAR     ?= /tmp/htgateway-year
COLD     ?=
year: build
	test -f $(YEAR)/series.db || $(BIN) simulate --fast --data $(YEAR)
	go test ./gateway/sitetest/measures -run '^TestYearReports' -v -count=1 -timeout 3h -year.data $(abspath $(YEAR)) -year.seed 112 -year.incidents 100000 -year.fixes 10000000 $(COLD)

# 200,000 reports from two edge sites through a pair of gateways on three NATS servers,
# all of which are killed in turn.
cluster-test: build
	HTGATEWAY_NATS="$$(.ci/nats.sh)" go test ./gateway/sitetest/faults -run '^TestClusterLosesNothing$$' -cluster 200000 -v -timeout 30m
	HTGATEWAY_NATS="$$(.ci/nats.sh)" go test -tags cluster ./gateway/journal/jetstream -run '^TestNodesDie$$' -v

# Cuts the power of a gateway's journal at FAULTS random instants, fills, locks and breaks its
# disk, kills it under load, and plays a day of a county. Says what was tried, acknowledged, lost and doubled.
FAULTS   ?= 500
faults: peers build
	PATH="$$PATH:/usr/sbin" go test ./gateway/sitetest/faults -run '^TestFault|^TestKill' -day 24h -faults $(FAULTS) -kills $(FAULTS) -kills.within 2h -v -timeout 3h

# Format, vet and more, in Go and in TypeScript.
lint: $(PAGE)
	cd gateway/http/web && npm run --silent lint
	.ci/golangci-lint run --allow-parallel-runners ./...

# Known vulnerabilities in what is called, and unsafe code. Fails when something is found.
security: $(PAGE)
	.ci/security

# Measures the gateway beside what people use today. OUT is the folder for the
# results, PAIRS how often each row is run, ONLY which rows (names with commas), PLUGINS
# those that Telegraf is built with: needed, or all, as it is packaged.
bench: build
	.ci/install-peers gpsdecode=gpsd-clients || true
	HTGATEWAY_INFLUXD="$$(.ci/influxd.sh)" HTGATEWAY_TELEGRAF="$$(.ci/telegraf.sh $(PLUGINS))" OUT="$(OUT)" PAIRS="$(PAIRS)" ONLY="$(ONLY)" go run ./cmd/bench

# Ten minutes of 1,000 units moving at 1 Hz in front of the page, in Chromium: how busy
# its main thread is, its memory, its first paint. Wants a machine that does nothing else.
page-load: $(PAGE)
	go test ./gateway/sitetest/measures -run '^TestPageLoad$$' -v -count=1 -timeout 20m -page-load 10m

# Breaks every rule of the tracker, and of what stands around it, on purpose, and compares
# the tracker with its model at length.
mutants:
	go test ./gateway/sitetest/mutants -run '^TestMutants$$' -mutants -timeout 1h
	go test ./gateway/incident/tracker -run '^TestMutants$$' -mutants
	go test ./gateway/incident/tracker -run '^TestModelAgrees$$' -rapid.checks=4000

# Static binaries for three machines and a Debian package of each, in dist/.
NFPM := go run github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.1
PACKAGE_VERSION ?= $(shell git describe --tags --match 'v[0-9]*' 2>/dev/null | sed 's/^v//' || true)
ifeq ($(strip $(PACKAGE_VERSION)),)
PACKAGE_VERSION := 0.0.$(shell git rev-list --count HEAD 2>/dev/null || echo 0)
endif

dist: $(PAGE)
	rm -rf dist && mkdir -p dist/completion
	CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -trimpath -ldflags '$(LDFLAGS)' -o dist/htgateway-linux-amd64 ./cmd/htgateway
	CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -trimpath -ldflags '$(LDFLAGS)' -o dist/htgateway-linux-arm64 ./cmd/htgateway
	CGO_ENABLED=0 GOOS=linux GOARCH=arm GOARM=7 go build -trimpath -ldflags '$(LDFLAGS)' -o dist/htgateway-linux-armv7 ./cmd/htgateway
	go run ./cmd/htgateway man dist/man
	for shell in bash zsh fish; do go run ./cmd/htgateway completion $$shell >dist/completion/htgateway.$$shell || exit 1; done
	for machine in amd64:amd64 arm64:arm64 arm7:armv7; do \
		ARCH=$${machine%:*} BINARY=htgateway-linux-$${machine#*:} PACKAGE_VERSION=$(PACKAGE_VERSION) \
		$(NFPM) package --config configs/package/nfpm.yaml --packager deb --target dist/ || exit 1; done
	cd dist && sha256sum htgateway-linux-* *.deb >SHA256SUMS

# Installs, runs, upgrades and removes the package on this machine. Needs root.
package-test:
	.ci/package-test

clean:
	rm -rf bin dist gateway/http/web/dist/assets $(PAGE) gateway/http/web/node_modules
