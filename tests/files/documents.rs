//! The documents can be pasted from, and `make install` does what they say.

use crate::root;
use crate::sources::{files, shown};

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
