#!/bin/sh
# Installs the named Python packages (aws-sam-cli, cfn-lint, cargo-lambda, typos) into .tools/python,
# at the versions in scripts/python-tools.txt, and prints the folder of their commands.
#
# Needs python3 with venv. Whatever is missing is an error on standard error and status 1. Standard
# output is the folder alone.
set -eu

cd "$(dirname "$0")/.."
versions=$PWD/scripts/python-tools.txt
python=$PWD/.tools/python

fail() {
    echo "scripts/python-tools.sh: $1" >&2
    exit 1
}

[ $# -gt 0 ] || fail "name the packages to install, of those in $versions"
command -v python3 >/dev/null 2>&1 || fail "python3 is not on the PATH: $* needs Python 3.10 or later"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail "$(python3 --version) is too old: $* needs Python 3.10 or later"
python3 -c 'import venv, ensurepip' 2>/dev/null || fail "python3 has no venv: on Debian and Ubuntu it is the package python3-venv"

# Each package has a stamp, so that lint does not wait for what build alone needs. When versions
# change, everything is installed again.
stamp=$(cksum <"$versions" | tr ' ' '-')
if [ ! -e "$python/$stamp" ]; then
    rm -rf "$python"
    python3 -m venv "$python" >&2 || fail "python3 -m venv $python failed"
    touch "$python/$stamp"
fi
for package; do
    [ ! -e "$python/$stamp-$package" ] || continue
    version=$(grep "^$package==" "$versions") || fail "there is no version of $package in $versions"
    echo "Installing $version into .tools ..." >&2
    "$python/bin/pip" install --quiet --disable-pip-version-check --constraint "$versions" "$version" >&2 ||
        fail "pip could not install $version"
    touch "$python/$stamp-$package"
done
echo "$python/bin"
