#!/bin/sh
# Runs the tests in tests/clients: the vendors' own clients, pinned, in a virtual environment under .tools, against the binaries of target/debug.
#
# What is missing is an error on standard error and status 1; nothing is skipped.
set -eu

cd "$(dirname "$0")/.."
environment=$PWD/.tools/clients
wanted=tests/clients/requirements.txt
# The same vendor's SDK for Node.js, which makes requests of another form.
node_sdk=connect-sdk-nodejs
node_sdk_version=5.2.0

fail() {
    echo "scripts/test-clients.sh: $1" >&2
    exit 1
}

command -v python3 >/dev/null 2>&1 || fail "python3 is not on the PATH: the clients' tests need Python 3.9 or later"
[ -x target/debug/recourse-local ] || fail "target/debug/recourse-local is not built: run make test-clients"

# The copy of the list is written last, so that an installation that broke off is made again.
if ! cmp -s "$wanted" "$environment/requirements.txt"; then
    rm -rf "$environment"
    python3 -m venv "$environment" || fail "python3 cannot make a virtual environment: on Debian it is in the package python3-venv"
    "$environment/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$wanted" >&2 ||
        fail "pip could not install what $wanted names"
    cp "$wanted" "$environment/requirements.txt"
fi

command -v node >/dev/null 2>&1 || fail "node is not on the PATH: the clients' tests need Node.js 18 or later"
installed=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$environment/node_modules/$node_sdk/package.json" 2>/dev/null || true)
if [ "$installed" != "$node_sdk_version" ]; then
    command -v npm >/dev/null 2>&1 || fail "npm is not on the PATH: it fetches the package $node_sdk"
    npm install --prefix "$environment" --no-audit --no-fund --no-save --ignore-scripts --silent "$node_sdk@$node_sdk_version" >&2 ||
        fail "npm could not install $node_sdk@$node_sdk_version"
fi

NODE_PATH="$environment/node_modules"
export NODE_PATH
PYTHONDONTWRITEBYTECODE=1 exec "$environment/bin/python" -m unittest discover --start-directory tests/clients --verbose
