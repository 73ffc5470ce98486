#!/bin/sh
# mail-parser 0.11.9 joins the <div> blocks of an HTML mail without a line break or a space.
#
# Input: two sentences in <div>, as Gmail writes the lines of an answer; the same with <p> and <br>.
# Expected: each sentence on a line of its own, as a reader sees it in all three forms.
# Seen: <p> and <br> give two lines. The two <div> give "It works now.Thank you": the last word of
# one line and the first of the next become one. A mail without a text part loses its lines so.
# Wants Rust.
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
mail-parser = "=0.11.9"

[workspace]
TOML
cat > "$folder/src/main.rs" <<'RUST'
use mail_parser::decoders::html::html_to_text;

fn main() {
    let seen = [
        "<p>It works now.</p><p>Thank you</p>",
        "It works now.<br>Thank you",
        "<div>It works now.</div><div>Thank you</div>",
    ]
    .map(html_to_text);
    for text in &seen {
        println!("{text:?}");
    }
    let expected = ["It works now.\nThank you\n", "It works now.\nThank you", "It works now.Thank you"];
    assert_eq!(seen, expected, "the behaviour has changed");
}
RUST
cargo run --quiet --manifest-path "$folder/Cargo.toml"
