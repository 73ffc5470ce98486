//! `recourse dispute close`: an operator's decision. The history records who decided and why, and
//! the parties get a mail.

use clap::{Args, ValueEnum};
use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::State;
use recourse_dispute::notification::EmailTemplate;
use recourse_operations::{CloseError, close, mails_of};
use recourse_store::Store;
use recourse_support::event::InFavourOf;
use serde::Serialize;

use super::find::find;
use super::{WHICH, Which};
use crate::ending::{Ending, Failure};
use crate::operator::{Operator, why};
use crate::output::{Format, utc, visible};
use crate::system;
use recourse_operations::labels;

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
    decision: Decision,
}

/// What a command takes that decides a dispute.
#[derive(Args)]
#[group(skip)]
pub(crate) struct Decision {
    #[command(flatten)]
    pub(crate) which: Which,
    /// The side that the dispute is decided for
    #[arg(long = "for", value_name = "SIDE")]
    pub(crate) side: Side,
    /// The reason, which all parties read: 1 to 500 characters on one line
    #[arg(long, value_name = "TEXT", value_parser = why)]
    pub(crate) why: String,
    #[command(flatten)]
    pub(crate) operator: Operator,
    #[command(flatten)]
    pub(crate) format: Format,
}

/// A decision for a program. Times are ISO 8601.
#[derive(Serialize)]
pub(crate) struct CloseJson<'a> {
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

/// The side that a dispute is decided for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Side {
    /// The customer's claim is right
    Customer,
    /// The customer's claim is wrong
    Merchant,
}

impl Side {
    /// The side, as decisions have it.
    pub(crate) fn in_favour_of(self) -> InFavourOf {
        match self {
            Self::Customer => InFavourOf::Customer,
            Self::Merchant => InFavourOf::Merchant,
        }
    }
}

impl Close {
    /// Decides the dispute, and prints the state before and after.
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let Decision { which, side, why, operator, format } = &self.decision;
        let by = operator.name()?;
        let number = find(store, which).await?.dispute.number;
        let case = number.case_id();
        let words = (by.as_str(), why.as_str());
        let closed = close(store, number, side.in_favour_of(), words, system::now, system::write_tokens()?).await;
        let closed = closed.map_err(|error| match error {
            CloseError::Store(error) => Failure::from(error),
            CloseError::Missing => {
                Failure::refused(format!("{case} was read and is missing now. Check DISPUTES_TABLE."))
            }
            CloseError::NotOpen(dispute) => not_open(&dispute, *side),
        });
        let (before, change) = closed.map_err(|failure| match failure.ending {
            Ending::NoAnswer => failure.then(&not_known(&case)),
            _ => failure,
        })?;
        format.print(&to_json(&before, &change), || confirmation(&before, &change))?;
        Ok(Ending::Done)
    }
}

/// What to do where it is not known whether a write succeeded.
fn not_known(case: &str) -> String {
    format!("{case} may be closed or not; `recourse dispute show {case}` shows its state.")
}

/// Why an operator cannot decide a dispute in its present state.
pub(crate) fn not_open(dispute: &Dispute, side: Side) -> Failure {
    Failure::refused(recourse_operations::not_open(dispute, side.in_favour_of(), system::now()))
}

/// A decision for a program.
pub(crate) fn to_json<'a>(before: &Dispute, change: &'a Change) -> CloseJson<'a> {
    let mails = mails_of(change);
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

/// A decision for a person.
pub(crate) fn confirmation(before: &Dispute, change: &Change) -> String {
    let after = &change.dispute;
    let mails = mails_of(change);
    let mails =
        mails.iter().map(|mail| format!("\"{}\" to {}", recourse_mail::subject(mail), mail.recipients.all().count()));
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
