//! Changing a dispute as this door does: found, owned, decided on what stands, written once, decided again where somebody was quicker.

use recourse_dispute::configuration::Configuration;
use recourse_dispute::details::Due;
use recourse_dispute::dispute::{self, Change, Dispute};
use recourse_dispute::lifecycle::{Action, Actor, Level, step};
use recourse_dispute::time::UnixMillis;
use recourse_edge::{Answer, Desk, Fault, Request};
use recourse_store::{Credential, Revised};

use crate::fields::{NotThat, Object, set};
use crate::{
    ALREADY_REACTED, DUPLICATE, Refusal, acting, amend::due as due_of, caller, lifecycle, number, success, texts,
};

/// Who decides on a change, when, and by which configuration.
#[derive(Clone, Debug)]
pub struct By<'a> {
    /// In which quality.
    pub actor: Actor,
    /// As the history names it.
    pub by: dispute::By,
    /// The account's configuration, where it was asked for.
    pub configuration: Option<&'a Configuration>,
    /// When.
    pub now: UnixMillis,
}

/// Changes the dispute that the path names by what `decide` makes of it; `Ok(None)` leaves it as it is. With `configured`, the account's configuration
/// is read along.
///
/// # Errors
/// [`Refusal::NoData`] before anything else where it is not the caller's, then what `decide` says.
pub async fn change(
    desk: &Desk,
    request: &Request,
    caller: &Credential,
    configured: bool,
    mut decide: impl FnMut(&Dispute, By<'_>) -> Result<Option<Change>, Refusal>,
) -> Result<(), Refusal> {
    let number = number(request)?;
    let account = &caller.account;
    let decide = |dispute: Option<&Dispute>, configuration: Option<&Configuration>, now| {
        let dispute = dispute.ok_or(Refusal::NoData)?;
        let actor = acting(dispute, account).ok_or(Refusal::NoData)?;
        let by = dispute::By { actor, name: caller.key.to_string() };
        decide(dispute, By { actor, by, configuration, now })
    };
    let configured = configured.then_some(&account.id);
    let attempts = desk.world.attempts()?;
    match desk.store.revise(number, configured, decide, || desk.world.now(), attempts).await? {
        Revised::Written(_) | Revised::Unchanged => Ok(()),
        Revised::Duplicate(_) => Err(Refusal::of(DUPLICATE)),
        Revised::NotDisputable(Some(_)) => Err(Refusal::of(texts::NOT_REOPENED)),
        Revised::NotDisputable(None) => Err(Fault::Broken("a dispute's transaction is not there".to_owned()).into()),
    }
}

/// The merchant's verdict: the two calls are the same but for what they say.
///
/// # Errors
/// [`Refusal`].
pub async fn verdict(
    desk: &Desk,
    request: &Request,
    action: Action,
    outcome: &'static str,
    message: &str,
) -> Result<Answer, Refusal> {
    let caller = caller(desk, request).await?;
    change(desk, request, &caller, false, |dispute, by| {
        let state = step(dispute.state, dispute.category, by.actor, action);
        let state = state.map_err(|refusal| lifecycle(refusal, ALREADY_REACTED))?;
        Ok(Some(dispute.moved(action, state, by.by, None, by.now)))
    })
    .await?;
    Ok(success(200, outcome, message, None::<()>).about(number(request)?))
}

/// What a move between levels says besides: when the dispute is due there, and why.
///
/// # Errors
/// [`Refusal::Refused`] names the member that is not right.
pub fn due(body: &Object<'_>) -> Result<(Option<Due>, Option<String>), Refusal> {
    let (mut due, mut comments) = (None, None);
    set(&mut due, due_of(body), "dueDate")?;
    set(&mut comments, body.comment("comment"), "comment")?;
    set(&mut comments, body.comment("comments"), "comments")?;
    Ok((due, comments.map(|comments| comments.expose().to_owned()).filter(|comments| !comments.is_empty())))
}

/// `level`, where it is named: `level_1`, `level_2` or `level_3`.
///
/// # Errors
/// [`Refusal::Refused`] for any other.
pub fn level(body: &Object<'_>) -> Result<Option<Level>, Refusal> {
    let read = |text: Result<String, NotThat>| text.and_then(|text| Level::parse(&text).ok_or(NotThat));
    let mut level = None;
    set(&mut level, body.text("level").map(read), "level")?;
    Ok(level)
}
