//! The mails: what Recourse writes, as text and as HTML.
//!
//! Two askama templates arrange the same words, so text and HTML always say the same. A mail has a
//! heading with the news, what happened and who did it, the facts of the case, and what its reader
//! can do. The sentences are fixed. They follow from the event that the mail is about, so each
//! claims only what the dispute's history holds. The facts are those that all readers of the mail
//! may read; `recourse-dispute` leaves the others out of the notification. The HTML escapes them
//! and loads nothing from anywhere.

mod channel_words;
mod choices;
mod facts;
mod lead;
mod names;
mod next;
mod support;
mod title;

use askama::Template;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::notification::{Audience, EmailTemplate, Notification};

use crate::Branding;
use channel_words::{IS_PARTY, OPENED_IT, words};
use facts::facts;
use lead::lead;
use names::is_accounts_alone;
use next::{heading, steps};
use title::title;

/// The subject of a mail, without the case id that goes before it.
#[must_use]
pub fn subject(notification: &Notification) -> String {
    title(notification)
}

/// The words of a mail without its facts and its brand, a paragraph each: what the case's record
/// shows of it.
#[must_use]
pub fn paragraphs(notification: &Notification) -> Vec<String> {
    match &notification.support {
        Some(mail) => mail.paragraphs.clone(),
        None => std::iter::once(lead(notification)).chain(steps(notification)).collect(),
    }
}

/// The body of a mail, written twice.
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
    said: &'a MailContent<'a>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    said: &'a MailContent<'a>,
}

/// All that a mail says.
struct MailContent<'a> {
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
    /// Why the reader gets the mail, up to the brand's name and after it.
    because: (&'static str, &'static str),
}

impl EmailBody {
    /// Writes the body of a notification's mail.
    ///
    /// # Errors
    /// What askama reports when a template cannot be filled in. No value of a notification causes
    /// it.
    pub fn write(notification: &Notification, branding: &Branding) -> Result<Self, askama::Error> {
        if let Some(mail) = &notification.support {
            return support::write(notification, mail, branding, None);
        }
        let said = MailContent {
            brand: branding.name(),
            support: branding.support_address().as_str(),
            case: notification.number.case_id(),
            title: title(notification),
            lead: lead(notification),
            facts: facts(notification),
            then: heading(notification.template),
            steps: steps(notification),
            because: because(notification),
        };
        Ok(Self { text: Text { said: &said }.render()?, html: Html { said: &said }.render()? })
    }
}

impl EmailBody {
    /// As [`Self::write`], where answers come to `reply_to`. A mail of the support process has its
    /// button then.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn answerable(
        notification: &Notification,
        branding: &Branding,
        reply_to: &MailAddress,
    ) -> Result<Self, askama::Error> {
        match &notification.support {
            Some(mail) => support::write(notification, mail, branding, Some(reply_to)),
            None => Self::write(notification, branding),
        }
    }
}

/// Why the reader gets the mail: the words before the brand's name and those after it.
fn because(notification: &Notification) -> (&'static str, &'static str) {
    let channel = notification.cause.channel;
    match (notification.template, notification.audience) {
        (EmailTemplate::Undeliverable, _) => OPENED_IT,
        // Nobody was named, so the account alone reads the mail.
        (_, Audience::Case) if is_accounts_alone(notification) && !channel.policy().case_reads_as_party => OPENED_IT,
        (_, Audience::Case) => words(channel).because,
        (_, Audience::Parties) => IS_PARTY,
    }
}

#[cfg(test)]
mod tests;
