#!/bin/sh
# Lists the crates of each function's binary for arm64, from Cargo.lock, as CycloneDX in
# target/sbom/<function>.json.
#
# cargo-cyclonedx, the CycloneDX project's own tool, makes the lists. It is installed into .tools.
set -eu

VERSION=0.5.9

cd "$(dirname "$0")/.."
tools=$PWD/.tools
PATH="$tools/bin:$PATH"
if [ "$(cargo cyclonedx --version 2>/dev/null)" != "cargo-cyclonedx-cyclonedx $VERSION" ]; then
    echo "Installing cargo-cyclonedx $VERSION ..." >&2
    cargo install --quiet --locked --profile dev --root "$tools" --target-dir "$tools/build" "cargo-cyclonedx@$VERSION"
    rm -rf "$tools/build"
fi
# The tool writes each list into the folder of the binary's package.
cargo cyclonedx --quiet --format json --describe binaries --target aarch64-unknown-linux-gnu
rm -rf target/sbom
mkdir -p target/sbom
for function in $(sed -n 's|.*CodeUri: target/lambda/\(.*\)/$|\1|p' template.yaml); do
    mv functions/*/"${function}_bin.cdx.json" "target/sbom/$function.json"
done
find shared functions local cli tests -name '*.cdx.json' -delete
ls target/sbom
