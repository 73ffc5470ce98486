//! Figures that are counted and not timed, beside those that were accepted: `make bench-check`.
//!
//! Instructions and bytes hardly differ from run to run, so a test may assert them. They do differ
//! between compilers: who changes the compiler accepts the counts anew.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::Result;

/// How much of an accepted count a count may be.
const MOST: f64 = 1.03;

/// What was counted, by its name.
pub type Counts = BTreeMap<String, f64>;

/// Counts as a file has them.
#[must_use]
pub fn text(counts: &Counts) -> String {
    let counts: BTreeMap<&String, u64> = counts.iter().map(|(name, count)| (name, count.round() as u64)).collect();
    format!("{:#}\n", json!(counts))
}

/// One sentence for each count that is more than 3 % above what the file accepts, or that the file
/// does not know. What only the file knows was not counted this time.
///
/// # Errors
/// The file is no object of numbers.
pub fn worse(counts: &Counts, accepted: &str) -> Result<Vec<String>> {
    let accepted: Value = serde_json::from_str(accepted)?;
    let accepted = accepted.as_object().ok_or("the accepted counts must be an object of numbers")?;
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

    #[test]
    fn three_percent_more_is_accepted_and_what_is_above_is_named() {
        let accepted = text(&counts(&[("zip of a", 1_000.0), ("instructions", 2_000.4), ("not counted", 7.0)]));
        assert!(worse(&counts(&[("zip of a", 1_030.0), ("instructions", 1.0)]), &accepted).unwrap().is_empty());
        let found = worse(&counts(&[("zip of a", 1_031.0), ("new", 1.0)]), &accepted).unwrap();
        assert_eq!(
            found,
            ["new: 1, and no count is accepted", "zip of a: 1031, which is 3.1 % more than the accepted 1000",]
        );
    }

    #[test]
    fn a_file_that_is_no_counts_is_refused() {
        assert!(worse(&Counts::new(), "[]").is_err() && worse(&Counts::new(), "").is_err());
    }
}
