//! The documents can be pasted from, and `make install` does what they say.

use std::collections::BTreeSet;

use crate::sources::{files, shown};
use crate::{read, root};

/// The commands that `make install` runs. It builds, so this is a dry run.
#[test]
fn make_install_installs_the_command_and_its_man_pages_below_prefix() {
    let output = std::process::Command::new("make")
        .args(["--dry-run", "install", "PREFIX=/opt/x y"])
        .current_dir(root())
        .output()
        .unwrap();
    let output_text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{output_text}");
    for line in [
        r#"install -m 755 target/debug/recourse "/opt/x y/bin/recourse""#,
        r#""/opt/x y/bin/recourse" man "/opt/x y/share/man/man1""#,
    ] {
        assert!(output_text.lines().any(|found| found.trim() == line), "{line}: {output_text}");
    }
}

/// A command that is broken over two lines within a code span cannot be pasted.
#[test]
fn no_code_span_is_broken_over_two_lines() {
    let pages = files(".", "md");
    assert!(pages.len() > 10, "{} pages", pages.len());
    for page in pages {
        let mut is_code = false;
        for (index, line) in std::fs::read_to_string(&page).unwrap().lines().enumerate() {
            if line.trim_start().starts_with("```") {
                is_code = !is_code;
            } else if !is_code {
                assert!(line.matches('`').count() % 2 == 0, "{}:{}: {line}", shown(&page), index + 1);
            }
        }
    }
}

/// The defaults of the deadlines are published with the API and used in the README's example.
#[test]
fn the_documents_have_the_days_of_the_shipped_deadlines() {
    let shipped: serde_json::Value = serde_json::from_str(&read("shared/dispute/data/deadlines.json")).unwrap();
    let days = |value: &serde_json::Value| {
        let text = value.as_str().unwrap().strip_prefix('P').unwrap();
        match text.strip_suffix('D') {
            Some(days) => days.parse::<u32>().unwrap(),
            None => text.strip_prefix('T').unwrap().strip_suffix('H').unwrap().parse::<u32>().unwrap() / 24,
        }
    };
    let statuses =
        shipped["categories"].as_object().unwrap().values().flat_map(|all| all.as_object().unwrap().values());
    let lengths: BTreeSet<_> = statuses.map(|status| days(&status["length"])).collect();
    let lengths: Vec<_> = lengths.into_iter().collect();
    let [length] = lengths[..] else { panic!("openapi.yaml names one length for all statuses: {lengths:?}") };
    let (draft, remind) = (days(&shipped["draft"]), days(&shipped["remind"]));
    for (document, sentence) in [
        ("openapi.yaml", format!("has a deadline that the deployment sets, {length} days by default.")),
        ("openapi.yaml", format!("closed as `lost` after {length} days")),
        ("openapi.yaml", format!("cancelled automatically after {draft} days, unless")),
        ("README.md", format!("recourse clock advance {}d", length - remind)),
        ("README.md", format!("Advance it by `{remind}d` more")),
    ] {
        let text = read(document);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(&sentence), "{document} does not say: {sentence}");
    }
}
