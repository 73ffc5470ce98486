# Everything a person needs. Rust and make are enough for run, test and bench; lint also wants cargo-deny.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The gateway's port; the other local ports are chosen free and printed.
PORT ?= 3000
# A folder to keep data in; empty keeps it in memory.
DATA ?=
# Which DynamoDB the local cloud and the tests use: embedded, or dynamodb-local (the official one; wants Java 17 and npm).
ENGINE ?= embedded

BUILD := cargo build --locked --workspace --bins

ifeq ($(ENGINE),dynamodb-local)
ENGINE_ENV = ENGINE=dynamodb-local DYNAMODB_LOCAL_DIR="$$(scripts/dynamodb-local.sh)"
else
ENGINE_ENV = ENGINE=$(ENGINE)
endif

.PHONY: help run test bench lint

help: ## Show what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

run: ## Run the whole desk on this machine (PORT=3000, DATA=dir keeps data)
	@echo "Building (the first time takes some minutes) ..."
	@$(BUILD)
	@PORT=$(PORT) DATA="$(DATA)" $(ENGINE_ENV) exec target/debug/recourse-local

test: ## Run every test (ENGINE=dynamodb-local for the official DynamoDB)
	$(BUILD)
	$(ENGINE_ENV) cargo test --locked --workspace

bench: ## Measure what a first page of disputes costs with many of them; prints ratios, asserts none
	$(BUILD)
	$(ENGINE_ENV) cargo test --locked --workspace --test e2e -- --ignored --nocapture --test-threads=1 bench::

lint: ## Formatting, clippy, licences and banned dependencies, policies
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --quiet
	cargo deny --locked check bans licenses sources
	$(BUILD)
	cargo test --locked --workspace --test e2e policy::
