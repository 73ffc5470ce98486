#!/bin/sh
# Installs the peers in Python and Node.js, pinned, into .tools, and puts each into FOLDER as a
# folder with a bootstrap, as Lambda starts it: scripts/peers.sh FOLDER
#
# Needs Python 3.11 with venv and Node.js 20.19 or later with npm. Whatever is missing is an error
# on standard error and status 1.
set -eu

[ $# -eq 1 ] || { echo "scripts/peers.sh: name the folder to put the peers into" >&2; exit 1; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."

fail() {
    echo "scripts/peers.sh: $1" >&2
    exit 1
}

command -v python3 >/dev/null 2>&1 || fail "python3 is not on the PATH: the peer in Python needs 3.11 or later"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$(python3 --version) is too old: the peer in Python needs 3.11 or later"

# The copy of the list is written last, so that an interrupted installation is repeated.
python=$PWD/.tools/peers-python
wanted=tests/peers/python/requirements.txt
if ! cmp -s "$wanted" "$python/requirements.txt"; then
    echo "Installing the peer in Python into .tools ..." >&2
    rm -rf "$python"
    python3 -m venv "$python" >&2 || fail "python3 cannot make a virtual environment: on Debian it is in the package python3-venv"
    "$python/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$wanted" >&2 ||
        fail "pip could not install what $wanted names"
    cp "$wanted" "$python/requirements.txt"
fi
tools=$(scripts/node-tools.sh tests/peers/node .tools/peers-node)

mkdir -p "$folder/peer-python" "$folder/peer-node"
cp tests/peers/python/report.py "$folder/peer-python/"
printf '#!/bin/sh\nexec "%s/bin/python" -m awslambdaric report.handler\n' "$python" >"$folder/peer-python/bootstrap"

# One minified file, as esbuild makes it for Lambda: reading many small ones would take longer.
cp tests/peers/node/*.mjs .tools/peers-node/
"$tools/esbuild" .tools/peers-node/runtime.mjs --bundle --minify --platform=node --target=node20 --format=esm \
    --banner:js="import{createRequire}from'node:module';const require=createRequire(import.meta.url);" \
    --log-level=warning --outfile="$folder/peer-node/index.mjs" >&2 || fail "esbuild could not bundle the peer in Node.js"
printf '#!/bin/sh\nexec "%s" "%s/peer-node/index.mjs"\n' "$(command -v node)" "$folder" >"$folder/peer-node/bootstrap"
chmod 755 "$folder/peer-python/bootstrap" "$folder/peer-node/bootstrap"
