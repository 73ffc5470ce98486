//! `recourse dispute close`: an operator's decision, in the history with who and why, and by mail.

use clap::{Args, ValueEnum};
use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::lifecycle::{Action, Actor, Refusal};
use recourse_store::{Changed, Store, StoreError, patiently};

use super::find::find;
use super::{WHICH, Which, words};
use crate::ending::{Ending, Failure};
use crate::operator::{Operator, why};
use crate::output::{plain, say, utc};
use crate::world;

/// Decide a live dispute, for good.
#[derive(Args)]
#[command(after_help = WHICH)]
pub(crate) struct Close {
    #[command(flatten)]
    which: Which,
    /// Whom it is decided for
    #[arg(long = "for", value_name = "SIDE")]
    side: Side,
    /// Why, for the mails and the history, which everybody reads who has a part in the dispute: 1 to
    /// 500 characters on one line
    #[arg(long, value_name = "TEXT", value_parser = why)]
    why: String,
    #[command(flatten)]
    operator: Operator,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Side {
    /// The claim is right
    Customer,
    /// The claim is wrong
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
    /// Decides it, and prints what it was and what it is.
    ///
    /// # Errors
    /// [`Failure`] says why it is not open to a decision.
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let by = self.operator.name()?;
        let dispute = find(store, &self.which).await?.dispute;
        let case = dispute.number.case_id();
        let decided = patiently(async { Ok::<_, StoreError>(self.decide(store, dispute, &by).await) }).await;
        decided.map_err(|_| {
            Failure::no_answer(format!("{case} is being changed by others again and again.")).then(&not_known(&case))
        })?
    }

    /// Decides it as it stands, and anew where somebody else changed it meanwhile.
    async fn decide(&self, store: &Store, mut dispute: Dispute, by: &str) -> Result<Ending, Failure> {
        let case = dispute.number.case_id();
        let mut round = 0;
        loop {
            let now = world::now();
            let change = dispute.decided(self.side.action(), by.to_owned(), self.why.clone(), now);
            let mut change = change.ok_or_else(|| not_open(&dispute, self.side))?;
            change.parties = store.parties_of(&change.dispute).await?;
            let attempt = world::attempt()?;
            let changed = store.change(&dispute, &change, None, &attempt, now).await.map_err(|error| {
                let temporary = error.is_temporary();
                let failure = Failure::from(error);
                if temporary { failure.then(&not_known(&case)) } else { failure }
            })?;
            match changed {
                Changed::Changed(_) => {
                    say(&confirmation(&dispute, &change))?;
                    return Ok(Ending::Done);
                }
                // The others answer to an idempotence key or a reopening, and there is none.
                Changed::Overtaken | Changed::Repeated(_) | Changed::Duplicate(_) | Changed::NotDisputable(_) => {
                    tokio::time::sleep(attempt.pause_in_crowd(round)).await;
                    let again = store.dispute(dispute.number).await?;
                    dispute = again.ok_or_else(|| Failure::refused(format!("{case} is not there any more")))?;
                }
            }
            round += 1;
        }
    }
}

/// What to do where the end of a write was not seen.
fn not_known(case: &str) -> String {
    format!("Whether {case} is closed is not known; `recourse dispute show {case}` tells.")
}

/// Why an operator cannot decide a dispute as it stands.
fn not_open(dispute: &Dispute, side: Side) -> Failure {
    let case = dispute.number.case_id();
    let stands = format!("{case} is {} since {}", words::state(dispute.state), utc(dispute.state_since));
    let refusal = dispute.step(Actor::Operator, side.action(), world::now()).err();
    Failure::refused(match refusal {
        Some(Refusal::AlreadyClosed) => format!(
            "{stands}. Only a live dispute can be closed; a new report about the transaction opens another one."
        ),
        Some(Refusal::NotSubmitted) => format!("{stands}. It can be closed once {} has submitted it.", dispute.opener),
        Some(refusal) => format!("{stands}: {refusal}."),
        None => format!("{stands}."),
    })
}

/// What a decision changed.
fn confirmation(before: &Dispute, change: &Change) -> String {
    let after = &change.dispute;
    let mails = after.notices(&change.event, change.parties.as_ref());
    let mails =
        mails.iter().map(|mail| format!("\"{}\" to {}", words::letter(mail.letter), mail.recipients.all().count()));
    let mails = mails.collect::<Vec<_>>().join("; ");
    let mails = if mails.is_empty() { "none: nobody gets mail of this dispute" } else { mails.as_str() };
    [
        format!("{}  {}", after.number.case_id(), words::state(after.state)),
        format!("  before  {}, since {}", words::state(before.state), utc(before.state_since)),
        format!("  by      {}", plain(&words::who(&change.event.by))),
        format!("  why     {}", plain(change.event.note.as_deref().unwrap_or_default())),
        format!("  mail    {mails}"),
    ]
    .join("\n")
}

#[cfg(test)]
mod tests;
