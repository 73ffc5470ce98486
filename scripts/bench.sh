#!/bin/sh
# Builds what make bench measures for release, installs the peers, and runs the measurements. The
# table goes to standard output, docs/performance.md and target/bench.json.
#
# FULL=1 builds every function for its size, not those of $some alone. BASE=commit compares with an
# earlier commit. LOCAL=1 measures the speed of the local cloud, MEMORY=1 its memory with 100,000
# disputes, and PAGES=1 what pages of disputes and of the console cost among 100,000. CHECK=1 only
# checks that the peers answer as iimmpact-report does. COUNTS=file only counts instructions and
# bytes, and fails where one is more than 3 % above the file's; ACCEPT=1 writes the file.
set -eu

cd "$(dirname "$0")/.."
root=$PWD
# The function that is measured, a small one of another API, the largest, and a group of pages.
some='iimmpact-report arbiter-log connect-upload console-case'

# The names of the functions in a work tree.
functions_of() {
    sed -n 's|.*CodeUri: target/lambda/\(.*\)/$|\1|p' "$1/template.yaml"
}

# The cargo arguments that choose binaries.
bins() {
    for name; do printf -- '--bin %s ' "$name"; done
}

# Builds functions of a work tree for release, and more besides.
build() {
    tree=$1
    shift
    wanted=$(functions_of "$tree")
    if [ "${FULL:-}" != 1 ]; then
        # An earlier commit may not have all of them.
        wanted=$(for name in $some; do echo "$wanted" | grep -x "$name" || true; done)
    fi
    # The names have no spaces. The whole workspace is selected, as make build does, so that the
    # functions have the features that they are deployed with.
    # shellcheck disable=SC2046,SC2086
    (cd "$tree" && cargo build --release --locked --workspace $(bins $wanted) "$@")
}

# Everything as make run builds it.
build_local() {
    (cd "$1" && cargo build --locked --workspace --bins --examples)
}

echo "Building for release (the first time takes some minutes) ..." >&2
# shellcheck disable=SC2046
build "$root" $(bins peer-hello peer-loop recourse-bench recourse-stages) --features recourse-bench/measure,recourse-peers/measure
scripts/peers.sh target/bench/functions

set --
if [ "${CHECK:-}" = 1 ]; then
    exec target/release/recourse-bench --check
fi
if [ -n "${COUNTS:-}" ]; then
    exec target/release/recourse-bench --counts "$COUNTS" $([ "${ACCEPT:-}" != 1 ] || echo --accept)
fi
if [ -n "${BASE:-}" ]; then
    commit=$(git rev-parse --verify --quiet "$BASE^{commit}") || { echo "scripts/bench.sh: there is no commit $BASE" >&2; exit 1; }
    base=$root/target/bench/base/$commit
    if [ ! -e "$base/template.yaml" ]; then
        mkdir -p "$base"
        git archive "$commit" | tar -x -C "$base"
    fi
    echo "Building $BASE for release ..." >&2
    build "$base"
    set -- "$@" --base "$base/target/release" --base-root "$base"
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
