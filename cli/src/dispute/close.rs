//! `recourse dispute close`: an operator's decision. The history records who decided and why, and
//! the parties get a mail.

use clap::{Args, ValueEnum};
use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::{Action, Actor, State, TransitionError};
use recourse_dispute::notification::EmailTemplate;
use recourse_store::{ChangeOutcome, Store, StoreError, with_deadline};
use serde::Serialize;

use super::find::find;
use super::{WHICH, Which};
use crate::ending::{Ending, Failure};
use crate::labels;
use crate::operator::{Operator, why};
use crate::output::{Format, utc, visible};
use crate::system;

const EXAMPLES: &str = "\
Examples:
  recourse dispute close rc-0000008t --for customer --why 'the voucher was never delivered'
  recourse dispute close 50001 --for merchant --why 'redeemed on 16 January' --by alice

A decision cannot be undone. The dispute's recipients, its banks and its merchant read the reason.";

/// Decide a live dispute
#[derive(Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{WHICH}"))]
pub(crate) struct Close {
    #[command(flatten)]
    which: Which,
    /// The side that the dispute is decided for
    #[arg(long = "for", value_name = "SIDE")]
    side: Side,
    /// The reason, which all parties read: 1 to 500 characters on one line
    #[arg(long, value_name = "TEXT", value_parser = why)]
    why: String,
    #[command(flatten)]
    operator: Operator,
    #[command(flatten)]
    format: Format,
}

/// A decision for a program. Times are ISO 8601.
#[derive(Serialize)]
struct CloseJson<'a> {
    case_id: String,
    state: State,
    before: State,
    before_since: String,
    by: &'a PerformedBy,
    why: Option<&'a str>,
    mails: Vec<EnqueuedMailJson>,
}

#[derive(Serialize)]
struct EnqueuedMailJson {
    mail: EmailTemplate,
    recipients: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Side {
    /// The customer's claim is right
    Customer,
    /// The customer's claim is wrong
    Merchant,
}

impl Side {
    fn action(self) -> Action {
        match self {
            Self::Customer => Action::CloseForCustomer,
            Self::Merchant => Action::CloseForMerchant,
        }
    }
}

impl Close {
    /// Decides the dispute, and prints the state before and after.
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let by = self.operator.name()?;
        let dispute = find(store, &self.which).await?.dispute;
        let case = dispute.number.case_id();
        let decided = with_deadline(async { Ok::<_, StoreError>(self.decide(store, dispute, &by).await) }).await;
        decided.map_err(|_| {
            Failure::no_answer(format!("{case} is being changed by others again and again.")).then(&not_known(&case))
        })?
    }

    /// Decides it as it stands, and anew where somebody else changed it meanwhile.
    async fn decide(&self, store: &Store, mut dispute: Dispute, by: &str) -> Result<Ending, Failure> {
        let case = dispute.number.case_id();
        let mut round = 0;
        loop {
            let now = system::now();
            let change = dispute.decided(self.side.action(), by.to_owned(), self.why.clone(), now);
            let mut change = change.ok_or_else(|| not_open(&dispute, self.side))?;
            change.parties = store.parties_of(&change.dispute).await?;
            let token = system::write_token()?;
            let changed = store.change(&dispute, &change, None, &token, now).await.map_err(|error| {
                let temporary = error.is_temporary();
                let failure = Failure::from(error);
                if temporary { failure.then(&not_known(&case)) } else { failure }
            })?;
            match changed {
                ChangeOutcome::Changed(_) => {
                    self.format.print(&to_json(&dispute, &change), || confirmation(&dispute, &change))?;
                    return Ok(Ending::Done);
                }
                // The others answer to an idempotence key or a reopening, and there is none.
                ChangeOutcome::VersionConflict
                | ChangeOutcome::Repeated(_)
                | ChangeOutcome::Duplicate(_)
                | ChangeOutcome::NotDisputable(_) => {
                    tokio::time::sleep(token.contention_backoff(round)).await;
                    let again = store.dispute(dispute.number).await?;
                    dispute = again.ok_or_else(|| Failure::refused(format!("{case} is not there any more")))?;
                }
            }
            round += 1;
        }
    }
}

/// What to do where it is not known whether a write succeeded.
fn not_known(case: &str) -> String {
    format!("{case} may be closed or not; `recourse dispute show {case}` shows its state.")
}

/// Why an operator cannot decide a dispute in its present state.
fn not_open(dispute: &Dispute, side: Side) -> Failure {
    let case = dispute.number.case_id();
    let state = format!("{case} is {} since {}", labels::state(dispute.state), utc(dispute.state_since));
    let refusal = dispute.step(Actor::Operator, side.action(), system::now()).err();
    Failure::refused(match refusal {
        Some(TransitionError::AlreadyClosed) => {
            format!("{state}. Only a live dispute can be closed; a new report about the transaction opens another one.")
        }
        Some(TransitionError::NotSubmitted) => {
            format!("{state}. It can be closed once {} has submitted it.", dispute.opener)
        }
        Some(refusal) => format!("{state}: {refusal}."),
        None => format!("{state}."),
    })
}

fn to_json<'a>(before: &Dispute, change: &'a Change) -> CloseJson<'a> {
    let mails = change.dispute.notifications(&change.event, change.parties.as_ref());
    CloseJson {
        case_id: before.number.case_id(),
        state: change.dispute.state,
        before: before.state,
        before_since: before.state_since.iso8601(),
        by: &change.event.by,
        why: change.event.note.as_deref(),
        mails: mails
            .iter()
            .map(|mail| EnqueuedMailJson { mail: mail.template, recipients: mail.recipients.all().count() })
            .collect(),
    }
}

fn confirmation(before: &Dispute, change: &Change) -> String {
    let after = &change.dispute;
    let mails = after.notifications(&change.event, change.parties.as_ref());
    let mails = mails
        .iter()
        .map(|mail| format!("\"{}\" to {}", labels::email_template(mail.template), mail.recipients.all().count()));
    let mails = mails.collect::<Vec<_>>().join("; ");
    let mails = if mails.is_empty() { "none: nobody gets mail about this dispute" } else { mails.as_str() };
    [
        format!("{}  {}", after.number.case_id(), labels::state(after.state)),
        format!("  before  {}, since {}", labels::state(before.state), utc(before.state_since)),
        format!("  by      {}", visible(&labels::who(&change.event.by))),
        format!("  why     {}", visible(change.event.note.as_deref().unwrap_or_default())),
        format!("  mail    {mails}"),
    ]
    .join("\n")
}

#[cfg(test)]
mod tests;
