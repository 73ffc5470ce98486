//! What a text claims: money, amounts, results, promises, days.

use super::{OnRecord, Violation, mask};
use crate::redact;
use crate::templates::{Claims, TemplateSet};

/// Signs of currencies.
const SIGNS: &str = "$€£¥₦₹฿₱₫₩₵";
/// Codes of currencies before or after an amount.
const CODES: [&str; 12] = ["rm", "myr", "ngn", "usd", "eur", "gbp", "sgd", "idr", "ghs", "kes", "naira", "ringgit"];

/// Every claim of a text, apart from the case's own values.
pub(super) fn found(text: &str, record: &OnRecord<'_>, templates: &TemplateSet) -> Vec<Violation> {
    let masked_line =
        |text: &str| redact::one_line(&mask::own_values(text, record, templates), usize::MAX).to_lowercase();
    let masked = masked_line(text);
    let words = words_of(&masked);
    let mut found = Vec::new();
    for claims in templates.claims() {
        for (violation, phrases) in [
            (Violation::Money, &claims.money),
            (Violation::Result, &claims.result),
            (Violation::Promise, &claims.promise),
            (Violation::Date, &claims.times),
        ] {
            if phrases.iter().any(|phrase| has(&words, &masked, phrase)) {
                found.push(violation);
            }
        }
        if has_duration(&words, claims) {
            found.push(Violation::Date);
        }
    }
    if has_amount(&masked, &words) {
        found.push(Violation::Amount);
    }
    // The provider says when it delivered, and that is on record. A span of time is none of this.
    if has_date(&masked_line(&mask::evidence(text, record)), templates) {
        found.push(Violation::Date);
    }
    found
}

fn words_of(text: &str) -> Vec<&str> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

/// Whether a phrase is in a text, word by word. Phrases in scripts without spaces are looked for
/// anywhere.
fn has(words: &[&str], text: &str, phrase: &str) -> bool {
    if phrase.chars().any(|letter| ('\u{3040}'..='\u{9fff}').contains(&letter)) {
        return text.contains(phrase);
    }
    let wanted: Vec<&str> = phrase.split(' ').collect();
    words.windows(wanted.len()).any(|words| words.iter().zip(&wanted).all(|(word, wanted)| is_word(word, wanted)))
}

fn is_word(word: &str, wanted: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(stem) => word.starts_with(stem),
        None => word == wanted,
    }
}

fn is_number(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_digit())
}

/// `24 hours`, `three days`, `dalam 3 hari`.
fn has_duration(words: &[&str], claims: &Claims) -> bool {
    let is_count = |word: &str| is_number(word) || claims.numbers.iter().any(|number| is_word(word, number));
    let is_unit = |word: &str| claims.units.iter().any(|unit| is_word(word, unit));
    let follows = words.windows(2).any(|pair| matches!(pair, [count, unit] if is_count(count) && is_unit(unit)));
    // `24h`, `2days`
    let joined = words.iter().any(|word| {
        let unit = word.trim_start_matches(|letter: char| letter.is_ascii_digit());
        unit.len() < word.len() && !unit.is_empty() && (is_unit(unit) || ["h", "hr", "hrs", "d"].contains(&unit))
    });
    follows || joined
}

/// `12.50`, `$5`, `RM 20`.
fn has_amount(text: &str, words: &[&str]) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let is_digit = |letter: &char| letter.is_ascii_digit();
    let decimals = letters.windows(4).enumerate().any(|(at, part)| match part {
        [before, '.' | ',', first, second] => {
            let more = match (letters.get(at + 4), letters.get(at + 5)) {
                (Some('.'), Some(after)) => is_digit(after),
                (Some(after), _) => is_digit(after),
                (None, _) => false,
            };
            is_digit(before) && is_digit(first) && is_digit(second) && !more
        }
        _ => false,
    });
    let thousands = letters.windows(5).any(|part| match part {
        [before, ',', rest @ ..] => is_digit(before) && rest.iter().all(is_digit),
        _ => false,
    });
    let sign = letters.iter().any(|letter| SIGNS.contains(*letter));
    let is_code = |word: &str| CODES.contains(&word);
    let code = words.windows(2).any(|pair| match pair {
        [left, right] => (is_code(left) && is_number(right)) || (is_number(left) && is_code(right)),
        _ => false,
    });
    let joined = words.iter().any(|word| {
        let code = word.trim_matches(|letter: char| letter.is_ascii_digit());
        code.len() < word.len() && is_code(code)
    });
    decimals || thousands || sign || code || joined
}

/// `1 December`, `2026-12-01`, `1/12`, `5 pm`, `14:30`.
fn has_date(text: &str, templates: &TemplateSet) -> bool {
    let words = words_of(text);
    let months: Vec<String> = templates.months().map(str::to_lowercase).collect();
    let is_month = |word: &str| {
        months.iter().any(|month| {
            let short: String = month.chars().take(3).collect();
            word == month || word == short
        })
    };
    let named = words.windows(2).any(|pair| match pair {
        [left, right] => (is_number(left) && is_month(right)) || (is_month(left) && is_number(right)),
        _ => false,
    });
    let clock = words.windows(2).any(|pair| matches!(pair, [hour, "am" | "pm" | "pagi" | "petang"] if is_number(hour)));
    let numeric = text.split_whitespace().any(|token| {
        let token = token.trim_matches(|letter: char| !letter.is_ascii_digit());
        let all = |separator: char, counts: std::ops::RangeInclusive<usize>| {
            let parts: Vec<&str> = token.split(separator).collect();
            let is_part = |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
            counts.contains(&parts.len()) && parts.iter().all(is_part)
        };
        all('/', 2..=3) || all('-', 3..=3) || all('.', 3..=3) || all(':', 2..=3)
    });
    named || clock || numeric
}
