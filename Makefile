# Every command of the house. `make` alone lists them.
#
# `make test` is what CI runs, step by step, and stops at the first failure. Warnings are made errors behind `--`,
# not through RUSTFLAGS, so that clippy, tests and docs share one profile and one set of built dependencies.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

# Where rustup puts cargo, for shells that were opened before it was installed.
export PATH := $(PATH):$(HOME)/.cargo/bin

CARGO ?= cargo
NODE_MAJOR_MIN := 20
SEEDS ?= 0..1000
CARGO_FUZZ := 0.13.2
# `npm install` and not `npm ci`: where a registry lacks an optional package for another system, `ci` refuses a lock file
# that `install` follows. `--no-save` leaves the lock file as it is.
# Folders with npm packages of their own: the web app; under tests/, stock clients that must be able to connect, a
# sign-in provider, and what drives a browser. The peers of the benchmark are not among them: it installs them itself.
NPM_FOLDERS = server/web $(patsubst %/package-lock.json,%,$(shell find tests -name package-lock.json -not -path '*/node_modules/*' -not -path 'tests/bench/*' 2>/dev/null | sort))
WEB := cd server/web &&

say = @printf '\n\033[1m── %s\033[0m\n' "$(1)"

.PHONY: help run web test simulate torture fuzz bench screens fmt lint deny types tools rust-tools fuzz-tools node-tools web-tools system-tools \
    check-fmt check-web check-lint check-test check-browser check-doc check-figures

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: rust-tools web ## build everything and start the demonstration on http://127.0.0.1:8080
	$(call say,building portrea-server and portrea)
	$(CARGO) build --release --locked -p portrea-server -p portrea-client-core
	$(call say,starting the demonstration; Ctrl-C stops it)
	@exec target/release/portrea-server demo

web: web-tools ## build the web app, which the server's binary then holds
	$(call say,building the web app)
	$(WEB) npm run --silent build

test: tools check-fmt check-web check-lint check-test check-browser check-doc deny ## run every check, as CI does
	$(call say,everything passed)

simulate: rust-tools ## play simulated days: make simulate SEEDS=0..10000
	$(call say,simulated days from seeds $(SEEDS))
	PORTREA_SEEDS=$(SEEDS) $(CARGO) test --locked -p portrea-tests --test simulation whatever_happens -- --nocapture

torture: DEATHS ?= 1000
torture: CUTS ?= 200
# A terminal's height is called LINES too: only what is given to make counts.
torture: LINES_HELD = $(if $(filter command,$(origin LINES)),$(LINES),5000)
torture: rust-tools ## kill the server DEATHS times (1000), cut its power CUTS times (200), hold LINES connections (5000)
	$(call say,$(DEATHS) deaths of the server under load)
	PORTREA_DEATHS=$(DEATHS) $(CARGO) test --release --locked --workspace --test end_to_end it_may_die_at_any_moment -- --nocapture
	$(call say,$(CUTS) power cuts)
	PORTREA_CUTS=$(CUTS) $(CARGO) test --release --locked --workspace --test end_to_end a_power_cut_takes_nothing_back -- --nocapture
	$(call say,$(LINES_HELD) half-open connections)
	PORTREA_LINES=$(LINES_HELD) $(CARGO) test --release --locked --workspace --test end_to_end half_open_lines -- --nocapture

FUZZ_TARGETS := frames changes files hours
fuzz: TARGET ?= $(FUZZ_TARGETS)
# A shell counts SECONDS by itself: only what is given to make counts.
fuzz: FUZZ_SECONDS = $(if $(filter command,$(origin SECONDS)),$(SECONDS),60)
fuzz: fuzz-tools ## bytes nobody thought of, against what reads them: make fuzz TARGET=frames SECONDS=60
	@for target in $(TARGET); do \
	    printf '\n\033[1m── %s for %s seconds\033[0m\n' "$$target" $(FUZZ_SECONDS); \
	    mkdir -p "target/fuzz/corpus/$$target"; \
	    $(CARGO) +nightly fuzz run --fuzz-dir tests/fuzz --target-dir target/fuzz "$$target" \
	        "target/fuzz/corpus/$$target" "tests/fuzz/corpus/$$target" -- -max_total_time=$(FUZZ_SECONDS) \
	        -max_len=8192 -timeout=20 -rss_limit_mb=2048 -malloc_limit_mb=512 -print_final_stats=1; \
	done

bench: rust-tools web ## measure our server beside its peers (ROWS= PEERS= RUNS= QUICK=1 WRITE=1)
	$(call say,benchmarks)
	$(CARGO) bench --locked -p portrea-tests --bench $(if $(ROWS)$(PEERS),load,'*')

check-figures: ## compute again, with other packages, the figures that tests compare ours with (WRITE=1 freezes them)
	$(call say,access and spopt)
	python3 -m venv target/figures
	target/figures/bin/pip install --quiet --disable-pip-version-check -r tests/figures/requirements.txt
	target/figures/bin/python tests/figures/reference.py $(if $(WRITE),--write)

screens: tools web ## draw every page in every state into docs/screens
	$(call say,screens)
	$(CARGO) build --locked -p portrea-server -p portrea-client-core
	cd tests/browser && node screens/draw.mjs

types: rust-tools ## write again what is generated from the Rust code (types of the web app, fixtures)
	PORTREA_WRITE=1 $(CARGO) test --locked -p portrea-protocol -p portrea-indicators checked_in

fmt: rust-tools ## format the code
	$(CARGO) fmt --all

lint: rust-tools check-fmt check-lint ## formatting and clippy only

deny: ## licences, advisories and sources of dependencies, where cargo-deny is installed
	$(call say,cargo deny)
	@if command -v cargo-deny >/dev/null; then \
	    cargo deny --all-features check; \
	else \
	    echo 'skipped: cargo-deny is not installed (cargo install --locked cargo-deny)'; \
	fi

# What the checks need, installed where that is possible without asking.

tools: rust-tools node-tools system-tools

rust-tools:
	@command -v $(CARGO) >/dev/null || { \
	    echo 'Rust is missing: install it from https://rustup.rs, then open a new shell.' >&2; exit 1; }
	@command -v cc >/dev/null || { \
	    echo 'A C linker is missing: sudo apt-get install build-essential' >&2; exit 1; }
	@for part in fmt clippy; do \
	    $(CARGO) $$part --version >/dev/null 2>&1 && continue; \
	    component=$${part/fmt/rustfmt}; \
	    echo "adding the Rust component $$component"; \
	    rustup component add "$$component"; \
	done

node-tools: FOLDERS = $(NPM_FOLDERS)
web-tools: FOLDERS = server/web
node-tools web-tools:
	$(call say,npm packages)
	@if ! command -v node >/dev/null || ! command -v npm >/dev/null; then \
	    echo 'Node and npm are missing: the web app is built with them, and the tests start stock clients.' >&2; \
	    echo 'Install Node $(NODE_MAJOR_MIN) or later (https://nodejs.org), then run this again.' >&2; \
	    exit 1; \
	fi; \
	major=$$(node -p 'process.versions.node.split(".")[0]'); \
	if [ "$$major" -lt $(NODE_MAJOR_MIN) ]; then \
	    echo "Node $$(node --version) is too old: Node $(NODE_MAJOR_MIN) or later is needed (https://nodejs.org)." >&2; \
	    exit 1; \
	fi; \
	for folder in $(FOLDERS); do \
	    if [ "$$folder/node_modules/.package-lock.json" -nt "$$folder/package-lock.json" ]; then \
	        echo "$$folder: installed already"; \
	    else \
	        echo "$$folder: npm install"; \
	        (cd "$$folder" && npm install --no-save --no-audit --no-fund); \
	    fi; \
	done

# The fuzzer needs what a stable compiler does not have; nothing else does.
fuzz-tools: rust-tools
	@$(CARGO) +nightly --version >/dev/null 2>&1 || { \
	    echo 'The nightly toolchain is missing: rustup toolchain install nightly --profile minimal' >&2; exit 1; }
	@command -v c++ >/dev/null || { \
	    echo 'A C++ compiler is missing: sudo apt-get install build-essential' >&2; exit 1; }
	@[ "$$($(CARGO) fuzz --version 2>/dev/null)" = 'cargo-fuzz $(CARGO_FUZZ)' ] \
	    || $(CARGO) install --locked cargo-fuzz --version $(CARGO_FUZZ)

# strace shows the durability test which system calls came before an acknowledgement; Chromium opens the web app.
system-tools:
	$(call say,system packages of the tests)
	@missing=''; \
	if [ "$$(uname)" = Linux ]; then command -v strace >/dev/null || missing=strace; fi; \
	if [ -z "$${CHROMIUM:-}" ] && ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null \
	    && ! command -v google-chrome >/dev/null; then missing="$$missing chromium"; fi; \
	if [ -z "$$missing" ]; then echo 'installed already'; exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -q; \
	    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing; \
	else \
	    echo "missing: $$missing. Install it (sudo apt-get install $$missing; CHROMIUM names a browser elsewhere)," >&2; \
	    echo 'then run this again.' >&2; exit 1; \
	fi

# The checks, in the order of how soon they tell.

check-fmt:
	$(call say,cargo fmt)
	$(CARGO) fmt --all --check

check-web: web
	$(call say,the web app by itself)
	$(WEB) npm run --silent check && npm run --silent lint && npm run --silent test && npm run --silent size

check-lint:
	$(call say,cargo clippy)
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

check-test:
	$(call say,cargo test)
	$(CARGO) test --locked --workspace

check-browser: web
	$(call say,the web app in a browser)
	$(CARGO) build --locked -p portrea-server -p portrea-client-core
	cd tests/browser && npm test

check-doc:
	$(call say,cargo doc)
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --workspace --no-deps --document-private-items
