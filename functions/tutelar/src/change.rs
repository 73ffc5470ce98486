//! Changing a dispute as this API does: find it, check whose it is, decide and write. After a
//! version conflict all of it is done again.

use std::borrow::Borrow;

use recourse_dispute::channels::tutelar::configuration::Configuration;
use recourse_dispute::channels::tutelar::details::DueDate;
use recourse_dispute::dispute::{self, Change, Dispute};
use recourse_dispute::lifecycle::{Action, Actor, Closing, Level};
use recourse_dispute::time::{Day, UnixMillis};
use recourse_edge::{ActingParty, ApiResponse, App, BodyReader, Request};
use recourse_store::{Account, Credential, NoGuard, NotLocked, ReviseOutcome};

use crate::amend::{due as due_of, is_past};
use crate::fields::{INVALID, comment};
use crate::{ApiError, CLOSED, DUPLICATE, acting, caller, lifecycle, number, success, texts};

/// Who decides on a change, when, and by which configuration.
#[derive(Clone, Debug)]
pub struct ChangeContext<'a> {
    /// Whose key it is.
    pub account: &'a Account,
    /// In which role.
    pub actor: Actor,
    /// As the history names it.
    pub by: dispute::PerformedBy,
    /// The account's configuration, where it was asked for.
    pub configuration: Option<&'a Configuration>,
    /// When.
    pub now: UnixMillis,
}

impl ChangeContext<'_> {
    /// A change of the dispute's level by `action`. The dispute is due there as was sent, or as the
    /// account's configuration has it; without one, as it was.
    ///
    /// # Errors
    /// Why the action is not allowed.
    pub fn moved(
        self,
        dispute: &Dispute,
        action: Action,
        due: Option<DueDate>,
        comments: Option<String>,
    ) -> Result<Change, ApiError> {
        let state = dispute.step(self.actor, action, self.now).map_err(|refusal| lifecycle(refusal, CLOSED))?;
        let configured = self.configuration.map(|configuration| DueDate::In(configuration.due_days));
        let due = due.or(configured).or(dispute.details.due);
        let mut change = dispute.moved(action, state, self.by, comments, self.now);
        change.dispute.details.due = due;
        Ok(change)
    }
}

/// What a change is decided on.
struct ReadDispute {
    dispute: Dispute,
    configuration: Option<Configuration>,
}

impl Borrow<Dispute> for ReadDispute {
    fn borrow(&self) -> &Dispute {
        &self.dispute
    }
}

/// Changes the dispute that the path names by what `decide` makes of it; `Ok(None)` leaves it as it
/// is. With `configured`, the account's configuration is read in the same call.
///
/// The table of notifications names who is notified of a step. The merchant's account is not, as it
/// has the answer.
///
/// # Errors
/// [`ApiError::NoData`] before anything else where it is not the caller's, then what `decide` says.
pub async fn change(
    app: &App,
    request: &Request,
    caller: &Credential,
    configured: bool,
    mut decide: impl FnMut(&Dispute, ChangeContext<'_>) -> Result<Option<Change>, ApiError>,
) -> Result<(), ApiError> {
    let number = number(request)?;
    let account = &caller.account;
    let read = async || {
        let (dispute, configuration) = if configured {
            app.store.dispute_and_configuration(number, &account.id).await?
        } else {
            (app.store.dispute(number).await?, None)
        };
        Ok::<_, ApiError>(ReadDispute { dispute: dispute.ok_or(ApiError::NoData)?, configuration })
    };
    let decide = async |read: &ReadDispute, now| {
        let ReadDispute { dispute, configuration } = read;
        let actor = acting(dispute, account).ok_or(ApiError::NoData)?;
        let by = dispute::PerformedBy { actor, name: caller.key.to_string() };
        let configuration = configuration.as_ref();
        let Some(mut change) = decide(dispute, ChangeContext { account, actor, by, configuration, now })? else {
            return Ok(None);
        };
        app.address_parties(dispute, &mut change, ActingParty::of(account)).await?;
        Ok(Some((change, NoGuard)))
    };
    let tokens = app.context.write_tokens()?;
    match app.store.revise(number, read, decide, || app.context.now(), tokens).await? {
        ReviseOutcome::Written { .. } | ReviseOutcome::Unchanged(()) => Ok(()),
        ReviseOutcome::NotLocked(NotLocked::Duplicate(_)) => Err(ApiError::of(DUPLICATE)),
        ReviseOutcome::NotLocked(NotLocked::NotDisputable(_)) => Err(ApiError::of(texts::NOT_REOPENED)),
    }
}

/// The merchant's verdict: the two calls are the same but for what they say.
///
/// # Errors
/// [`ApiError`].
pub async fn verdict(
    app: &App,
    request: &Request,
    action: Action,
    outcome: &'static str,
    message: &str,
) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    change(app, request, &caller, false, |dispute, by| {
        let state = dispute.step(by.actor, action, by.now).map_err(|refusal| lifecycle(refusal, reacted(dispute)))?;
        Ok(Some(dispute.moved(action, state, by.by, None, by.now)))
    })
    .await?;
    Ok(success(200, outcome, message, None::<()>).about(number(request)?))
}

/// What a closed dispute answers to a verdict: whether a party gave one, or a bank, an operator or
/// a deadline did.
fn reacted(dispute: &Dispute) -> &'static str {
    match dispute.state.closing() {
        None | Some(Closing::Customer | Closing::Merchant) => texts::ALREADY_REACTED,
        Some(Closing::Cancelled | Closing::Withdrawn | Closing::Refunded | Closing::ClosedOnCreation) => CLOSED,
    }
}

/// What a move between levels says besides: when the dispute is due there, and why. A day that is
/// past is no due date.
///
/// # Errors
/// [`ApiError::Refused`] with the published text for the due date; for a comment it names the
/// member.
pub fn due(body: &BodyReader<'_>, now: UnixMillis) -> Result<(Option<DueDate>, Option<String>), ApiError> {
    let today = Day::of(now);
    let due = due_of(body, |due| !is_past(due, today)).map_err(|_| ApiError::of(texts::DUE_DATE))?;
    let one = body.get("comment").parsed(comment)?;
    let comments = body.get("comments").parsed(comment)?.or(one);
    Ok((due, comments.map(|comments| comments.expose().to_owned()).filter(|comments| !comments.is_empty())))
}

/// `level`, where it is named: `level_1`, `level_2` or `level_3`.
///
/// # Errors
/// [`ApiError::Refused`] for any other.
pub fn level(body: &BodyReader<'_>) -> Result<Option<Level>, ApiError> {
    Ok(body.get("level").parsed(|text| Level::parse(text).ok_or(INVALID))?)
}
