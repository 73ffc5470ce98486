#!/bin/sh
# Makes clients of openapi.yaml with the generators that scripts/test-clients.sh has installed under
# .tools/clients, and prints the folder that they are in. They are made anew when the document, a
# version or this file has changed.
#
# What is missing, or a generator that warns of something it leaves out, is an error on standard
# error and status 1; nothing else than the folder goes to standard output.
set -eu

cd "$(dirname "$0")/.."
environment=$PWD/.tools/clients
folder=$environment/generated
python=$environment/bin
node=$environment/node_modules/.bin
log=$environment/generated.log

fail() {
    echo "scripts/generate-clients.sh: $1" >&2
    exit 1
}

# Runs a generator; what it says goes to the log.
run() {
    echo "$*" >>"$log"
    "$@" >>"$log" 2>&1 || fail "$1 failed: $(tail -n 20 "$log")"
}

stamp=$(cat openapi.yaml "$0" tests/clients/requirements.txt tests/clients/package-lock.json | cksum)
if [ "$(cat "$folder/stamp" 2>/dev/null || true)" = "$stamp" ]; then
    echo "$folder"
    exit 0
fi
command -v java >/dev/null 2>&1 || fail "java is not on the PATH: openapi-generator needs Java 11 or later"
rm -rf "$folder"
mkdir -p "$folder/build"
: >"$log"
echo "Generating clients of openapi.yaml ..." >&2

run "$python/openapi-generator-cli" generate --input-spec openapi.yaml --generator-name python \
    --output "$folder/build" --package-name recourse_openapi_generator
mv "$folder/build/recourse_openapi_generator" "$folder/"
run "$python/openapi-generator-cli" generate --input-spec openapi.yaml --generator-name typescript-fetch \
    --output "$folder/typescript/openapi-generator"
# Its hooks would want ruff, to make the code beautiful.
echo 'post_hooks: []' >"$folder/build/openapi-python-client.yaml"
run "$python/openapi-python-client" generate --path openapi.yaml --meta none --fail-on-warning \
    --output-path "$folder/recourse_openapi_python_client" --config "$folder/build/openapi-python-client.yaml"
run "$python/datamodel-codegen" --input openapi.yaml --input-file-type openapi --formatters builtin \
    --output-model-type pydantic_v2.BaseModel --output "$folder/recourse_datamodel_code_generator.py"
run "$node/openapi-ts" --input openapi.yaml --output "$folder/typescript/hey-api" --client @hey-api/client-fetch
run "$node/openapi-typescript" openapi.yaml --output "$folder/typescript/openapi-typescript.d.ts"
rm -rf "$folder/build"
echo "$stamp" >"$folder/stamp"
echo "$folder"
