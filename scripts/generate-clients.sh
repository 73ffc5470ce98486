#!/bin/sh
# Generates clients of openapi.yaml in Python, TypeScript and Java with the generators that
# scripts/test-clients.sh has installed under .tools/clients, and prints their folder. It generates
# them again when the document, a version or this file has changed.
#
# Whatever is missing, and a generator that warns of something it leaves out, is an error on standard
# error and status 1. Standard output is the folder alone.
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

# Runs a generator. Its output goes to the log.
run() {
    echo "$*" >>"$log"
    "$@" >>"$log" 2>&1 || fail "$1 failed: $(tail -n 20 "$log")"
}

stamp=$(cat openapi.yaml "$0" tests/clients/requirements.txt tests/clients/package-lock.json | cksum)
if [ "$(cat "$folder/stamp" 2>/dev/null || true)" = "$stamp" ]; then
    echo "$folder"
    exit 0
fi
for command in java javac; do
    command -v "$command" >/dev/null 2>&1 || fail "$command is not on the PATH: openapi-generator and its Java client need a JDK, 11 or later"
done
rm -rf "$folder"
mkdir -p "$folder/build"
: >"$log"
echo "Generating clients of openapi.yaml ..." >&2

run "$python/openapi-generator-cli" generate --input-spec openapi.yaml --generator-name python \
    --output "$folder/build" --package-name recourse_openapi_generator
mv "$folder/build/recourse_openapi_generator" "$folder/"
run "$python/openapi-generator-cli" generate --input-spec openapi.yaml --generator-name typescript-fetch \
    --output "$folder/typescript/openapi-generator"
run "$python/openapi-generator-cli" generate --input-spec openapi.yaml --generator-name java --library native \
    --output "$folder/java" --invoker-package recourse --model-package recourse.model --api-package recourse.api \
    --additional-properties openApiNullable=false,useJakartaEe=true,annotationLibrary=none,hideGenerationTimestamp=true
# Its hooks would need ruff, which formats the code.
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
