# The commands of the house. `make demo` and `make test` work on a bare Debian machine with a Rust toolchain.

ENGINES := target/engines
export SQLX_OFFLINE := true

ROWS ?= 100000 1000000

SEQUENCES ?= 20000

.PHONY: demo test permits streams bench check engines postgresql fmt lint deny

demo: postgresql ## the desk on a fresh local desk with sample data
	cargo build
	target/debug/exeat demo

test: engines check ## everything, with every engine it needs
	PATH="$(CURDIR)/$(ENGINES)/bin:$$PATH" cargo test

permits: postgresql ## 20,000 random ways of permits against their model
	EXEAT_PERMIT_SEQUENCES=$(SEQUENCES) cargo test --test exeat_tests -- rules::permits::random

streams: ## 100,000 made-up and tampered histories over the replay of releases
	EXEAT_STREAMS=100000 cargo test --test exeat_tests -- proof::streams

bench: postgresql ## the budgets of the desk with their figures
	cargo bench --bench budgets -- $(ROWS)

check: fmt lint

fmt:
	cargo fmt --check

lint:
	cargo clippy --all-targets -- -D warnings

deny: ## licences and doubled dependencies; needs cargo-deny
	cargo deny check licenses bans sources

postgresql: ## PostgreSQL's server programs, without a system cluster
	tools/install-postgresql

engines: postgresql ## the S3 stores the tests run against
	tools/install-engines $(ENGINES)
