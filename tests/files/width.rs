//! Comments and documents are at most 100 columns wide, as `.editorconfig` and CONTRIBUTING.md say.

use std::fmt::Write;

use crate::sources::{files, shown};

/// Columns of a line of a comment or of a document.
const MAX_COLUMNS: usize = 100;

/// Folders with Rust in them.
const RUST: [&str; 5] = ["shared", "functions", "local", "cli", "tests"];

/// Fails with one `file:line: columns` for each line that is too wide.
fn assert_narrow(wide: &[String]) {
    let mut message = format!("{} lines are wider than {MAX_COLUMNS} columns:", wide.len());
    for line in wide {
        write!(message, "\n{line}").unwrap();
    }
    assert!(wide.is_empty(), "{message}");
}

/// Whether a line cannot be broken: a table's row, or one word such as an address.
fn is_unbreakable(line: &str) -> bool {
    let text = line.trim_start().trim_start_matches(['/', '!', '-', '*', '>', ' ']);
    text.starts_with('|') || !text.contains(' ') || text.starts_with("[") && text.contains("]: ")
}

/// The columns of a line. The address of a link does not count.
fn columns(line: &str) -> usize {
    let mut parts = line.split("](");
    let first = parts.next().unwrap_or_default().chars().count();
    first + parts.map(|part| part.split_once(')').map_or(part, |(_, rest)| rest).chars().count() + 3).sum::<usize>()
}

/// The offenders among the lines that `counts` picks from a file's text.
fn wide(folders: &[&str], extension: &str, counts: fn(&str) -> Vec<bool>) -> Vec<String> {
    let mut wide = Vec::new();
    for path in folders.iter().flat_map(|folder| files(folder, extension)) {
        let text = std::fs::read_to_string(&path).unwrap();
        for ((index, line), counts) in text.lines().enumerate().zip(counts(&text)) {
            let columns = columns(line);
            if counts && columns > MAX_COLUMNS && !is_unbreakable(line) {
                wide.push(format!("{}:{}: {columns}", shown(&path), index + 1));
            }
        }
    }
    wide
}

/// Which lines are comments.
fn comments(text: &str) -> Vec<bool> {
    text.lines().map(|line| line.trim_start().starts_with("//")).collect()
}

/// Which lines are prose: not those of a code block.
fn prose(text: &str) -> Vec<bool> {
    let mut is_code = false;
    let lines = text.lines().map(|line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    });
    lines.collect()
}

#[test]
fn comments_of_rust_files_are_at_most_100_columns_wide() {
    assert_narrow(&wide(&RUST, "rs", comments));
}

#[test]
fn documents_are_at_most_100_columns_wide_but_for_tables_links_and_code() {
    assert_narrow(&wide(&["."], "md", prose));
}

#[test]
fn a_table_an_address_and_code_may_be_wide() {
    assert_eq!(prose("a\n```sh\nb\n```\nc"), [true, false, false, false, true]);
    assert_eq!(comments("let a = 1; // b\n    /// c"), [false, true]);
    for line in ["| a | b |", "- https://example.com/a", "[a]: https://example.com/ b", "/// | a |"] {
        assert!(is_unbreakable(line), "{line}");
    }
    assert!(!is_unbreakable("/// two words"));
    assert_eq!(columns("see [a](https://example.com/b), too"), "see [a](), too".len());
}
