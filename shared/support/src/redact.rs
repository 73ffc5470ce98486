//! What must not leave a case: card numbers, PINs, keys, phone numbers and addresses.
//!
//! [`secrets`] finds what no mail may carry. [`redacted`] takes out of a text, in addition, what
//! tells who somebody is, so that a model can read it.

use std::fmt;

use recourse_dispute::text;

/// What was found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Secret {
    /// 13 to 19 digits in one or more groups, the first from 2 to 6, whose check digit is right
    /// (Luhn).
    CardNumber,
    /// Four or more digits after the word PIN, or 12 and more digits in one run.
    Pin,
    /// A password, a private key or an API key.
    Key,
}

/// Card numbers have 13 to 19 digits (ISO/IEC 7812).
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 13..=19;
/// Voucher PINs have 12 digits and more (Recourse-specific).
const PIN_DIGITS: usize = 12;
/// Phone numbers have 7 to 15 digits (ITU-T E.164).
const PHONE_DIGITS: usize = 7;
/// After these words, digits are a PIN.
const PIN_WORDS: [&str; 7] = ["pin", "pins", "otp", "cvv", "cvc", "tac", "密码"];
/// How keys begin, and what comes before a password.
const KEY_MARKS: [&str; 10] = [
    "whsec_",
    "-----begin",
    "sk_live_",
    "sk_test_",
    "aws_secret",
    "akia",
    "password:",
    "password is",
    "kata laluan:",
    "kata laluan ialah",
];

/// After these words, a password may follow.
const PASSWORD_WORDS: [&str; 7] = ["password", "passwords", "passcode", "passphrase", "laluan", "sandi", "密码是"];
/// What may be between such a word and the password.
const PASSWORD_LINKS: [&str; 5] = ["", "is", "was", "ialah", "adalah"];

/// Whether a character has no shape of its own, turns the direction of a text or steers a terminal.
/// Line breaks, tabs and the variation selectors of emoji are such characters, too.
#[must_use]
pub fn is_invisible(letter: char) -> bool {
    text::is_invisible(letter) || text::is_ignorable(letter)
}

/// The text on one line of at most `max` characters, without what cannot be seen.
#[must_use]
pub fn one_line(text: &str, max: usize) -> String {
    let spaced = text.chars().map(|letter| if matches!(letter, '\n' | '\r' | '\t') { ' ' } else { letter });
    let visible: String = spaced.filter(|letter| !is_invisible(*letter)).collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    words.join(" ").chars().take(max).collect()
}

/// A run of digits with at most one separator between two of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    /// Where it begins and ends, in characters.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) digits: usize,
    is_card: bool,
}

impl fmt::Debug for Run {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Run({} digits)", self.digits)
    }
}

/// The value of a digit of any of the scripts that mails have: ASCII, full-width, Arabic.
fn digit(letter: char) -> Option<u32> {
    match letter {
        '0'..='9' => Some(u32::from(letter) - 0x30),
        '\u{ff10}'..='\u{ff19}' => Some(u32::from(letter) - 0xff10),
        '\u{660}'..='\u{669}' => Some(u32::from(letter) - 0x660),
        '\u{6f0}'..='\u{6f9}' => Some(u32::from(letter) - 0x6f0),
        _ => None,
    }
}

fn is_separator(letter: char) -> bool {
    matches!(letter, ' ' | '-' | '.' | '_' | '/' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\u{2010}'..='\u{2015}' | '\t')
        || is_invisible(letter) && letter != '\n'
}

/// Finds the runs of digits. Up to three separators may be between two digits.
pub(crate) fn runs(text: &[char]) -> Vec<Run> {
    let mut runs = Vec::new();
    let (mut digits, mut groups, mut start, mut end) = (Vec::new(), Vec::new(), 0, 0);
    for (at, letter) in text.iter().copied().chain(['\n']).enumerate() {
        if let Some(value) = digit(letter) {
            if digits.is_empty() {
                start = at;
            }
            if digits.is_empty() || at > end {
                groups.push(digits.len());
            }
            digits.push(value);
            end = at + 1;
        } else if !(digits.is_empty() || is_separator(letter) && at < end + 3) {
            runs.push(Run { start, end, digits: digits.len(), is_card: has_card(&digits, &groups) });
            digits.clear();
            groups.clear();
        }
    }
    runs
}

/// Whether neighbouring groups of a run are a card number. A longer number without separators is
/// none, though some of its digits may pass the check.
fn has_card(digits: &[u32], groups: &[usize]) -> bool {
    let ends: Vec<usize> = groups.iter().skip(1).copied().chain([digits.len()]).collect();
    groups.iter().enumerate().any(|(first, start)| {
        let near = ends.iter().skip(first).take_while(|end| *end - start <= *CARD_DIGITS.end());
        near.filter_map(|end| digits.get(*start..*end)).filter(|group| CARD_DIGITS.contains(&group.len())).any(is_card)
    })
}

/// Payment cards begin with 2 to 6 (ISO/IEC 7812, major industry identifiers).
fn is_card(digits: &[u32]) -> bool {
    digits.first().is_some_and(|first| (2..=6).contains(first)) && is_luhn(digits)
}

/// The check of card numbers (ISO/IEC 7812-1, annex B).
fn is_luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    sum.is_multiple_of(10)
}

fn follows_pin_word(text: &[char], start: usize) -> bool {
    let from = start.saturating_sub(16);
    let before: String = text.get(from..start).unwrap_or_default().iter().collect();
    let before = before.to_lowercase();
    let mut words = before.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.any(|word| PIN_WORDS.contains(&word)) || before.contains("密码")
}

/// What no mail may carry and this text has, each kind once.
#[must_use]
pub fn secrets(text: &str) -> Vec<Secret> {
    let letters: Vec<char> = text.chars().collect();
    let mut found = std::collections::BTreeSet::new();
    for run in runs(&letters) {
        if run.is_card {
            found.insert(Secret::CardNumber);
        }
        if run.digits >= PIN_DIGITS || (run.digits >= 4 && follows_pin_word(&letters, run.start)) {
            found.insert(Secret::Pin);
        }
    }
    let lower = one_line(text, usize::MAX).to_lowercase();
    // Much is written about passwords. One of letters alone cannot be told from such words.
    let has_digit = |word: &str| word.contains(|letter: char| letter.is_ascii_digit());
    let words: Vec<&str> = lower.split(' ').collect();
    let has_password = words.iter().zip(passwords(&words)).any(|(word, is_password)| is_password && has_digit(word));
    if has_password || KEY_MARKS.iter().any(|mark| lower.contains(mark)) {
        found.insert(Secret::Key);
    }
    found.into_iter().collect()
}

/// The text on one line without addresses, long numbers, PINs and links, each replaced by a mark in
/// brackets, and cut to `max` characters. Days stay, as they tell when something happened. `names`
/// are the words that tell who the customer is.
#[must_use]
pub fn redacted(text: &str, names: &[&str], max: usize) -> String {
    // A limit before the work: what is cut off later need not be looked at.
    let line = one_line(text, max.saturating_mul(2));
    // Cards first, as one may be half in a word; numbers last, as one may be half of a code.
    let line = replaced(&line, |run, _| run.is_card.then_some("[card number]"));
    let words: Vec<&str> = line.split(' ').collect();
    let parts = words.chunk_by(|left, right| !is_day(left) && !is_day(right)).map(|part| match part {
        [day] if is_day(day) => (*day).to_owned(),
        part => without_numbers(part, names),
    });
    parts.collect::<Vec<String>>().join(" ").chars().take(max).collect()
}

fn without_numbers(words: &[&str], names: &[&str]) -> String {
    let is_password = passwords(words);
    let shown = words.iter().zip(is_password).map(|(word, is_password)| match is_password {
        true => "[key]",
        false => marked(word, names),
    });
    let words: Vec<&str> = shown.collect();
    replaced(&words.join(" "), |run, letters| match run.digits {
        digits if digits >= 4 && follows_pin_word(letters, run.start) => Some("[pin]"),
        digits if digits >= PHONE_DIGITS => Some("[number]"),
        _ => None,
    })
}

/// Which words may be passwords: what follows `password`, `password is` or `password=`.
fn passwords(words: &[&str]) -> Vec<bool> {
    let mut follows = false;
    let is_password = |word: &&str| {
        let lower = word.to_lowercase();
        let (name, value) = lower.split_once([':', '=']).unwrap_or((&lower, ""));
        let bare = |text: &str| text.trim_matches(|letter: char| !letter.is_alphanumeric()).to_owned();
        if PASSWORD_WORDS.contains(&bare(name).as_str()) {
            follows = bare(value).is_empty();
            return !follows;
        }
        let is_it = follows && !PASSWORD_LINKS.contains(&bare(&lower).as_str());
        follows = follows && !is_it;
        is_it
    };
    words.iter().map(is_password).collect()
}

/// Whether a word is a day, with its time if there is one: `2026-11-29`, `29/11/2026`,
/// `2026-11-29T10:02:33Z`.
fn is_day(word: &str) -> bool {
    let word = word.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
    let (day, time) = word.split_once('T').unwrap_or((word, "00:00"));
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    let is = |part: &str, lengths: std::ops::RangeInclusive<usize>, values: std::ops::RangeInclusive<u32>| {
        lengths.contains(&part.len()) && part.parse().is_ok_and(|value| values.contains(&value))
    };
    let is_year = |part: &str| is(part, 4..=4, 1970..=2099);
    let is_in_year = |one: &str, two: &str| {
        is(one, 1..=2, 1..=31) && is(two, 1..=2, 1..=31) && (is(one, 1..=2, 1..=12) || is(two, 1..=2, 1..=12))
    };
    let is_date = match parts.as_slice() {
        [year, month, day] if is_year(year) => is_in_year(month, day),
        [day, month, year] => is_year(year) && is_in_year(day, month),
        _ => false,
    };
    let groups: Vec<&str> = time.trim_end_matches('Z').split([':', '.', '+', '-']).collect();
    let is_time = (2..=6).contains(&groups.len())
        && groups.iter().all(|group| (2..=3).contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_digit()));
    is_date && is_time
}

/// The text with marks in place of some of its runs of digits.
fn replaced(text: &str, mark: impl Fn(&Run, &[char]) -> Option<&'static str>) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut replaced = String::with_capacity(text.len());
    let mut from = 0;
    for run in runs(&letters) {
        if let Some(mark) = mark(&run, &letters) {
            replaced.extend(letters.get(from..run.start).unwrap_or_default());
            replaced.push_str(mark);
            from = run.end;
        }
    }
    replaced.extend(letters.get(from..).unwrap_or_default());
    replaced
}

fn marked<'a>(word: &'a str, names: &[&str]) -> &'a str {
    let lower = word.to_lowercase();
    let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric());
    if word.contains(['@', '＠']) {
        "[address]"
    } else if lower.contains("://") || lower.contains("www.") {
        "[link]"
    } else if KEY_MARKS.iter().any(|mark| lower.contains(mark)) {
        "[key]"
    } else if is_code(bare) {
        "[code]"
    } else if names.iter().any(|name| name.split_whitespace().any(|part| part.to_lowercase() == bare.to_lowercase())) {
        "[name]"
    } else {
        word
    }
}

/// Whether a word looks like the code of a voucher: eight or more letters and digits mixed, or
/// several groups of capitals.
fn is_code(word: &str) -> bool {
    let signs = word.chars().filter(|letter| letter.is_ascii_alphanumeric()).count();
    let has = |wanted: fn(&char) -> bool| word.chars().any(|letter| wanted(&letter));
    let is_plain = word.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    let is_mixed = has(char::is_ascii_digit) && has(char::is_ascii_alphabetic);
    is_plain && signs >= 8 && (is_mixed || (word.matches('-').count() >= 2 && !has(char::is_ascii_lowercase)))
}

#[cfg(test)]
mod tests;
