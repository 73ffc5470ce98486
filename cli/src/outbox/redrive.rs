//! `recourse outbox redrive`.

use clap::{Args, ValueEnum};
use recourse_store::{MailId, MailState, OutboxMail, RedriveOutcome, Store};
use serde::Serialize;

use super::{Unsent, list};
use crate::dispute::labels;
use crate::ending::{Ending, Failure};
use crate::operator::{Operator, why};
use crate::output::{Format, say, say_json};

const EXAMPLES: &str = "\
Examples:
  recourse outbox redrive 55646425641463-1 --why 'the identity is verified now'
  recourse outbox redrive --state dead --reason '48 hours' --why 'SES is back'

The next sweep sends them, within a minute.";

/// Have mails tried again that were given up or held back
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Redrive {
    #[command(flatten)]
    which: Which,
    /// Only the mails whose reason has this text in it
    #[arg(long, value_name = "TEXT", requires = "state")]
    reason: Option<String>,
    /// The reason, for the record: 1 to 500 characters on one line
    #[arg(long, value_name = "TEXT", value_parser = why)]
    why: Option<String>,
    #[command(flatten)]
    operator: Operator,
    #[command(flatten)]
    format: Format,
}

/// A mail that was to be tried again, for a program.
#[derive(Serialize)]
struct RedriveResult {
    outbox_id: String,
    dispute: String,
    outcome: &'static str,
    /// The state that it was in.
    was: &'static str,
}

/// Which mails.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// One mail, by the id that `outbox list` prints
    #[arg(value_name = "OUTBOX_ID", value_parser = id)]
    id: Option<MailId>,
    /// All mails of this state
    #[arg(long)]
    state: Option<Ended>,
}

/// How a mail came to an end without going out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Ended {
    /// The mails that are held back
    Held,
    /// The mails that were given up
    Dead,
}

fn id(text: &str) -> Result<MailId, &'static str> {
    text.parse().map_err(|()| "must be NUMBER-VERSION, such as 55646425641463-1")
}

impl Redrive {
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let (mails, unread) = match (self.which.id, self.which.state) {
            (Some(id), _) => (vec![one(store, id).await?], 0),
            (None, Some(Ended::Held)) => list::found(store, Unsent::Held).await?,
            (None, Some(Ended::Dead)) => list::found(store, Unsent::Dead).await?,
            (None, None) => return Err(Failure::refused("which mail? Name it, or pass --state.")),
        };
        let fits = |mail: &&OutboxMail| match (&self.reason, &mail.reason) {
            (Some(wanted), Some(reason)) => reason.contains(wanted.as_str()),
            (Some(_), None) => false,
            (None, _) => true,
        };
        let (mut waits, mut version_conflict) = (0_u32, 0_u32);
        let mut tried = Vec::new();
        for mail in mails.iter().filter(fits) {
            let order = self.operator.audit_context(self.why.as_ref())?;
            let (id, case) = (mail.id, mail.id.number.case_id());
            match store.redrive(mail, &order).await? {
                RedriveOutcome::Waits => {
                    waits += 1;
                    let was = labels::mail_state(mail.mail_state);
                    tried.push(RedriveResult {
                        outbox_id: id.to_string(),
                        dispute: case.clone(),
                        outcome: "waits",
                        was,
                    });
                    if !self.format.is_json() {
                        say(&format!("{id}  of {case}: waits to be sent; it was {was}"))?;
                    }
                }
                RedriveOutcome::VersionConflict => {
                    version_conflict += 1;
                    let was = labels::mail_state(mail.mail_state);
                    tried.push(RedriveResult {
                        outbox_id: id.to_string(),
                        dispute: case.clone(),
                        outcome: "version_conflict",
                        was,
                    });
                    if !self.format.is_json() {
                        say(&format!("{id}  of {case}: is no more as it was; nothing changed"))?;
                    }
                }
            }
        }
        if self.format.is_json() {
            say_json(&tried)?;
        } else if waits + version_conflict + unread == 0 {
            say("no mail is so; nothing changed")?;
        }
        Ok(if version_conflict + unread == 0 { Ending::Done } else { Ending::No })
    }
}

/// A mail that can be tried again.
async fn one(store: &Store, id: MailId) -> Result<OutboxMail, Failure> {
    let mail = store.mail(id).await?.ok_or_else(|| Failure::refused(format!("there is no mail {id}.")))?;
    match mail.mail_state {
        MailState::Held | MailState::Dead => Ok(mail),
        state => {
            let state = labels::mail_state(state);
            Err(Failure::refused(format!("the mail {id} is {state}; only one that is HELD or DEAD is tried again.")))
        }
    }
}
