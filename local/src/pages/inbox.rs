//! The inbox: the mails as a list, one by one, and as JSON.

use std::sync::Arc;

use askama::Template;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::ses::{AcceptedMail, ReceivedMail};

#[derive(Template)]
#[template(path = "inbox.html")]
pub(super) struct Inbox<'a> {
    url: &'a str,
    /// How many there are.
    count: usize,
    /// How many older ones there were.
    dropped: u64,
    /// The newest ones.
    mails: Vec<Row>,
    /// Those that were sent while the demo's cases were made, apart.
    of_demo: Vec<Row>,
    /// The newest ones that came in.
    received: Vec<Answer>,
}

/// The most mails of the list. A page of thousands is slow, and it is refreshed all the time.
const SHOWN: usize = 500;
/// The most of the mails that came in.
const SHOWN_RECEIVED: usize = 20;

/// A mail that came in.
struct Answer {
    at: String,
    from: String,
    subject: String,
    object: String,
}

fn answer(mail: &ReceivedMail) -> Answer {
    let from = if mail.from.is_empty() { "<>".to_owned() } else { mail.from.clone() };
    Answer { at: time_of(mail.at), from, subject: mail.subject.clone(), object: mail.object.clone() }
}

struct Row {
    id: String,
    at: String,
    to: String,
    cc: String,
    subject: String,
    fates: Vec<Fate>,
}

/// What became of a mail at an address of the mailbox simulator.
struct Fate {
    address: String,
    word: String,
    /// `good`, `bad` or `warn`, as the style has it.
    look: &'static str,
}

fn fates(mail: &AcceptedMail) -> Vec<Fate> {
    let look = |word: &str| match word {
        "delivered" => "good",
        "answered automatically" => "warn",
        _ => "bad",
    };
    let fate =
        |(address, word): &(String, String)| Fate { address: address.clone(), word: word.clone(), look: look(word) };
    mail.simulated.iter().map(fate).collect()
}

impl<'a> Inbox<'a> {
    /// The lists of `mails`, before which `dropped` older ones were, and of those that came in.
    /// Both come newest last.
    pub(super) fn new(url: &'a str, mails: &[Arc<AcceptedMail>], dropped: u64, received: &[ReceivedMail]) -> Inbox<'a> {
        let row = |mail: &Arc<AcceptedMail>| Row {
            id: mail.message_id.clone(),
            at: time_of(mail.at),
            to: mail.to.join(", "),
            cc: mail.cc.join(", "),
            subject: mail.subject.clone(),
            fates: fates(mail),
        };
        let (of_demo, own): (Vec<_>, Vec<_>) = mails.iter().rev().partition(|mail| mail.of_demo);
        Inbox {
            url,
            count: own.len(),
            dropped,
            mails: own.into_iter().take(SHOWN).map(row).collect(),
            of_demo: of_demo.into_iter().take(SHOWN).map(row).collect(),
            received: received.iter().rev().take(SHOWN_RECEIVED).map(answer).collect(),
        }
    }

    fn place(&self) -> &'static str {
        "/inbox"
    }
}

#[derive(Template)]
#[template(path = "mail.html")]
pub(super) struct MailPage<'a> {
    id: &'a str,
    subject: &'a str,
    /// Who can answer it: its readers, Bcc left out.
    readers: Vec<&'a str>,
    /// Where answers go.
    answers_to: String,
    /// The answers that came in, oldest first.
    answers: Vec<Answer>,
    envelope: Vec<(&'static str, String)>,
    fates: Vec<Fate>,
    html: Option<&'a str>,
    text: Option<&'a str>,
    headers: Vec<(String, String)>,
}

impl<'a> MailPage<'a> {
    /// The page of a mail, with its answers among the mails that came in.
    pub(super) fn new(mail: &'a AcceptedMail, received: &[ReceivedMail]) -> MailPage<'a> {
        let tags: Vec<String> = mail.tags.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let envelope = [
            ("From", mail.from.clone()),
            ("To", mail.to.join(", ")),
            ("Cc", mail.cc.join(", ")),
            ("Bcc", mail.bcc.join(", ")),
            ("Reply-To", mail.reply_to.join(", ")),
            ("Accepted", time_of(mail.at)),
            ("Tags", tags.join(", ")),
            (
                "Delivery events",
                mail.configuration_set
                    .clone()
                    .map(|set| format!("go to the event bus (configuration set {set})"))
                    .unwrap_or_default(),
            ),
        ];
        let is_answer = |answer: &&ReceivedMail| {
            answer.in_reply_to.as_deref().and_then(|id| id.split('@').next()) == Some(mail.message_id.as_str())
        };
        MailPage {
            id: &mail.message_id,
            subject: &mail.subject,
            readers: mail.to.iter().chain(&mail.cc).map(String::as_str).collect(),
            answers_to: if mail.reply_to.is_empty() { mail.from.clone() } else { mail.reply_to.join(", ") },
            answers: received.iter().filter(is_answer).map(answer).collect(),
            envelope: envelope.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
            fates: fates(mail),
            html: mail.html.as_deref(),
            text: mail.text.as_deref(),
            headers: mail.wire_headers(),
        }
    }

    fn place(&self) -> &'static str {
        "/inbox"
    }
}

/// The mails as an array, newest last; `headers` are those on the wire.
pub(super) fn as_json(mails: &[Arc<AcceptedMail>]) -> Value {
    let object = |pairs: Vec<(String, String)>| {
        pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect::<Map<_, _>>()
    };
    let mail = |mail: &Arc<AcceptedMail>| {
        json!({
            "id": mail.message_id, "at": time_of(mail.at),
            "from": mail.from, "to": mail.to, "cc": mail.cc, "bcc": mail.bcc, "reply_to": mail.reply_to,
            "subject": mail.subject, "text": mail.text, "html": mail.html,
            "headers": object(mail.wire_headers()), "tags": object(mail.tags.clone()),
            "simulated": object(mail.simulated.clone()),
        })
    };
    mails.iter().map(mail).collect()
}

/// A time of SES's, to the second.
pub(super) fn time_of(at: u64) -> String {
    let seconds = i64::try_from(at / 1_000).unwrap_or_default();
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|at| at.format(format).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_how_many_older_mails_there_were() {
        let mail = json!({
            "message_id": "0100-1", "at": 1, "from": "a@example.com", "to": ["b@example.com"], "cc": [], "bcc": [],
            "reply_to": [], "subject": "s", "text": null, "html": null, "headers": [], "tags": [],
        });
        let mail: Arc<AcceptedMail> = Arc::new(serde_json::from_value(mail).unwrap());
        let page = |dropped| Inbox::new("http://127.0.0.1:1", &[Arc::clone(&mail)], dropped, &[]).render().unwrap();
        assert!(page(0).contains("1 mail, newest first."));
        assert!(page(1).contains("1 mail, newest first; 1 older one is not stored any more."));
        assert!(page(7).contains("1 mail, newest first; 7 older ones are not stored any more."));
    }
}
