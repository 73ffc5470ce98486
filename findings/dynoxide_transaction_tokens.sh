#!/bin/sh
# dynoxide-rs 3.2.0 visits every ClientRequestToken of the last ten minutes at each transaction.
#
# Input: 30,000 transactions of one small item, each with a token of its own, as every AWS SDK sends
# them; then transactions with a token and without one in turn, on the same table.
# Expected: both cost about the same, as a look-up by token does not depend on how many there are.
# Seen: a transaction with a token takes some forty times as long as one without (1.06 ms, 0.025 ms),
# and the more there were in the last ten minutes, the longer. An emulator under steady load so becomes slower by the
# minute, and is as fast as before after ten minutes of rest.
# Wants Rust and a C compiler; takes some three minutes.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/src"
cat > "$folder/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
dynoxide-rs = { version = "=3.2.0", default-features = false, features = ["native-sqlite"] }
serde_json = "1"

[workspace]
TOML
cat > "$folder/src/main.rs" <<'RUST'
use dynoxide::Database;
use serde_json::{from_value, json};
use std::time::{Duration, Instant};

fn put(database: &Database, number: u32, with_token: bool) -> Duration {
    let item = json!({"pk": {"S": number.to_string()}});
    let mut request = json!({"TransactItems": [{"Put": {"TableName": "orders", "Item": item}}]});
    if with_token {
        request["ClientRequestToken"] = json!(format!("token-{number}"));
    }
    let request = from_value(request).unwrap();
    let start = Instant::now();
    database.transact_write_items(request).unwrap();
    start.elapsed()
}

fn main() {
    let database = Database::memory().unwrap();
    let table = json!({
        "TableName": "orders", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    });
    database.create_table(from_value(table).unwrap()).unwrap();
    let filled: Duration = (0..30_000).map(|number| put(&database, number, true)).sum();
    assert!(filled < Duration::from_secs(300), "too slow a machine: tokens expire meanwhile");
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for number in (30_000..31_000).step_by(2) {
        with.push(put(&database, number, true));
        without.push(put(&database, number + 1, false));
    }
    with.sort();
    without.sort();
    let ratio = with[250].as_secs_f64() / without[250].as_secs_f64();
    println!("median with a token {:?}, without {:?}: {ratio:.1} times", with[250], without[250]);
    assert!(ratio > 2.0, "the behaviour has changed");
}
RUST
cargo run --release --quiet --manifest-path "$folder/Cargo.toml"
