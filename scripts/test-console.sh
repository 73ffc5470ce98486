#!/bin/sh
# Runs the tests in tests/console against the binaries of target/debug: the console in a headless
# Chromium. What they need of Node.js is pinned and installed into .tools/console. Arguments are
# those of `node --test`, such as --test-name-pattern=axe.
#
# PICTURES names a folder that exists, for pictures of pages: those of docs/console among them.
# CHROMIUM names the browser's program; without it, chromium is taken, or Chrome. Whatever is
# missing is an error on standard error and status 1. Nothing is skipped.
set -eu

cd "$(dirname "$0")/.."

fail() {
    echo "scripts/test-console.sh: $1" >&2
    exit 1
}

[ -x target/debug/recourse-local ] || fail "target/debug/recourse-local is not built: run make test-console"
for program in ${CHROMIUM:-chromium chromium-browser google-chrome-stable google-chrome}; do
    CHROMIUM=$(command -v "$program") && break
done
[ -x "${CHROMIUM:-}" ] || fail "there is no Chromium on the PATH: on Debian it is the package chromium; CHROMIUM names another one"
export CHROMIUM

scripts/node-tools.sh tests/console "$PWD/.tools/console" >/dev/null || fail "what tests/console/package-lock.json names is not installed"
export NODE_PATH="$PWD/.tools/console/node_modules"
exec node --test --test-concurrency=1 --test-reporter=spec "$@" tests/console/console.test.mjs tests/console/identity.test.mjs
