//! Where old text begins, and how it is introduced.

use super::{CUT, labels, phrases};

/// Lines that an introduction such as "On .. wrote:" is broken into at most.
const MAX_INTRODUCTION: usize = 4;
/// Characters of it.
const MAX_CHARACTERS: usize = 500;
/// Lines in which the header of an old mail names its sender, date and subject.
const MAX_HEADER: usize = 12;

/// What begins with the first of some lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Introduction {
    /// New text, as far as this line tells.
    None,
    /// This many lines that are old, or introduce old lines that are marked themselves.
    Old(usize),
    /// Old text, up to the end.
    OldFromHere,
}

/// Looks at the first line, and at the lines after it where it may be an introduction.
pub(super) fn read(lines: &[String]) -> Introduction {
    let Some(first) = lines.first() else { return Introduction::None };
    if first == CUT {
        return Introduction::OldFromHere;
    }
    if is_marked(first) {
        return Introduction::Old(1);
    }
    if phrases::is_separator(first) {
        return if follows_marked(lines, 1) == Some(true) { Introduction::Old(1) } else { Introduction::OldFromHere };
    }
    if is_mail_header(lines) {
        return Introduction::OldFromHere;
    }
    let Some((count, is_certain)) = attribution(lines) else { return Introduction::None };
    match follows_marked(lines, count) {
        Some(false) if is_certain => Introduction::OldFromHere,
        Some(false) => Introduction::None,
        Some(true) | None => Introduction::Old(count),
    }
}

fn is_marked(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// Whether the first line with text after some lines is marked as old; `None` when there is none.
fn follows_marked(lines: &[String], count: usize) -> Option<bool> {
    let next = lines.iter().skip(count).take(20).find(|line| !line.trim().is_empty())?;
    Some(is_marked(next) || next == CUT)
}

/// `From: ..`, then `Sent: ..` and `Subject: ..`, in any language that is known. All three, because
/// people write "From: .. To: .. Date: .." of payments.
fn is_mail_header(lines: &[String]) -> bool {
    let is = |line: &String, known: fn(&str) -> bool| labels::label(line).is_some_and(|label| known(&label));
    if !lines.first().is_some_and(|first| is(first, labels::is_from)) {
        return false;
    }
    let block = || lines.iter().skip(1).take(MAX_HEADER);
    block().any(|line| is(line, labels::is_date)) && block().any(|line| is(line, labels::is_subject))
}

/// "On .. wrote:" in one or more lines: how many, and whether it is one even when the lines after
/// it are not marked, since it names an address or a time.
fn attribution(lines: &[String]) -> Option<(usize, bool)> {
    let first = lines.first()?.trim();
    if !phrases::may_begin(first) {
        return None;
    }
    if phrases::says_wrote_within(first) {
        return Some((1, true));
    }
    for count in 1..=MAX_INTRODUCTION.min(lines.len()) {
        let pieces = lines.get(..count)?;
        let last = pieces.last()?.trim();
        if last.is_empty() || is_marked(last) || last == CUT {
            return None;
        }
        if !last.ends_with([':', '：']) {
            continue;
        }
        let text = joined(pieces)?;
        if phrases::says_wrote(&text) {
            // "On Monday I paid." above an introduction is no part of it.
            let is_shorter = (1..count).any(|from| {
                let rest = pieces.get(from..).unwrap_or_default();
                rest.first().is_some_and(|line| phrases::may_begin(line.trim()))
                    && joined(rest).is_some_and(|text| phrases::says_wrote(&text))
            });
            return (!is_shorter).then(|| (count, text.contains('@') || phrases::has_time(&text)));
        }
    }
    None
}

fn joined(lines: &[String]) -> Option<String> {
    let length: usize = lines.iter().map(String::len).sum();
    // In bytes, of which a character has four at most.
    if length > 4 * MAX_CHARACTERS && lines.len() > 1 {
        return None;
    }
    let text: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    Some(text.join(" ").chars().take(MAX_CHARACTERS).collect())
}
