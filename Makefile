# make run      build everything, start a gate and a desk with a made-up organisation
# make test     install what the tests need, then run all of them
# make build    bin/panah
# make bench    every benchmark, with figures printed
# make fuzz     every fuzz target for FUZZTIME
# make fmt      format the Go code
# make pictures the pictures of docs/caseworkers.md
# make coverage print how much of the code the Go tests reach

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build
MAKEFLAGS += --no-print-directory

export GOTOOLCHAIN := local
# One static program; only the race detector needs a C compiler (.ci/race).
export CGO_ENABLED := 0
# A checkout that git does not trust (another owner, no .git) must still build; panah version then names no revision.
VCS := $(shell git status >/dev/null 2>&1 && echo auto || echo false)
GO_FILES = find . \( -name node_modules -o -name .cache -o -name .git \) -prune -o -name '*.go' -print0
DATA ?= data
FUZZTIME ?= 30s
BENCHTIME ?= 1s
TOOLS := $(CURDIR)/.cache/tools

.PHONY: run build assets tools deps test test-fast fmt fmt-check vet staticcheck web-test go-test browser-test tools-test race fuzz fuzz-brief bench coverage pictures clean

run: build
	exec bin/panah demo --data '$(DATA)'

# The asset builder runs npm ci by itself when web/package-lock.json changed since the last time.
assets:
	cd tools && go run ./assets

build: assets
	go build -trimpath -buildvcs=$(VCS) -ldflags='-s -w' -o bin/panah ./cmd/panah

# Linters at the versions that tools/go.mod pins.
tools:
	@mkdir -p '$(TOOLS)'
	cd tools && go build -o '$(TOOLS)/' honnef.co/go/tools/cmd/staticcheck mvdan.cc/gofumpt

deps:
	.ci/deps

# The stages, their order and what runs beside what: .ci/test.
test:
	@.ci/test

# Without browsers, killed programs, the race detector and fuzzing; only what has changed is tested again.
test-fast: assets fmt-check vet
	go test $$(go list ./... | grep -v -e /e2e/browser -e /e2e/crash -e /bench)

fmt: tools
	$(GO_FILES) | xargs -0 '$(TOOLS)/gofumpt' -w

fmt-check: tools
	@unformatted=$$($(GO_FILES) | xargs -0 '$(TOOLS)/gofumpt' -l); \
	if [ -n "$$unformatted" ]; then echo "not formatted (make fmt):"; echo "$$unformatted"; exit 1; fi
	@echo 'gofumpt: all files are formatted'

vet:
	go vet ./...
	cd tools && go vet ./...
	@echo 'go vet: no findings'

staticcheck: tools
	'$(TOOLS)/staticcheck' ./...
	cd tools && '$(TOOLS)/staticcheck' ./...
	@echo 'staticcheck: no findings'

web-test: assets
	cd web && npm test

# -count=1: scripts, node and whole programs under test read files that go's test cache does not know of.
go-test: assets
	go test -count=1 -timeout 15m $$(go list ./... | grep -v /e2e/browser)

browser-test: assets
	go test -count=1 -timeout 30m ./e2e/browser

tools-test: assets
	cd tools && go test -count=1 ./...

race:
	.ci/race

fuzz-brief:
	.ci/fuzz 2s

fuzz:
	.ci/fuzz '$(FUZZTIME)'

bench: build
	go test -run '^$$' -bench . -benchmem -benchtime '$(BENCHTIME)' -timeout 60m ./bench/... ./core/bidi ./core/fold ./core/letters ./core/papers ./core/rulebook ./core/typeset ./desk/bench

coverage: assets
	@mkdir -p .cache
	go test -coverpkg ./core/...,./gate/...,./desk/...,./cmd/... -coverprofile .cache/coverage ./...
	go tool cover -func .cache/coverage | tail -1

# Of people who do not exist. Looked at before they are committed.
pictures: assets
	mkdir -p docs/pictures
	PANAH_PICTURES='$(CURDIR)/docs/pictures' go test -count=1 -run TestPictures ./e2e/browser ./core/typeset ./core/poster

clean:
	rm -rf bin .cache web/.tests web/node_modules
	find web/gate/dist web/desk/dist web/fonts/dist -mindepth 1 ! -name .keep -delete
