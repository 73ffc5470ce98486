//! What an update makes of a dispute, and how far what its details say is the dispute's own.

use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::lifecycle::Action;
use recourse_dispute::time::{Day, UnixMillis};
use recourse_edge::BodyReader;
use recourse_store::Account;

use crate::{Amendable, ApiError, CLOSED, ChangeContext, Rules, amend, changed, lifecycle, texts};

/// After this many changes the details are frozen and the dispute cannot be reopened, because a
/// view shows the whole history. Verdicts and level moves stay possible.
const MAX_CHANGES: u64 = 1_000;

/// What a body makes of a dispute; `None` where nothing differs.
///
/// # Errors
/// [`ApiError::Refused`] with the first text that fits.
pub fn updated(dispute: &Dispute, body: &BodyReader<'_>, by: ChangeContext<'_>) -> Result<Option<Change>, ApiError> {
    let configuration = by.configuration.ok_or(ApiError::of(texts::NO_CONFIGURATION))?;
    let state = dispute.step(by.actor, Action::Update, by.now).map_err(|refusal| lifecycle(refusal, CLOSED))?;
    let (facts, today) = (&dispute.facts, Day::of(by.now));
    let may_restate_amount = may_restate_amount(dispute, by.account, by.now);
    let before = Amendable { details: dispute.details.clone(), amount: dispute.amount };
    let after = amend(&before, body, &Rules { configuration, known_banks: true, facts, may_restate_amount, today })?;
    let names = changed(&before, &after);
    if names.is_empty() {
        return Ok(None);
    }
    if change_limit_reached(dispute) {
        return Err(ApiError::of(texts::CHANGE_LIMIT_REACHED));
    }
    let mut change = dispute.moved(Action::Update, state, by.by, Some(names.join(", ")), by.now);
    change.dispute.amount = after.amount;
    change.dispute.details = after.details;
    Ok(Some(change))
}

/// Whether a dispute has changed so often that its details stay as they are.
#[must_use]
pub fn change_limit_reached(dispute: &Dispute) -> bool {
    dispute.version >= MAX_CHANGES
}

/// Whether an account may say how much is disputed: it raised the dispute here, and the dispute is
/// open. A bank's claim is the bank's, and what was decided was decided about an amount.
fn may_restate_amount(dispute: &Dispute, account: &Account, now: UnixMillis) -> bool {
    let is_open = dispute.state.is_open() && !dispute.time_is_up(now);
    is_open && dispute.channel.policy().restates_amount && dispute.opener == account.id
}

#[cfg(test)]
mod tests;
