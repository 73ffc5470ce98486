//! What of a text is new, and what was written before.
//!
//! Programs mark old text in three ways: each line begins with `>`; a line introduces it ("On ..
//! wrote:") and marked lines follow; or a line or the header of the old mail introduces it, and
//! everything after is old. Text between marked lines is an answer inside the quote, and new.

mod intro;
mod labels;
mod phrases;
mod signature;

use intro::Introduction;
pub(crate) use phrases::{is_separator, says_wrote};

/// A line that the HTML reader puts where everything that follows was written before. No text has
/// a NUL in it, so no sender can write this line.
pub(crate) const CUT: &str = "\0";

/// Lines of a signature under `--` at most. What is longer is text, under a line of dashes.
const MAX_SIGNATURE: usize = 16;

/// The new text of a mail: the runs of lines that somebody wrote, with an empty line between them.
pub(crate) fn written(lines: &[String]) -> String {
    let starts: Vec<Introduction> =
        (0..lines.len()).map(|at| intro::read(lines.get(at..).unwrap_or_default())).collect();
    let mut runs: Vec<Vec<&str>> = vec![Vec::new()];
    let mut at = 0;
    while let (Some(line), Some(start)) = (lines.get(at), starts.get(at)) {
        match start {
            Introduction::OldFromHere => {
                signature::end_before_old_mail(&mut runs);
                break;
            }
            Introduction::Old(count) => {
                signature::end(&mut runs);
                at += count;
                continue;
            }
            Introduction::None => {}
        }
        if signature::is_delimiter(line)
            && let Some(count) = signature_length(starts.get(at..).unwrap_or_default())
        {
            signature::end(&mut runs);
            at += count;
            continue;
        }
        if let Some(run) = runs.last_mut() {
            run.push(line.trim_end());
        }
        at += 1;
    }
    signature::end(&mut runs);
    let texts: Vec<String> = runs.iter().map(|run| joined(run)).filter(|text| !text.is_empty()).collect();
    texts.join("\n\n")
}

/// How many lines a signature takes: up to old text or the end. `None` when it is too long for one.
fn signature_length(starts: &[Introduction]) -> Option<usize> {
    let old = starts.iter().take(MAX_SIGNATURE + 1).skip(1).position(|start| *start != Introduction::None);
    old.map(|at| at + 1).or_else(|| (starts.len() <= MAX_SIGNATURE).then_some(starts.len()))
}

/// A run's lines, without empty ones at its ends, and never two empty ones together.
fn joined(run: &[&str]) -> String {
    let mut out = String::new();
    let mut is_gap = false;
    for line in run {
        if line.trim().is_empty() {
            is_gap = true;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if is_gap { "\n\n" } else { "\n" });
        }
        is_gap = false;
        out.push_str(line);
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests;
