//! `docs/performance.md`: the part between two marks is what the last run found, the rest is prose.

use crate::Result;
use crate::figure::{self, Figure};
use crate::machine::Machine;

const BEGIN: &str = "<!-- begin of what make bench writes -->";
const END: &str = "<!-- end of what make bench writes -->";

/// The page with the figures of this run instead of those of an earlier one.
///
/// # Errors
/// The page has not both marks, in this order.
pub fn with_figures(page: &str, figures: &[Figure], machine: &Machine, commit: &str) -> Result<String> {
    let marks = format!("the page must have the lines {BEGIN} and {END}");
    let (before, rest) = page.split_once(BEGIN).ok_or_else(|| marks.clone())?;
    let (_, after) = rest.split_once(END).ok_or(marks)?;
    let Machine { processor, cores, kernel, tools } = machine;
    let commit = if commit.is_empty() { "unknown" } else { commit };
    let table = figure::markdown(figures);
    let run = format!(
        "| this run | |\n|---|---|\n| commit | `{commit}` |\n| processor | {processor}, {cores} cores |\n\
         | kernel | Linux {kernel} |\n| tools | {tools} |\n"
    );
    Ok(format!("{before}{BEGIN}\n\n{run}\n{table}\n![Values and targets](performance.svg)\n\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Target;
    use crate::stats::Spread;

    #[test]
    fn a_run_replaces_the_one_before_and_leaves_the_prose() {
        let machine =
            Machine { processor: "Some CPU".into(), cores: 2, kernel: "6.1".into(), tools: "rustc 1.95.0".into() };
        let figure =
            |value| Figure::ratio("start", Some(Spread::exact(value)), Some(Target::AtMost(2.0)), String::new());
        let page = format!("# Performance\n\n{BEGIN}\nold\n{END}\n\nWhy.\n");
        let first = with_figures(&page, &[figure(1.0)], &machine, "abc").unwrap();
        assert!(first.starts_with("# Performance\n") && first.ends_with("\n\nWhy.\n"), "{first}");
        assert!(first.contains("| start | 1.00 | ratio | at most 2.00 |  | yes |  |"), "{first}");
        assert!(first.contains("| commit | `abc` |") && !first.contains("old"), "{first}");
        let second = with_figures(&first, &[figure(3.0)], &machine, "").unwrap();
        assert!(second.contains("| start | 3.00 |") && !second.contains("| start | 1.00 |"), "{second}");
    }

    #[test]
    fn a_page_without_marks_is_left_alone() {
        assert!(with_figures("# Performance\n", &[], &Machine::this(), "").is_err());
        assert!(with_figures(&format!("{END}\n{BEGIN}\n"), &[], &Machine::this(), "").is_err());
    }
}
