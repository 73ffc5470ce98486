#!/bin/sh
# Runs the tests in tests/clients against the binaries of target/debug: the vendors' own clients, and
# clients in Python, TypeScript and Java that are generated from openapi.yaml. All are pinned, in a
# virtual environment and a node_modules under .tools/clients. Arguments are those of Python's
# unittest, such as -k Flow.
#
# Of the Java client the models alone are tested: its calls need libraries that only Maven Central has.
# Whatever is missing is an error on standard error and status 1. Nothing is skipped.
set -eu

cd "$(dirname "$0")/.."
environment=$PWD/.tools/clients
wanted=tests/clients/requirements.txt

fail() {
    echo "scripts/test-clients.sh: $1" >&2
    exit 1
}

command -v python3 >/dev/null 2>&1 || fail "python3 is not on the PATH: the clients' tests need Python 3.11 or later"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$(python3 --version) is too old: the clients' tests need Python 3.11 or later"
[ -x target/debug/recourse-local ] || fail "target/debug/recourse-local is not built: run make test-clients"

# The copy of the list is written last, so that an interrupted installation is repeated.
if ! cmp -s "$wanted" "$environment/requirements.txt"; then
    rm -rf "$environment"
    python3 -m venv "$environment" || fail "python3 cannot make a virtual environment: on Debian it is in the package python3-venv"
    "$environment/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$wanted" >&2 ||
        fail "pip could not install what $wanted names"
    cp "$wanted" "$environment/requirements.txt"
fi

scripts/node-tools.sh tests/clients "$environment" >/dev/null || fail "what tests/clients/package-lock.json names is not installed"

NODE_PATH="$environment/node_modules"
GENERATED=$(scripts/generate-clients.sh)
export NODE_PATH GENERATED
PYTHONDONTWRITEBYTECODE=1 exec "$environment/bin/python" -m unittest discover --start-directory tests/clients --verbose "$@"
