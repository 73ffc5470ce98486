//! `recourse outbox list`.

use clap::Args;
use recourse_dispute::notification::EmailTemplate;
use recourse_dispute::time::UnixMillis;
use recourse_store::{MailState, OutboxMail, Store, StoreError};
use serde::Serialize;

use super::{MAX_MAILS, Unsent};
use crate::busy::Busy;
use crate::ending::{Ending, Failure};
use crate::output::{Format, note, say, say_json, utc, visible};
use recourse_operations::labels;

const EXAMPLES: &str = "\
Examples:
  recourse outbox list
  recourse outbox list --state dead --json

A mail that this release cannot read is named on stderr, and the exit code is 1.";

/// List mails that were not sent, the oldest first
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    /// Only the mails of this state
    #[arg(long, value_name = "STATE")]
    state: Option<Unsent>,
    #[command(flatten)]
    format: Format,
}

/// A mail for a program. Times are ISO 8601.
#[derive(Serialize)]
struct MailJson<'a> {
    outbox_id: String,
    dispute: String,
    account: &'a str,
    mail: EmailTemplate,
    mail_state: MailState,
    enqueued_at: String,
    changed_at: String,
    attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    redriven: usize,
}

impl List {
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let (mut mails, mut unread) = (Vec::new(), 0);
        for state in self.state.map_or(vec![Unsent::Waiting, Unsent::Held, Unsent::Dead], |state| vec![state]) {
            let (found, lost) = found(store, state).await?;
            mails.extend(found);
            unread += lost;
        }
        mails.sort_by_key(|mail| (mail.enqueued_at, mail.id.number, mail.id.version));
        if self.format.is_json() {
            say_json(&mails.iter().map(to_json).collect::<Vec<_>>())?;
        } else if mails.is_empty() && unread == 0 {
            say("no mail waits, is held back or was given up")?;
        } else if !mails.is_empty() {
            say(&mails.iter().map(line).collect::<Vec<_>>().join("\n"))?;
        }
        Ok(if unread == 0 { Ending::Done } else { Ending::No })
    }
}

/// The mails of a state, as they are stored, because the index may be late; and how many of them
/// this release cannot read. Each of those is named on stderr.
pub(super) async fn found(store: &Store, unsent: Unsent) -> Result<(Vec<OutboxMail>, u32), Failure> {
    let wanted = match unsent.state() {
        MailState::Pending => vec![MailState::Pending, MailState::Sending],
        state => vec![state],
    };
    let _busy = Busy::with("reading the mails that were not sent");
    let listed = store.indexed(unsent.state(), UnixMillis(i64::MAX), MAX_MAILS).await?;
    if listed.len() >= usize::try_from(MAX_MAILS).unwrap_or(usize::MAX) {
        note(&format!("there may be more; these are the oldest {MAX_MAILS} of each shard"));
    }
    let (mut mails, mut unread) = (Vec::new(), 0);
    for waiting in listed {
        match store.mail(waiting.id).await {
            Ok(mail) => mails.extend(mail.filter(|mail| wanted.contains(&mail.mail_state))),
            // A mail that this release cannot read must not hide the others.
            Err(error @ StoreError::Unreadable { .. }) => {
                unread += 1;
                note(&format!("{}: cannot be read: {error}", waiting.id));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok((mails, unread))
}

fn line(mail: &OutboxMail) -> String {
    let (number, id) = (mail.id.number.case_id(), mail.id.to_string());
    let state = labels::mail_state(mail.mail_state);
    let reason = mail.reason.as_deref().map(|reason| format!(": {}", visible(reason))).unwrap_or_default();
    let subject = recourse_mail::subject(&mail.notification);
    let (since, attempts) = (utc(mail.enqueued_at), mail.attempts);
    format!("{id:<27}  {number}  {state:<7}  enqueued {since}, attempts {attempts}, \"{subject}\"{reason}")
}

fn to_json(mail: &OutboxMail) -> MailJson<'_> {
    MailJson {
        outbox_id: mail.id.to_string(),
        dispute: mail.id.number.case_id(),
        account: mail.notification.account.as_str(),
        mail: mail.notification.template,
        mail_state: mail.mail_state,
        enqueued_at: mail.enqueued_at.iso8601(),
        changed_at: mail.changed_at.iso8601(),
        attempts: mail.attempts,
        reason: mail.reason.as_deref(),
        redriven: mail.redriven.len(),
    }
}
