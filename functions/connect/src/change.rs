//! Changing a dispute, as submit, cancel and evidence do it.

use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::lifecycle::{Action, Actor, State};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_edge::{ActingParty, ApiResponse, App, Request, ServiceError};
use recourse_store::ReviseOutcome;

use crate::repeat::{again, fingerprint};
use crate::target::visible;
use crate::view::to_response;
use crate::{ApiError, Caller, Problem, caller};

/// Changes the dispute `id` as `decide` says, and answers what `respond` makes of the outcome. It
/// is decided anew after a version conflict.
///
/// Without contention this costs two DynamoDB calls: one reads the dispute, one writes it together
/// with the answer that is stored for a repeat. One more, at most once a minute, finds the
/// addresses of the parties that a submit or a withdrawal concerns.
///
/// # Errors
/// [`ApiError`]; one of [`ApiError::Service`] leaves open whether the change was written.
pub async fn change(
    app: &App,
    caller: &Caller,
    id: &str,
    fingerprint: &str,
    decide: impl Fn(&Dispute, UnixMillis) -> Result<Change, ApiError>,
    respond: impl Fn(&Dispute) -> ApiResponse,
) -> Result<ApiResponse, ApiError> {
    // Boxed: the types of the futures above would otherwise be nested too deeply for the compiler.
    let done = Box::pin(revised(app, caller, id, fingerprint, decide, respond)).await;
    caller.or_repeated(app, fingerprint, done).await
}

/// Moves the dispute that the path names by an action of its opener. Submit and cancel are the same
/// but for what they say.
///
/// # Errors
/// [`ApiError`], as [`change`].
pub async fn act(app: &App, request: &Request, action: Action, outcome: &'static str) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let moved = |dispute: &Dispute, now| {
        let state = caller.step(dispute, action, now)?;
        Ok(dispute.moved(action, state, caller.by(), None, now))
    };
    let respond =
        |dispute: &Dispute| ApiResponse::json(200, outcome, &to_response(dispute, caller.account(), app.context.now()));
    change(app, &caller, request.parameter("disputeId"), &fingerprint(&[&request.body]), moved, respond).await
}

async fn revised(
    app: &App,
    caller: &Caller,
    id: &str,
    fingerprint: &str,
    decide: impl Fn(&Dispute, UnixMillis) -> Result<Change, ApiError>,
    respond: impl Fn(&Dispute) -> ApiResponse,
) -> Result<ApiResponse, ApiError> {
    let number: DisputeNumber = id.parse().map_err(|_| Problem::UnknownDispute)?;
    let mut answer = None;
    let read = async || visible(app, caller, id).await;
    let decide = async |before: &Dispute, now| {
        let mut change = decide(before, now)?;
        app.address_parties(before, &mut change, ActingParty::of(caller.account())).await?;
        let response = respond(&change.dispute).about(number);
        let guard = caller.idempotence_record(fingerprint, &response, now);
        answer = Some(response);
        Ok::<_, ApiError>((change, guard))
    };
    let tokens = app.context.write_tokens()?;
    match app.store.revise(number, read, decide, || app.context.now(), tokens).await? {
        ReviseOutcome::Written { .. } => {
            let missing = || ServiceError::invariant("a dispute was changed without an answer", number.case_id());
            Ok(answer.ok_or_else(missing)?)
        }
        ReviseOutcome::Guarded(stored) => again(*stored, fingerprint),
        // Another dispute of the payment is live by now, or its money went back: the text for both
        // is that of submit (vendor specification, Connect "Submit dispute").
        ReviseOutcome::NotLocked(_) => Err(Problem::NotAllowed.into()),
    }
}

impl Caller {
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
