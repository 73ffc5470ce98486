//! `recourse outbox list`.

use clap::Args;
use recourse_dispute::notification::EmailTemplate;
use recourse_operations::outbox::{self, MAX_UNSENT};
use recourse_store::{MailState, OutboxMail, Store};
use serde::Serialize;

use super::Unsent;
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
        outbox::in_order(&mut mails);
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

/// The mails of a state, and how many of them this release cannot read. Each of those is named on
/// stderr.
pub(super) async fn found(store: &Store, unsent: Unsent) -> Result<(Vec<OutboxMail>, u32), Failure> {
    let _busy = Busy::with("reading the mails that were not sent");
    let found = outbox::unsent(store, unsent.into(), MAX_UNSENT).await?;
    if found.may_be_more {
        note(&format!("there may be more; these are the oldest {MAX_UNSENT} of each shard"));
    }
    let mut unread = 0;
    for (id, error) in found.unread {
        unread += 1;
        note(&format!("{id}: cannot be read: {error}"));
    }
    Ok((found.mails, unread))
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
