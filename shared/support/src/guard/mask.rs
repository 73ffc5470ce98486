//! The case's own values in a text, and those of other cases.

use super::OnRecord;
use crate::redact::{self, Secret};
use crate::templates::{Slot, TemplateSet};

/// What replaces an own value: nothing that a rule looks for.
const MASK: &str = " \u{27e8}\u{27e9} ";

/// The text without the case's own references, which may be long numbers. A reference that is
/// itself a card number stays, so that the mail is refused.
pub(super) fn own_references(text: &str, record: &OnRecord<'_>) -> String {
    let provider = record.case.facts.provider.as_ref().and_then(|answer| answer.reference.as_deref());
    let references = [Some(record.refid), Some(record.trxid), Some(record.case_id), provider];
    let is_card = |reference: &&str| redact::secrets(reference).contains(&Secret::CardNumber);
    without(text, references.into_iter().flatten().filter(|reference| !is_card(reference)).collect())
}

/// The text without any value of the case: references, product, amount, and the date on record as
/// each language writes it.
pub(super) fn own_values(text: &str, record: &OnRecord<'_>, templates: &TemplateSet) -> String {
    let facts = &record.case.facts;
    let provider = facts.provider.as_ref().and_then(|answer| answer.reference.as_deref());
    let days: Vec<String> = facts
        .answer_by
        .iter()
        .flat_map(|day| templates.languages().filter_map(|language| templates.day(language, *day)))
        .collect();
    let values =
        [Some(record.refid), Some(record.trxid), Some(record.case_id), provider, record.product, record.amount];
    without(text, values.into_iter().flatten().chain(days.iter().map(String::as_str)).collect())
}

/// The text without the provider's evidence, as a mail quotes it.
pub(super) fn evidence(text: &str, record: &OnRecord<'_>) -> String {
    let evidence = record.case.facts.provider.as_ref().and_then(|answer| answer.evidence.as_deref());
    let quoted = evidence.map(|evidence| redact::one_line(evidence, Slot::Evidence.max()));
    without(text, quoted.iter().map(String::as_str).collect())
}

/// Replaces each value where it is a word of its own, the longest first.
fn without(text: &str, mut values: Vec<&str>) -> String {
    values.retain(|value| !value.trim().is_empty());
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    let mut masked = text.to_owned();
    for value in values {
        let mut rest = masked.as_str();
        let mut next = String::with_capacity(masked.len());
        while let Some((before, after)) = rest.split_once(value) {
            next.push_str(before);
            let stands_alone = is_end(next.chars().rev()) && is_end(after.chars());
            next.push_str(if stands_alone { MASK } else { value });
            rest = after;
        }
        next.push_str(rest);
        masked = next;
    }
    masked
}

/// Whether a value ends here: no letter or digit follows, nor a digit after a separator, as in the
/// groups of a card number.
fn is_end(mut letters: impl Iterator<Item = char>) -> bool {
    match letters.next() {
        None => true,
        Some(letter) if letter.is_alphanumeric() => false,
        Some(' ' | '-' | '.' | '/' | '_') => !letters.next().is_some_and(|letter| letter.is_ascii_digit()),
        Some(_) => true,
    }
}

/// Whether a reference can be told from a word or a number of a mail. Clients choose their own, and
/// one that is called `payment` or `7` is in every mail.
fn is_telling(reference: &str) -> bool {
    reference.chars().count() >= 4 && reference.contains(|letter: char| letter.is_ascii_digit())
}

/// Whether a text names a case, a transaction or a reference other than the case's own.
pub(super) fn names_other_case(text: &str, record: &OnRecord<'_>, templates: &TemplateSet) -> bool {
    let own = record.case_id.strip_prefix("RC-").unwrap_or(record.case_id);
    let visible = redact::one_line(text, usize::MAX);
    let names_case = ["RC-", "rc-", "Rc-", "rC-", "dispute_"].iter().any(|prefix| {
        let mut parts = visible.split(prefix);
        let mut before = parts.next();
        let mut found = false;
        for part in parts {
            let begins = before.is_none_or(|before| !before.ends_with(char::is_alphanumeric));
            let id: String = part.chars().take_while(char::is_ascii_alphanumeric).collect();
            found |= begins && id.len() == 8 && id != own;
            before = Some(part);
        }
        found
    });
    let masked = redact::one_line(&own_values(text, record, templates), usize::MAX);
    let names_reference = record.others.iter().filter(|other| is_telling(other)).any(|other| {
        let mut rest = masked.as_str();
        let mut before = String::new();
        while let Some((ahead, after)) = rest.split_once(other) {
            before.push_str(ahead);
            let begins = !before.ends_with(char::is_alphanumeric);
            if begins && !after.starts_with(char::is_alphanumeric) {
                return true;
            }
            before.push_str(other);
            rest = after;
        }
        false
    });
    names_case || names_reference
}
