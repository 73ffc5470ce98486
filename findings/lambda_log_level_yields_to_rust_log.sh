#!/bin/sh
# lambda_runtime_api_client 1.1.1, as lambda_runtime 1.5.0 has it: RUST_LOG is stronger than the
# level that Lambda sets.
#
# Input: a program that calls `lambda_runtime::tracing::init_default_subscriber()` and logs one line
# at INFO. It runs with the level ERROR in AWS_LAMBDA_LOG_LEVEL, then with RUST_LOG=info besides.
# Expected: no line, both times. The function's documentation gives AWS_LAMBDA_LOG_LEVEL precedence
# over all other variables.
# Seen: with RUST_LOG the line is logged. The filter is read from RUST_LOG, and the level is only
# its default. So the level in a function's logging configuration does nothing once RUST_LOG is set.
# Wants Rust; takes about a minute.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/src"
cat > "$folder/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
lambda_runtime = { version = "=1.5.0", default-features = false, features = ["tracing"] }
lambda_runtime_api_client = { version = "=1.1.1", default-features = false }

[profile.dev]
debug = false

[workspace]
TOML
cat > "$folder/src/main.rs" <<'RUST'
use lambda_runtime::tracing;

fn main() {
    tracing::init_default_subscriber();
    tracing::info!("informed");
}
RUST
cargo build --quiet --manifest-path "$folder/Cargo.toml"

unset RUST_LOG
export AWS_LAMBDA_LOG_FORMAT=JSON AWS_LAMBDA_LOG_LEVEL=ERROR
alone=$("$folder/target/debug/finding" | grep -c informed || true)
both=$(RUST_LOG=info "$folder/target/debug/finding" | grep -c informed || true)
echo "lines at INFO with AWS_LAMBDA_LOG_LEVEL=ERROR: $alone alone, $both with RUST_LOG=info"
if [ "$alone $both" != "0 1" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
