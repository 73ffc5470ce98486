//! `recourse outbox redrive`: retries mails that were held back or given up.

use clap::{Args, ValueEnum};
use recourse_operations::outbox::{self, NotRedriven};
use recourse_store::{MailId, OutboxMail, RedriveOutcome, Store};
use serde::Serialize;

use super::{Unsent, list};
use crate::ending::{Ending, Failure};
use crate::operator::Audited;
use crate::output::{say, say_json};
use recourse_operations::labels;

const EXAMPLES: &str = "\
Examples:
  recourse outbox redrive 55646425641463-1 --why 'the identity is verified now'
  recourse outbox redrive --state dead --reason '48 hours' --why 'SES is back'

The next sweep sends them, within a minute.";

/// Retry mails that were given up or held back
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Redrive {
    #[command(flatten)]
    which: Which,
    /// Only the mails whose reason has this text in it
    #[arg(long, value_name = "TEXT", requires = "state")]
    reason: Option<String>,
    #[command(flatten)]
    audited: Audited,
}

/// The outcome for one mail, for a program.
#[derive(Serialize)]
struct RedriveResult {
    outbox_id: String,
    dispute: String,
    outcome: &'static str,
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
    state: Option<UnsentState>,
}

/// How a mail ended without being sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum UnsentState {
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
            (None, Some(UnsentState::Held)) => list::found(store, Unsent::Held).await?,
            (None, Some(UnsentState::Dead)) => list::found(store, Unsent::Dead).await?,
            (None, None) => {
                return Err(Failure::refused(
                    "the mail is not named. Pass its id, as `recourse outbox list` prints it, or --state.",
                ));
            }
        };
        let fits = |mail: &&OutboxMail| outbox::has_reason(mail, self.reason.as_deref());
        let mut conflicts = 0_u32;
        let mut results = Vec::new();
        for mail in mails.iter().filter(fits) {
            let (id, case, was) = (mail.id, mail.id.number.case_id(), labels::mail_state(mail.mail_state));
            let (outcome, text) = match store.redrive(mail, &self.audited.context()?).await? {
                RedriveOutcome::Waits => ("waits", format!("waits to be sent; it was {was}")),
                RedriveOutcome::VersionConflict => {
                    conflicts += 1;
                    ("version_conflict", "was changed by others meanwhile; nothing changed".to_owned())
                }
            };
            if !self.audited.format.is_json() {
                say(&format!("{id}  of {case}: {text}"))?;
            }
            results.push(RedriveResult { outbox_id: id.to_string(), dispute: case, outcome, was });
        }
        if self.audited.format.is_json() {
            say_json(&results)?;
        } else if results.is_empty() && unread == 0 {
            say("no mail matches; nothing changed")?;
        }
        Ok(if conflicts + unread == 0 { Ending::Done } else { Ending::No })
    }
}

/// The mail with this id, if it can be retried.
async fn one(store: &Store, id: MailId) -> Result<OutboxMail, Failure> {
    outbox::redrivable(store, id).await.map_err(|error| match error {
        NotRedriven::Store(error) => error.into(),
        NotRedriven::NoMail => Failure::refused(format!(
            "there is no mail {id}. `recourse outbox list` prints the ids of mails that were not sent."
        )),
        NotRedriven::State(state) => {
            let state = labels::mail_state(state);
            Failure::refused(format!("the mail {id} is {state}; only a mail that is HELD or DEAD can be retried."))
        }
    })
}
