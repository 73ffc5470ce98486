//! The letters: what we write, as text and as HTML.
//!
//! Both are made from the same words by two templates that only arrange them, so they cannot say different things. The words are fixed; of
//! a case a letter shows the number, the refid, the product and the amounts; to banks the log code and not the refid, which is the account's own. The HTML escapes them and loads nothing from anywhere.

mod lead;
mod words;

use askama::Template;
use recourse_dispute::lifecycle::Side;
use recourse_dispute::notice::{Letter, Notice, Stand};

use crate::Branding;
use lead::lead;
use words::{Words, title, words};

/// The fixed subject of a letter, without the case id that goes before it.
#[must_use]
pub fn subject(letter: Letter) -> &'static str {
    title(letter)
}

/// A letter, written twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letters {
    /// The text.
    pub text: String,
    /// The HTML, with the same words.
    pub html: String,
}

#[derive(Template)]
#[template(path = "letter.txt")]
struct Text<'a> {
    said: &'a Said<'a>,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    said: &'a Said<'a>,
}

/// All that a letter says.
struct Said<'a> {
    brand: &'a str,
    support: &'a str,
    case: String,
    words: Words,
    /// What happened, and who did it.
    lead: String,
    facts: Vec<(&'static str, String)>,
    /// Whether the reader is a bank or a merchant, who is written to as a party.
    party: bool,
}

impl Letters {
    /// Writes the letter of a notice.
    ///
    /// # Errors
    /// What askama reports when a template cannot be filled in; no value a notice can hold makes it.
    pub fn write(notice: &Notice, branding: &Branding) -> Result<Self, askama::Error> {
        let case = notice.number.case_id();
        let mut facts = vec![("Case", case.clone())];
        let log_code = notice.stand.as_ref().and_then(|stand| stand.log_code.clone());
        let refid = log_code.is_none().then(|| notice.refid.to_string());
        facts.extend(log_code.map(|log_code| ("Log code", log_code)));
        facts.extend(notice.product.clone().filter(|text| !text.trim().is_empty()).map(|product| ("Product", product)));
        facts.extend(amounts(notice));
        facts.extend(refid.map(|refid| ("Reference", refid)));
        facts.extend(notice.stand.iter().flat_map(stands));
        facts.extend(notice.undelivered.as_ref().map(|address| ("Address", address.as_str().to_owned())));
        let said = Said {
            brand: branding.name(),
            support: branding.support_address().as_str(),
            case,
            words: words(notice),
            lead: lead(notice),
            facts,
            party: notice.stand.is_some(),
        };
        Ok(Self { text: Text { said: &said }.render()?, html: Html { said: &said }.render()? })
    }
}

/// What was paid and what of it is disputed: one amount where that is the same, except to parties, for whom the difference is money.
fn amounts(notice: &Notice) -> Vec<(&'static str, String)> {
    match notice.disputed {
        Some(disputed) if notice.stand.is_some() || disputed != notice.amount => {
            vec![("Paid", notice.amount.grouped()), ("Disputed", disputed.grouped())]
        }
        Some(_) | None => vec![("Amount", notice.amount.grouped())],
    }
}

/// Where a dispute stands, for its parties; a time is told in full, with its zone.
fn stands(stand: &Stand) -> Vec<(&'static str, String)> {
    let turn = stand.turn.map(|side| match side {
        Side::Opener => "the one who opened it",
        Side::Claimant => "the issuer",
        Side::Respondent => "the acquirer or the merchant",
        Side::Desk => "our dispute team",
    });
    let mut facts = vec![("Category", stand.category.name().to_owned())];
    facts.extend(stand.transaction.clone().map(|transaction| ("Transaction", transaction)));
    facts.extend(stand.status.clone().map(|status| ("Status", status)));
    facts.extend(turn.map(|turn| ("Turn", turn.to_owned())));
    facts.extend(stand.ends_at.map(|at| ("Ends at", at.in_words())));
    facts
}

#[cfg(test)]
mod tests;
