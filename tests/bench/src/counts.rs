//! Figures that are counted and not timed, beside those that were accepted: `make instructions` and
//! `make bench-check`.
//!
//! Instructions and bytes hardly differ from run to run, so a test may assert them. They do differ
//! between compilers and processors: a file names its own, and is not compared with another one's
//! counts. Who changes the compiler accepts the counts anew.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::Result;

/// How much of an accepted count a count may be.
const MOST: f64 = 1.03;

/// The member of a file that names the compiler and the processor.
const COMPILER: &str = "compiler";

/// What was counted, by its name.
pub type Counts = BTreeMap<String, f64>;

/// Counts as a file has them, with the compiler and the processor that they are of.
#[must_use]
pub fn text(counts: &Counts, compiler: &str) -> String {
    let mut file = Map::from_iter([(COMPILER.to_owned(), json!(compiler))]);
    file.extend(counts.iter().map(|(name, count)| (name.clone(), json!(count.round() as u64))));
    format!("{:#}\n", Value::Object(file))
}

/// One sentence for each count that is more than 3 % above what the file accepts, or that the file
/// does not know; one alone where the file is another compiler's. What only the file knows was not
/// counted this time.
///
/// # Errors
/// The file is no object.
pub fn worse(counts: &Counts, compiler: &str, accepted: &str) -> Result<Vec<String>> {
    let accepted: Value = serde_json::from_str(accepted)?;
    let accepted = accepted.as_object().ok_or("the accepted counts must be an object")?;
    let other = accepted.get(COMPILER).and_then(Value::as_str).unwrap_or("an unknown compiler");
    if other != compiler {
        return Ok(vec![format!(
            "nothing is compared: the accepted counts are those of {other}, and this is {compiler}"
        )]);
    }
    let mut worse = Vec::new();
    for (name, count) in counts {
        match accepted.get(name).and_then(Value::as_f64) {
            Some(before) if *count <= before * MOST => {}
            Some(before) => {
                let more = (count / before - 1.0) * 100.0;
                worse.push(format!("{name}: {count:.0}, which is {more:.1} % more than the accepted {before:.0}"));
            }
            None => worse.push(format!("{name}: {count:.0}, and no count is accepted")),
        }
    }
    Ok(worse)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(of: &[(&str, f64)]) -> Counts {
        of.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    /// Whose counts these are.
    const OURS: &str = "rustc 1.95 for x86_64";

    #[test]
    fn three_percent_more_is_accepted_and_what_is_above_is_named() {
        let accepted = text(&counts(&[("zip of a", 1_000.0), ("instructions", 2_000.4), ("not counted", 7.0)]), OURS);
        assert!(worse(&counts(&[("zip of a", 1_030.0), ("instructions", 1.0)]), OURS, &accepted).unwrap().is_empty());
        let found = worse(&counts(&[("zip of a", 1_031.0), ("new", 1.0)]), OURS, &accepted).unwrap();
        assert_eq!(
            found,
            ["new: 1, and no count is accepted", "zip of a: 1031, which is 3.1 % more than the accepted 1000",]
        );
    }

    #[test]
    fn counts_of_another_compiler_or_of_none_are_not_compared_and_that_is_no_success() {
        let accepted = text(&counts(&[("instructions", 9.0)]), "rustc 1.94.0 for x86_64");
        for (accepted, whose) in [(accepted.as_str(), "rustc 1.94.0 for x86_64"), ("{}", "an unknown compiler")] {
            let found = worse(&counts(&[("instructions", 1.0)]), OURS, accepted).unwrap();
            let said = format!("nothing is compared: the accepted counts are those of {whose}, and this is {OURS}");
            assert_eq!(found, [said]);
        }
    }

    #[test]
    fn a_file_that_is_no_counts_is_refused() {
        assert!(worse(&Counts::new(), OURS, "[]").is_err() && worse(&Counts::new(), OURS, "").is_err());
    }
}
