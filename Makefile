# make demo  builds everything and runs a whole simulated county.
# make test  installs what the tests need and runs them all.

BIN      := bin/htgateway
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -s -w -X main.version=$(VERSION)
HTTP     ?= 127.0.0.1:8112
SPEED    ?= 20
DURATION ?= 5m
PAGE     := gateway/web/dist/index.html
PAGE_SRC := $(shell find gateway/web/src gateway/web/public gateway/web/*.json gateway/web/*.ts gateway/web/*.html -type f 2>/dev/null)

.PHONY: all page build demo test lint bench clean peers

all: build

page: $(PAGE)

$(PAGE): $(PAGE_SRC)
	cd gateway/web && npm ci --no-audit --no-fund --loglevel=error && npm run build

build: $(PAGE)
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/htgateway

demo: build
	$(BIN) demo --http $(HTTP) --speed $(SPEED) --duration $(DURATION)

# Real servers and a browser for the tests: Debian packages, and InfluxDB built
# from its Go module and cached.
peers:
	.ci/install-peers

test: peers build
	cd gateway/web && npm test
	PATH="$$PATH:/usr/sbin" HTGATEWAY_INFLUXD="$$(.ci/influxd.sh)" go test ./...

lint:
	go vet ./...
	go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.5.0 run ./...

bench:
	go test -run '^$$' -bench . -benchmem ./...

clean:
	rm -rf bin dist gateway/web/dist/assets $(PAGE) gateway/web/node_modules
