//! The letters: what we write, as text and as HTML.
//!
//! Two templates arrange the same words, so text and HTML cannot say different things. A letter has
//! a heading that says the news, what happened and who did it, the facts of the case, and what its
//! reader can do. The sentences are fixed. They are made of the event that the letter tells of, so
//! none of them claims what the dispute's history does not hold. The facts are those that all of the
//! letter's readers may read; `recourse-dispute` leaves the others out of the notice. The HTML
//! escapes them and loads nothing from anywhere.

mod facts;
mod lead;
mod names;
mod next;
mod title;

use askama::Template;
use recourse_dispute::notification::{EmailTemplate, Notification};

use crate::Branding;
use facts::facts;
use lead::lead;
use next::{heading, steps};
use title::title;

/// The subject of a notice's mail, without the case id that goes before it.
#[must_use]
pub fn subject(notification: &Notification) -> String {
    title(notification)
}

/// A letter, written twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailBody {
    /// The text.
    pub text: String,
    /// The HTML, with the same words.
    pub html: String,
}

#[derive(Template)]
#[template(path = "mail.txt")]
struct Text<'a> {
    said: &'a Said<'a>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    said: &'a Said<'a>,
}

/// All that a letter says.
struct Said<'a> {
    brand: &'a str,
    support: &'a str,
    case: String,
    title: String,
    /// What happened, and who did it.
    lead: String,
    facts: Vec<(&'static str, String)>,
    /// The heading over the steps.
    then: &'static str,
    /// What follows, one sentence or two each. The last one says what a reply does.
    steps: Vec<String>,
    /// Why the reader gets the letter, up to the brand's name and after it.
    because: (&'static str, &'static str),
}

impl EmailBody {
    /// Writes the letter of a notice.
    ///
    /// # Errors
    /// What askama reports when a template cannot be filled in; no value a notice can hold makes it.
    pub fn write(notification: &Notification, branding: &Branding) -> Result<Self, askama::Error> {
        let said = Said {
            brand: branding.name(),
            support: branding.support_address().as_str(),
            case: notification.number.case_id(),
            title: title(notification),
            lead: lead(notification),
            facts: facts(notification),
            then: heading(notification.template),
            steps: steps(notification),
            because: because(notification.template),
        };
        Ok(Self { text: Text { said: &said }.render()?, html: Html { said: &said }.render()? })
    }
}

/// Why the reader gets the letter: the words before the brand's name and those after it.
fn because(template: EmailTemplate) -> (&'static str, &'static str) {
    if template.is_for_parties() {
        (
            "You get this mail because your organisation is a party to this payment, and this is the address that",
            "has for it.",
        )
    } else if template == EmailTemplate::Undeliverable {
        ("You get this mail because your account opened the case, and this is the address that", "has for it.")
    } else {
        (
            "You get this mail because a problem with this payment was reported to",
            "and your address was given for the case.",
        )
    }
}

#[cfg(test)]
mod tests;
