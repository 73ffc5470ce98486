#!/bin/sh
# Installs what LOCKED/package-lock.json names into FOLDER/node_modules, and prints the folder of
# the commands: scripts/node-tools.sh LOCKED FOLDER
#
# Needs Node.js 20.19 or later with npm. The packages' own scripts do not run. Whatever is missing is
# an error on standard error and status 1. Standard output is the folder alone.
set -eu

fail() {
    echo "scripts/node-tools.sh: $1" >&2
    exit 1
}

[ $# -eq 2 ] || fail "name the folder with package-lock.json, and the one to install into"
locked=$1
folder=$2
command -v node >/dev/null 2>&1 || fail "node is not on the PATH: $locked needs Node.js 20.19 or later"
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail "node is $(node --version): $locked needs Node.js 20.19 or later"

# The copy in node_modules is written last, so that an interrupted installation is repeated.
if ! cmp -s "$locked/package-lock.json" "$folder/node_modules/package-lock.json"; then
    command -v npm >/dev/null 2>&1 || fail "npm is not on the PATH: it fetches what $locked/package-lock.json names"
    mkdir -p "$folder"
    cp "$locked/package.json" "$locked/package-lock.json" "$folder/"
    npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --silent >&2 ||
        fail "npm could not install what $locked/package-lock.json names"
    cp "$locked/package-lock.json" "$folder/node_modules/package-lock.json"
fi
echo "$folder/node_modules/.bin"
