//! What a customer's new text says, as far as fixed rules can tell.
//!
//! The reader knows phrases of English and Malay, and a few of Chinese and Yoruba. It is
//! conservative: a text with two meanings, a question, a condition or a negation that it does not
//! know is [`Intent::Unclear`], which a model or a person reads. Only [`Intent::WorksNow`] closes a
//! case, so a text is read so only where each of its clauses allows it.
//!
//! The caller gives the new text alone, without what the mail quotes.

mod lists;
mod text;

use crate::event::Intent;
use crate::redact::runs;
use lists::List;
use text::{Clause, clauses, phrase, uncovered};

/// A longer text says more than one of these things.
const MAX_CHARACTERS: usize = 1_500;
/// "It works now, thank you" and its like are short.
const MAX_WORDS: usize = 40;
/// Thanks are shorter still.
const MAX_THANKS: usize = 12;
/// A name, or a salutation with one.
const MAX_NAME: usize = 4;
/// Account numbers have 5 to 24 digits (Recourse-specific).
const ACCOUNT_DIGITS: std::ops::RangeInclusive<usize> = 5..=24;
/// Phones and meters have 7 to 15 digits (ITU-T E.164; STS meters have 11 or 13).
const TOPUP_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What the text says.
    pub intent: Intent,
    /// Whether it has a number that can be an account number.
    pub has_account_number: bool,
    /// Whether it has a number that can be a phone's or a meter's.
    pub has_topup_number: bool,
}

/// Reads a customer's new text.
#[must_use]
pub fn read(text: &str) -> Reading {
    let letters: Vec<char> = text.chars().take(MAX_CHARACTERS).collect();
    let digits: Vec<usize> = runs(&letters).iter().map(|run| run.digits).collect();
    Reading {
        intent: intent(text),
        has_account_number: digits.iter().any(|count| ACCOUNT_DIGITS.contains(count)),
        has_topup_number: digits.iter().any(|count| TOPUP_DIGITS.contains(count)),
    }
}

/// What one clause says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Works,
    Objection,
    Thanks,
    /// A greeting, a name, a word without weight.
    Filler,
    Other,
}

fn intent(text: &str) -> Intent {
    if text.chars().count() > MAX_CHARACTERS {
        return Intent::Unclear;
    }
    let clauses = clauses(text);
    if clauses.is_empty() {
        // A mail of nothing but pictures or signs says nothing that could be read.
        return if text.trim().is_empty() { Intent::Nothing } else { Intent::Unclear };
    }
    let words: usize = clauses.iter().map(|clause| clause.words.len()).sum();
    let mut said: Vec<Meaning> = clauses.iter().map(meaning).collect();
    pass_over_names(&clauses, &mut said);
    let has = |wanted: Meaning| said.contains(&wanted);
    if has(Meaning::Objection) {
        return if has(Meaning::Works) { Intent::Unclear } else { Intent::Objection };
    }
    if has(Meaning::Other) || words > MAX_WORDS {
        Intent::Unclear
    } else if has(Meaning::Works) {
        Intent::WorksNow
    } else if has(Meaning::Thanks) && words <= MAX_THANKS {
        Intent::Thanks
    } else {
        Intent::Unclear
    }
}

/// Salutations, names below a closing and what phones write below a mail say nothing.
fn pass_over_names(clauses: &[Clause], said: &mut [Meaning]) {
    let is_short = |clause: &Clause, max: usize| {
        let negated = clause.words.iter().any(|word| lists::NEGATIONS.has(word));
        let doubtful = has_any(clause, lists::CONDITIONS) || has_any(clause, lists::DOUBTS) || clause.is_question;
        clause.words.len() <= max && !negated && !doubtful
    };
    let mut closed = false;
    for (at, (clause, said)) in clauses.iter().zip(said.iter_mut()).enumerate() {
        let greets = at == 0 && clause.words.first().is_some_and(|word| lists::GREETINGS.has(word));
        let is_name = closed && at + 1 == clauses.len() && is_short(clause, MAX_NAME);
        let is_footer = lists::FOOTERS.iter().any(|footer| clause.text.starts_with(footer)) && is_short(clause, 7);
        if *said == Meaning::Other && ((greets && is_short(clause, MAX_NAME)) || is_name || is_footer) {
            *said = Meaning::Filler;
        }
        closed = closed || has_any(clause, lists::CLOSINGS);
    }
}

fn meaning(clause: &Clause) -> Meaning {
    let doubtful = clause.is_question || has_any(clause, lists::CONDITIONS);
    let negations = clause.words.iter().filter(|word| lists::NEGATIONS.has(word)).count()
        + lists::NEGATIONS_CJK.iter().filter(|sign| clause.text.contains(*sign)).count();
    if has_any(clause, lists::OBJECTIONS) {
        // Two negations are as good as none, or not: a person reads that.
        return if doubtful || negations > 2 || has_any(clause, lists::TURNS) {
            Meaning::Other
        } else {
            Meaning::Objection
        };
    }
    if has_any(clause, lists::WORKS) {
        let is_denied = doubtful || negations > 0 || has_any(clause, lists::DOUBTS);
        // Besides the phrase, only words that cannot change what it says.
        let is_plain = uncovered(clause, lists::WORKS).iter().all(|word| is_harmless(word));
        return if is_plain && !is_denied { Meaning::Works } else { Meaning::Other };
    }
    if doubtful || negations > 0 || has_any(clause, lists::DOUBTS) {
        return Meaning::Other;
    }
    if has_any(clause, lists::THANKS) && clause.words.len() <= MAX_THANKS {
        return if only(clause, lists::THANKS_WORDS) { Meaning::Thanks } else { Meaning::Other };
    }
    if only(clause, lists::FILLERS) { Meaning::Filler } else { Meaning::Other }
}

fn has_any(clause: &Clause, phrases: List) -> bool {
    phrases.iter().any(|wanted| phrase(clause, wanted))
}

fn is_harmless(word: &str) -> bool {
    let known = [lists::WORKS_WORDS, lists::THANKS_WORDS, lists::FILLERS];
    known.iter().any(|words| words.has(word)) || lists::harmless_cjk(word)
}

fn only(clause: &Clause, words: List) -> bool {
    clause.words.iter().all(|word| words.has(word) || lists::FILLERS.has(word))
}

#[cfg(test)]
mod tests;
