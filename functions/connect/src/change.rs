//! Changing a dispute, as submit, cancel and evidence do it.

use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::lifecycle::{Action, Actor, State};
use recourse_dispute::time::UnixMillis;
use recourse_edge::{ActingParty, ApiResponse, App, ServiceError};
use recourse_store::{ChangeOutcome, with_deadline};

use crate::repeat::again;
use crate::target::visible;
use crate::{ApiError, Caller, Problem};

/// Changes the dispute `id` as `decide` says, and answers what `print` makes of the outcome.
/// Decided anew when somebody else was quicker.
///
/// Two DynamoDB calls where nobody is in the way: the dispute is read, and written under its
/// version together with the answer that is kept for a repeat. One more, at most once a minute,
/// finds the addresses of the parties that a submit or a withdrawal concerns.
///
/// # Errors
/// [`Refusal`]; one of [`Refusal::Fault`] leaves open whether the change was written.
pub async fn change(
    app: &App,
    caller: &Caller,
    id: &str,
    fingerprint: &str,
    decide: impl Fn(&Dispute, UnixMillis) -> Result<Change, ApiError>,
    print: impl Fn(&Dispute) -> ApiResponse,
) -> Result<ApiResponse, ApiError> {
    let done = with_deadline(decided(app, caller, id, fingerprint, decide, print)).await;
    caller.or_repeated(app, fingerprint, done).await
}

async fn decided(
    app: &App,
    caller: &Caller,
    id: &str,
    fingerprint: &str,
    decide: impl Fn(&Dispute, UnixMillis) -> Result<Change, ApiError>,
    print: impl Fn(&Dispute) -> ApiResponse,
) -> Result<ApiResponse, ApiError> {
    let mut round = 0;
    loop {
        let now = app.context.now();
        let before = visible(app, caller, id).await?;
        let mut change = decide(&before, now)?;
        app.address_parties(&before, &mut change, caller.acting_party()).await?;
        let answer = print(&change.dispute);
        let stored = caller.idempotence_record(fingerprint, &answer, now);
        let token = app.context.write_token()?;
        match app.store.change(&before, &change, stored.as_ref(), &token, now).await? {
            ChangeOutcome::Changed(_) => return Ok(answer.about(before.number)),
            ChangeOutcome::Repeated(stored) => return again(stored, fingerprint),
            ChangeOutcome::VersionConflict => tokio::time::sleep(token.contention_backoff(round)).await,
            // Somebody else's dispute of the payment is live by now, or its money went back: seed
            // 004's text for submit.
            ChangeOutcome::Duplicate(_) | ChangeOutcome::NotDisputable(Some(_)) => {
                return Err(Problem::NotAllowed.into());
            }
            ChangeOutcome::NotDisputable(None) => {
                return Err(ServiceError::Broken(format!("the transaction of {} is not there", before.number)).into());
            }
        }
        round += 1;
    }
}

impl Caller {
    fn acting_party(&self) -> ActingParty<'_> {
        let account = self.account();
        ActingParty { environment: account.environment, domain: account.domain_code.as_ref() }
    }

    /// Where an action of this caller takes a dispute. Only who opened it acts on it here.
    ///
    /// # Errors
    /// [`Problem::NotAllowed`].
    pub fn step(&self, dispute: &Dispute, action: Action, now: UnixMillis) -> Result<State, ApiError> {
        if dispute.opener != self.account().id {
            return Err(Problem::NotAllowed.into());
        }
        dispute.step(Actor::Opener, action, now).map_err(|_| Problem::NotAllowed.into())
    }
}
