//! What a call is about: a payment, one of its captures, or a dispute. One of another merchant is
//! answered like a missing one.

use recourse_dispute::dispute::Dispute;
use recourse_dispute::ids::{CaptureId, Trxid};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::transaction::{Facts, Status};
use recourse_edge::{App, Request};
use recourse_store::Account;

use crate::caller::viewer;
use crate::{ApiError, Caller, Problem};

/// The most disputes that a list shows, the newest ones (Recourse-specific). A test in `view`
/// checks that as many fit into an answer.
pub(crate) const MAX_LISTED: usize = 50;

/// A payment, by one of the names that this API knows it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The payment's own id: the platform's trxid.
    Payment(Trxid),
    /// The id of a capture.
    Capture(CaptureId),
}

impl Target {
    /// The payment that a path names.
    ///
    /// # Errors
    /// [`Problem::UnknownPayment`] for a text that is no valid id.
    pub fn payment(request: &Request) -> Result<Self, ApiError> {
        let id = Trxid::parse(request.parameter("paymentId")).map_err(|_| Problem::UnknownPayment)?;
        Ok(Self::Payment(id))
    }

    /// The capture that a path names.
    ///
    /// # Errors
    /// As [`Self::payment`].
    pub fn capture(request: &Request) -> Result<Self, ApiError> {
        let id = CaptureId::parse(request.parameter("captureId")).map_err(|_| Problem::UnknownPayment)?;
        Ok(Self::Capture(id))
    }

    pub(crate) fn capture_id(&self) -> Option<&CaptureId> {
        match self {
            Self::Payment(_) => None,
            Self::Capture(capture) => Some(capture),
        }
    }

    /// The caller's own payment by this name, with its status where the read has it. A pointer to a
    /// payment has no status; there the write checks it.
    pub(crate) async fn find(&self, app: &App, caller: &Caller) -> Result<(Facts, Option<Status>), ApiError> {
        let Account { id: account, environment, .. } = caller.account();
        let found = match self {
            Self::Payment(id) => {
                app.store.transaction(*environment, id).await?.map(|found| (found.facts, Some(found.status)))
            }
            Self::Capture(id) => app.store.by_capture(*environment, account, id).await?.map(|facts| (facts, None)),
        };
        found.filter(|(facts, _)| facts.account == *account).ok_or_else(|| Problem::UnknownPayment.into())
    }
}

/// The dispute that a path names by `disputeId`, if the caller's account opened it or its payment
/// is that account's.
///
/// # Errors
/// [`Problem::UnknownDispute`] if the dispute does not exist or is another merchant's.
pub async fn visible(app: &App, caller: &Caller, id: &str) -> Result<Dispute, ApiError> {
    let number: DisputeNumber = id.parse().map_err(|_| Problem::UnknownDispute)?;
    let dispute = app.store.dispute(number).await?;
    dispute.filter(|dispute| is_visible(dispute, caller)).ok_or_else(|| Problem::UnknownDispute.into())
}

/// The newest 50 disputes of the caller's own payment, of these the oldest first.
///
/// # Errors
/// [`Problem::UnknownPayment`].
pub async fn of_payment(app: &App, caller: &Caller, target: &Target) -> Result<Vec<Dispute>, ApiError> {
    let Account { id: account, environment, .. } = caller.account();
    // The payment is checked first, so that one of another merchant costs as much as a missing one.
    let (facts, _) = target.find(app, caller).await?;
    let record = app.store.transaction_record(*environment, &facts.trxid).await?;
    let record = record.filter(|record| record.transaction.facts.account == *account).ok_or(Problem::UnknownPayment)?;
    let mut numbers = record.disputes;
    let newest = numbers.split_off(numbers.len().saturating_sub(MAX_LISTED));
    let mut disputes = app.store.disputes(&newest).await?;
    disputes.retain(|dispute| is_visible(dispute, caller));
    Ok(disputes)
}

fn is_visible(dispute: &Dispute, caller: &Caller) -> bool {
    viewer(dispute, caller.account()).has_a_role()
}
