#!/bin/sh
# Builds what make bench measures for release, installs the peers, and runs the measurements. The
# table goes to standard output, docs/performance.md and target/bench.json.
#
# FULL=1 builds every function for its size, not those of $some alone. BASE=commit compares with an
# earlier commit. BUILDS=1 measures what builds of both take, LOCAL=1 the speed of the local cloud,
# MEMORY=1 its memory with 100,000 disputes, and PAGES=1 what pages of disputes and of the console
# cost among 100,000. CHECK=1 only checks that the peers answer as iimmpact-report does. COUNTS=file
# only counts instructions and bytes of ours, and fails where one is more than 3 % above the file's;
# ACCEPT=1 writes the file. With DEV=1 it counts our own instructions in the development build, and
# builds nothing for release.
set -eu

cd "$(dirname "$0")/.."
root=$PWD
# The function that is measured. Where bytes are counted, also a small one of another API, the
# largest, and a group of pages: each takes a minute to link.
some=iimmpact-report
[ -z "${COUNTS:-}" ] || some="$some arbiter-log connect-upload console-case"

fail() {
    echo "scripts/bench.sh: $1" >&2
    exit 1
}

# The names of the functions of a work tree that are built. They have no spaces.
wanted_of() {
    all=$(sed -n 's|.*CodeUri: target/lambda/\(.*\)/$|\1|p' "$1/template.yaml")
    if [ "${FULL:-}" = 1 ]; then
        echo "$all"
    else
        # An earlier commit may not have all of them.
        for name in $some; do echo "$all" | grep -x "$name" || true; done
    fi
}

# The cargo arguments that choose binaries.
bins() {
    for name; do printf -- '--bin %s ' "$name"; done
}

# Builds functions of a work tree for release, and more besides.
build() {
    tree=$1
    shift
    # The whole workspace is selected, as make build does, so that the functions have the features
    # that they are deployed with.
    # shellcheck disable=SC2046
    (cd "$tree" && cargo build --release --locked --workspace $(bins $(wanted_of "$tree")) "$@")
}

# What the local cloud runs, with one binary for each function: an earlier commit has no other.
build_local() {
    (cd "$1" && cargo build --locked --workspace --bins --examples)
}

[ "${BUILDS:-}" != 1 ] || [ -n "${BASE:-}" ] ||
    fail "BUILDS=1 compares with an earlier commit: name it, as in BASE=766bcd8"
if [ -n "${COUNTS:-}" ]; then
    command -v valgrind >/dev/null 2>&1 || fail "valgrind is not on the PATH: it counts the instructions"
    [ "${ACCEPT:-}" = 1 ] || [ -f "$COUNTS" ] ||
        fail "no counts are accepted yet: there is no $COUNTS, and the same command with ACCEPT=1 writes it"
    # Other compilers and other processors have other counts; a patch release hardly has.
    set -- --counts "$COUNTS" --compiler "$(rustc --version | cut -d . -f 1,2) for $(uname -m)"
    [ "${ACCEPT:-}" != 1 ] || set -- "$@" --accept
fi
if [ -n "${COUNTS:-}" ] && [ "${DEV:-}" = 1 ]; then
    # The examples are of all calls of cargo in the Makefile, and the features those of its clippy.
    cargo build --locked --workspace --bin recourse-bench --bin recourse-stages --examples \
        --features recourse-bench/measure,recourse-peers/measure
    mkdir -p target/bench/functions
    exec target/debug/recourse-bench --stages --binaries target/debug "$@"
fi

echo "Building for release (the first time takes some minutes) ..." >&2
# recourse-bench is built for release, too: it contains the DynamoDB that all sides call, and a slow
# one would hide what differs between them. A development build would compile its crates once more.
others='recourse-bench recourse-stages'
[ -n "${COUNTS:-}" ] || others="$others peer-hello peer-loop"
# shellcheck disable=SC2046,SC2086
build "$root" $(bins $others) --features recourse-bench/measure,recourse-peers/measure
# target/release may have other functions that were built earlier.
# shellcheck disable=SC2046
set -- "$@" $(wanted_of "$root" | sed 's/^/--built /')

if [ -n "${COUNTS:-}" ]; then
    exec target/release/recourse-bench "$@"
fi
scripts/peers.sh target/bench/functions
if [ "${CHECK:-}" = 1 ]; then
    exec target/release/recourse-bench --check
fi
if [ -n "${BASE:-}" ]; then
    commit=$(git rev-parse --verify --quiet "$BASE^{commit}") || fail "there is no commit $BASE"
    base=$root/target/bench/base/$commit
    if [ ! -e "$base/template.yaml" ]; then
        mkdir -p "$base"
        git archive "$commit" | tar -x -C "$base"
    fi
    echo "Building $BASE for release ..." >&2
    build "$base"
    set -- "$@" --base "$base/target/release" --base-root "$base"
fi
if [ "${BUILDS:-}" = 1 ]; then
    builds=$root/target/bench/builds.json
    python3 -B scripts/bench_builds.py "$commit" "$builds"
    set -- "$@" --builds "$builds"
fi
if [ "${LOCAL:-}" = 1 ]; then
    build_local "$root"
    set -- "$@" --local target/debug
    if [ -n "${BASE:-}" ]; then
        build_local "$base"
        set -- "$@" --base-local "$base/target/debug"
    fi
fi
if [ "${MEMORY:-}" = 1 ]; then
    build_local "$root"
    set -- "$@" --memory target/debug
fi
if [ "${PAGES:-}" = 1 ]; then
    build_local "$root"
    figures=$root/target/bench/pages.jsonl
    rm -f "$figures"
    FIGURES=$figures cargo test --locked --workspace --test e2e -- --ignored --nocapture --test-threads=1 bench:: >&2
    set -- "$@" --more "$figures"
fi
exec target/release/recourse-bench "$@"
