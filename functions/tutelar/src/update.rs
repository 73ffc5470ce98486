//! What an update makes of a dispute, and how far what its details say is the dispute's own.

use recourse_dispute::details::{Day, Details};
use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::lifecycle::Action;
use recourse_dispute::money::Money;
use recourse_dispute::policy::channel::opener_restates_amount;
use recourse_dispute::time::UnixMillis;
use recourse_store::Account;

use crate::{By, CLOSED, Object, Refusal, Rules, amend, changed, disputed, lifecycle, texts};

/// After this many changes the details are frozen and the dispute cannot be reopened, because a view prints the whole journey. Verdicts and level moves
/// stay possible.
const MOST_CHANGES: u64 = 1_000;

/// What a body makes of a dispute; `None` where nothing differs.
///
/// # Errors
/// [`Refusal::Refused`] with the first text that fits.
pub fn updated(dispute: &Dispute, body: &Object<'_>, by: By<'_>) -> Result<Option<Change>, Refusal> {
    let configuration = by.configuration.ok_or(Refusal::of(texts::NO_CONFIGURATION))?;
    let state = dispute.step(by.actor, Action::Update, by.now).map_err(|refusal| lifecycle(refusal, CLOSED))?;
    let (facts, amount, today) = (&dispute.facts, dispute.amount, Day::of(by.now));
    let details = amend(&dispute.details, body, &Rules { configuration, known_banks: true, facts, amount, today })?;
    let names = changed(&dispute.details, &details);
    if names.is_empty() {
        return Ok(None);
    }
    if is_worn(dispute) {
        return Err(Refusal::of(texts::WORN));
    }
    let mut change = dispute.moved(Action::Update, state, by.by, Some(names.join(", ")), by.now);
    change.dispute.amount = amount_of(dispute, &details, by.account, by.now)?;
    change.dispute.details = details;
    Ok(Some(change))
}

/// Whether a dispute has changed so often that its details stay as they are.
#[must_use]
pub fn is_worn(dispute: &Dispute) -> bool {
    dispute.version >= MOST_CHANGES
}

/// A dispute's own amount, which every door shows, with these details. It is what they say while the dispute is open and who opened it, at this door, says so;
/// else it stays what it was: a bank's claim is the bank's, and what was decided was decided about an amount.
///
/// # Errors
/// As [`disputed`].
pub fn amount_of(dispute: &Dispute, details: &Details, account: &Account, now: UnixMillis) -> Result<Money, Refusal> {
    let is_open = dispute.state.is_open() && !dispute.time_is_up(now);
    let is_own = is_open && opener_restates_amount(dispute.door) && dispute.opener == account.id;
    if is_own { disputed(details, &dispute.facts, dispute.amount) } else { Ok(dispute.amount) }
}

#[cfg(test)]
mod tests;
