# Every command of the project. Rust and make are enough for run and test. lint also needs
# cargo-deny, python3 and Node.js; test-console needs Node.js and chromium; bench needs python3 and
# Node.js, instructions and bench-check valgrind; test-sam, build and deploy need python3.
# scripts/python-tools.sh, node-tools.sh and peers.sh install what they need into .tools.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The gateway's port. The other local ports are free ones, which are printed.
PORT ?= 3000
# A folder for the data. If empty, the data is in memory.
DATA ?=
# Parameters of template.yaml that make run sets, as in "Brand=Acme ClockWindowSeconds=60". A value
# cannot contain a space.
PARAMETERS ?=
# Which DynamoDB the local cloud and the tests use: embedded, or dynamodb-local (the official one,
# which needs Java 17 and npm).
ENGINE ?= embedded

# The stage to deploy to: staging or production, as in samconfig.toml.
STAGE ?= staging
# The processor that the binaries are built for: arm64, as in template.yaml, or x86_64.
ARCH ?= arm64
# How many versions of each function make prune leaves.
KEEP ?= 10

# The date that C code writes into a binary, in Unix seconds. mimalloc does: with the date of its
# compilation, all functions would be new to a deployment although nothing has changed.
export SOURCE_DATE_EPOCH := 0

# What GET /health reports: the commit, followed by -dirty if files were changed since.
export RECOURSE_COMMIT := $(shell git describe --always --abbrev=40 --exclude='*' --dirty 2>/dev/null)

# For the whole workspace and with the examples, of which tests of the local cloud run one: so every
# cargo call here has the same features. With others, cargo would build third-party crates again.
BUILD := cargo build --locked --workspace --bins --examples
# The same with all functions in one binary, which is linked once: what runs on this machine starts
# sooner. Lambda gets one binary for each function, which `make test-sam` builds and starts.
BUILD_TOGETHER := cargo build --locked --workspace --bin recourse --bin recourse-local --bin recourse-functions --examples
LINKS := target/debug/recourse-functions links target/debug/together
TOGETHER := $(BUILD_TOGETHER) && $(LINKS)
# How many tests run at once: twice as many as there are processors, because a test mostly waits for
# what it has caused.
THREADS ?= $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN))))
# End-to-end tests, with what $(TOGETHER) has built.
E2E := FUNCTIONS=together RUST_TEST_THREADS=$(THREADS) cargo test --locked --workspace --test e2e --
# Every library, test package and binary that has tests. The functions' binaries have none, and an
# empty test harness takes as long to link as the binary.
TESTED := --lib --bin health-get --bin recourse --bin recourse-local --test '*'
# What is only built for measurements.
MEASURED := --features recourse-bench/measure,recourse-peers/measure
# cargo-nextest starts a process for each test. End-to-end tests share a cloud in one process, and
# tests of the store share a DynamoDB Local, so it does not run those.
RUN_TESTS = $(if $(and $(filter embedded,$(ENGINE)),$(shell command -v cargo-nextest)),\
	cargo nextest run --locked --workspace --test-threads $(THREADS) $(TESTED) -E 'not package(recourse-e2e)' && \
	$(E2E),\
	RUST_TEST_THREADS=$(THREADS) cargo test --locked --workspace $(TESTED))
# The functions of template.yaml, and nothing else of the workspace.
DEPLOYED = $$(sed -n 's|.*CodeUri: target/lambda/\(.*\)/$$|--bin \1|p' template.yaml)
# Python with SAM's own modules.
SAM_PYTHON := "$$(scripts/python-tools.sh aws-sam-cli)/python"
SAM := SAM_CLI_TELEMETRY=0 "$$(scripts/python-tools.sh aws-sam-cli)/sam"

ifeq ($(ENGINE),dynamodb-local)
ENGINE_ENV = ENGINE=dynamodb-local DYNAMODB_LOCAL_DIR="$$(scripts/dynamodb-local.sh)"
else
ENGINE_ENV = ENGINE=$(ENGINE)
endif

# What make bench measures besides: every function's size (FULL=1), an earlier commit (BASE=commit),
# what builds of both take (BUILDS=1), the local cloud's speed (LOCAL=1) and memory (MEMORY=1), and
# pages among 100,000 disputes (PAGES=1). CHECK=1 only checks that the peers answer as ours does.
FULL ?=
BASE ?=
BUILDS ?=
LOCAL ?=
MEMORY ?=
PAGES ?=
CHECK ?=
# Whether make instructions and make bench-check write their counts down instead of comparing them.
ACCEPT ?=
# Whether make bench-check builds for release and counts that, too (RELEASE=1).
RELEASE ?=
# Whether make lint runs the tests of files and of policies, too. make test runs both: .ci/run, which
# goes on with it, sets this to nothing.
LINT_TESTS ?= 1

# The folder below which make install puts the command line and its man pages.
PREFIX ?= $(HOME)/.local

.PHONY: help run install test test-clients test-console bench instructions bench-check costs lint lint-code lint-texts events test-sam build deploy prune sbom

help: ## Show the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: ## Run all of Recourse on this machine (PORT=3000, DATA=dir keeps data, PARAMETERS="Name=value" sets the template's)
	@echo "Building (the first time takes some minutes) ..."
	@$(TOGETHER)
	@PORT=$(PORT) DATA="$(DATA)" $(ENGINE_ENV) exec target/debug/recourse-local --binaries target/debug/together $(foreach parameter,$(PARAMETERS),--parameter '$(parameter)')

install: ## Put recourse and its man pages into PREFIX ($HOME/.local)
	$(BUILD)
	install -d "$(PREFIX)/bin" "$(PREFIX)/share/man/man1"
	install -m 755 target/debug/recourse "$(PREFIX)/bin/recourse"
	"$(PREFIX)/bin/recourse" man "$(PREFIX)/share/man/man1"
	@case ":$$PATH:" in *":$(PREFIX)/bin:"*) ;; *) echo 'Put it on the PATH: export PATH="$(PREFIX)/bin:$$PATH"' ;; esac

# End-to-end tests are compiled beside the functions: the largest of either takes one processor.
test: ## Run every test, or the end-to-end tests of T=report:: (ENGINE=dynamodb-local for the official DynamoDB)
ifdef T
	$(BUILD_TOGETHER) --test e2e && $(LINKS)
	$(ENGINE_ENV) $(E2E) $(T)
else
	$(BUILD_TOGETHER) --test '*' && $(LINKS)
	export $(ENGINE_ENV) FUNCTIONS=together && $(RUN_TESTS)
	cargo test --locked --workspace --doc
endif

test-clients: ## Drive Recourse with the vendors' own clients and with generated ones (Python 3.11, Node.js 20, JDK 11)
	$(TOGETHER)
	scripts/test-clients.sh

test-console: ## Drive the console with a headless Chromium, and look for faults of accessibility (Node.js 20, chromium)
	$(TOGETHER)
	scripts/test-console.sh

bench: ## Measure the report function beside Python, Node.js and bare Rust; prints ratios, asserts none (FULL=1, BASE=commit, BUILDS=1, LOCAL=1, MEMORY=1, PAGES=1)
	$(ENGINE_ENV) FULL=$(FULL) BASE=$(BASE) BUILDS=$(BUILDS) LOCAL=$(LOCAL) MEMORY=$(MEMORY) PAGES=$(PAGES) CHECK=$(CHECK) scripts/bench.sh

instructions: ## Fail where our own code executes over 3 % more instructions for a report than was accepted (needs valgrind; ACCEPT=1 accepts)
	DEV=1 COUNTS=tests/bench/instructions.json ACCEPT=$(ACCEPT) scripts/bench.sh

bench-check: instructions ## The same of AWS calls and units, and with RELEASE=1 of release builds, with the SDK and zipped bytes (needs valgrind)
	$(TOGETHER)
	$(E2E) costs::no_function
	cargo test --locked --workspace --test capacity
	$(if $(filter 1,$(RELEASE)),COUNTS=tests/bench/counts.json ACCEPT=$(ACCEPT) scripts/bench.sh)

costs: ## Count what each call uses of AWS, and write tests/costs.tsv and the tables of docs/cost.md
	$(TOGETHER)
	RECORD=1 $(E2E) costs::no_function
	RECORD=1 cargo test --locked --workspace --test capacity

lint: lint-code lint-texts ## Formatting, clippy, spelling, widths, imports, licences and banned dependencies, policies, template.yaml, openapi.yaml

# First as a library or a binary is, and then as a test of those that have some. rustdoc has the
# examples, as clippy has, so it finds third-party crates checked. It reads every function's file in
# the binary that has them all.
lint-code:
	cargo fmt --all --check
	cargo clippy --locked --workspace --lib --bins --examples $(MEASURED) -- -D warnings
	cargo clippy --locked --workspace --profile test $(TESTED) $(MEASURED) -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --quiet --lib --bin recourse --bin recourse-functions --examples
	cargo deny --locked check bans licenses sources
ifneq ($(LINT_TESTS),)
	cargo test --locked --workspace --test files
	$(TOGETHER)
	$(E2E) policy::
endif

lint-texts:
	"$$(scripts/python-tools.sh typos)/typos"
	"$$(scripts/python-tools.sh cfn-lint)/cfn-lint" template.yaml
	$(SAM) validate --lint --region us-east-1
	$(SAM_PYTHON) -B scripts/check_deploy_test.py
	$(SAM_PYTHON) -B scripts/openapi_test.py
	tools="$$(scripts/node-tools.sh scripts/lint-tools .tools/lint)" && \
		"$$tools/spectral" lint --quiet --fail-severity=hint --ruleset scripts/lint-tools/spectral.yaml openapi.yaml && \
		REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true "$$tools/redocly" lint --extends=recommended-strict openapi.yaml

events: ## Write a freshly signed event of each route to tests/events, for sam local invoke -e
	$(TOGETHER)
	EVENTS=tests/events $(E2E) openapi_examples::every

test-sam: ## Start the binaries that are deployed: each example of the API page under AWS's emulator, and all that each function does
	$(BUILD)
	emulator="$$(scripts/emulator.sh)" && EMULATOR="$$emulator" cargo test --locked --workspace --test e2e openapi_examples::every
	cargo test --locked --workspace --test e2e policy::a_function_uses

build: ## Build the functions for Lambda into target/lambda (ARCH=arm64)
	tools="$$(scripts/python-tools.sh cargo-lambda)" && PATH="$$tools:$$PATH" cargo lambda build --release --locked --$(ARCH:x86_64=x86-64) $(DEPLOYED)
	@! grep -lqE 'RECOURSE_LOCAL_[A-Z]' target/lambda/*/bootstrap || { echo "target/lambda: built for development, with a clock that can be moved, a provider on this machine and hints for strangers" >&2; exit 1; }
	cd target/lambda && sha256sum */bootstrap > SHA256SUMS && cat SHA256SUMS

sbom: ## List all that goes into the functions, as CycloneDX, in target/sbom
	scripts/sbom.sh

deploy: ## Deploy what make build has built (STAGE=staging or production)
	@case "$(STAGE)" in staging|production) ;; *) echo "STAGE is $(STAGE); it must be staging or production" >&2; exit 1;; esac
	cd target/lambda && sha256sum --check --quiet SHA256SUMS
	$(if $(AWS_REGION),AWS_DEFAULT_REGION="$(AWS_REGION)" )$(SAM_PYTHON) -B scripts/check_deploy.py $(STAGE)
	$(SAM) build
	$(SAM_PYTHON) -B scripts/stamp_settings.py $(STAGE)
	$(SAM) deploy --config-env $(STAGE) $(if $(AWS_REGION),--region "$(AWS_REGION)")

prune: ## Delete old versions of the functions, but for the last deployments' (STAGE=staging or production, KEEP=10)
	@case "$(STAGE)" in staging|production) ;; *) echo "STAGE is $(STAGE); it must be staging or production" >&2; exit 1;; esac
	$(if $(AWS_REGION),AWS_DEFAULT_REGION="$(AWS_REGION)" )$(SAM_PYTHON) -B scripts/prune_versions.py $(STAGE) $(KEEP)
