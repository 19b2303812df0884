# The only commands to know; `make help` lists them.
#
# `make run` and `make test` need a Debian machine with `swift` on the PATH and nothing else: each
# first installs what it lacks (scripts/install-tools), says so, and is silent the second time.

SHELL = /bin/sh
CONFIG = proxy.json
# lld, because gold repeats a warning about a function of the static library that nobody calls.
RELEASE = --configuration release --static-swift-stdlib -Xswiftc -use-ld=lld --product switchyard

# What `make stack` passes on, such as STACK_OPTIONS='--without green'.
STACK_OPTIONS =

# How many seconds `make fuzz` gives each target.
SECONDS = 30

# How long `make soak` runs.
LENGTH = 10m

# Requests that `make mutate` mutates.
MUTATIONS = 100000

.PHONY: help build run stack test lint format check bench soak mutate fuzz sanitize hooks

help:
	@echo "make run       proxy on 8080, admin on 8081, demo origins behind it; Ctrl-C stops it"
	@echo "make stack     the whole deployment without Docker: demo origins, proxy, Prometheus"
	@echo "make test      every test, the gate on instructions, the examples of the documents"
	@echo "make build     the release binary, .build/release/switchyard"
	@echo "make lint      formatter, shellcheck, Python syntax, proxy.json against its schema"
	@echo "make format    format every Swift file in place"
	@echo "make check     lint, then test"
	@echo "make bench     load benchmarks beside nginx and HAProxy; writes docs/benchmarks.md"
	@echo "make soak      reload, switch, canary and upgrade under load for LENGTH=10m"
	@echo "make mutate    100,000 mutated requests over real connections, honest ones between them"
	@echo "make fuzz      libFuzzer on each reader of foreign bytes for SECONDS=30"
	@echo "make sanitize  end-to-end tests under the address and the thread sanitizer"
	@echo "make hooks     let git run make lint before each commit"

build:
	@scripts/install-tools run
	swift build $(RELEASE)

# exec, so that a signal meant for the proxy finds no shell in between.
run: build
	@exec .build/release/switchyard demo $(CONFIG)

stack: build
	@scripts/install-tools stack
	@exec scripts/stack $(STACK_OPTIONS) .build/release/switchyard

test:
	@scripts/install-tools test
	swift build --build-tests
	@scripts/test
	swift build $(RELEASE)
	Benchmarks/run check
	Benchmarks/run instructions --gate
	Benchmarks/run instructions --judge
	scripts/check-docs .build/release/switchyard
	scripts/check-deploy .build/release/switchyard

lint:
	@scripts/install-tools lint
	@scripts/lint

format:
	swift format format --in-place --parallel --recursive Package.swift Sources Tests Benchmarks

check: lint test

bench:
	@scripts/install-tools bench
	swift build $(RELEASE)
	Benchmarks/run all

soak:
	@scripts/install-tools test
	swift build --build-tests
	SWITCHYARD_SOAK=$(LENGTH) swift test --skip-build --filter EndToEndTests.SoakTests

mutate:
	@scripts/install-tools test
	swift build --build-tests
	SWITCHYARD_MUTATIONS=$(MUTATIONS) scripts/test --filter 'MutationTests|ForwardedMessageTests'

fuzz:
	@scripts/install-tools test
	@scripts/fuzz $(SECONDS)

sanitize:
	@scripts/install-tools test
	@scripts/sanitize address
	@scripts/sanitize thread

hooks:
	git config core.hooksPath .githooks
	@echo "git runs make lint before each commit from now on"
