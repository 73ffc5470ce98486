//! Opening a dispute: draw a number, build the dispute and write it. If another dispute has the
//! number, draw again. Every API opens disputes by [`App::open_dispute`].

use recourse_dispute::dispute::Dispute;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Status;
use recourse_store::{LiveDispute, OpenOutcome, Opening, RequestGuard};

use crate::{App, ServiceError};

/// The most numbers that are drawn for one dispute. There are more than 10^14 numbers. If even two
/// in a row are taken, the random bytes are not random.
const MAX_NUMBER_DRAWS: u32 = 8;

/// Why a dispute was not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotOpened<R> {
    /// The request's guard refuses it.
    Guarded(R),
    /// The transaction has this status.
    NotDisputable(Status),
    /// A dispute of the transaction is live already, or its opener has another draft.
    Duplicate(LiveDispute),
}

impl App {
    /// Opens the dispute that `build` makes from a number and a time. If another dispute has the
    /// number, `build` is called again.
    ///
    /// # Errors
    /// What `build` refuses, or a [`ServiceError`]. After a temporary one, the dispute may exist.
    pub async fn open_dispute<G: RequestGuard, E: From<ServiceError>>(
        &self,
        mut build: impl FnMut(DisputeNumber, UnixMillis) -> Result<Opening<G>, E>,
    ) -> Result<Result<Box<Dispute>, NotOpened<G::Outcome>>, E> {
        let mut taken = None;
        for _ in 0..MAX_NUMBER_DRAWS {
            let number = self.context.number().map_err(ServiceError::from)?;
            let (now, token) = (self.context.now(), self.context.write_token().map_err(ServiceError::from)?);
            let opening = build(number, now)?;
            if !opening.is_of_its_channel() {
                let what = "a dispute was not opened as the table of the channels has it";
                return Err(ServiceError::invariant(what, number.case_id()).into());
            }
            match self.store.open(&opening, &token, now).await.map_err(ServiceError::from)? {
                OpenOutcome::Opened(dispute) => return Ok(Ok(dispute)),
                OpenOutcome::Guarded(refusal) => return Ok(Err(NotOpened::Guarded(refusal))),
                OpenOutcome::NotDisputable(status) => return Ok(Err(NotOpened::NotDisputable(status))),
                OpenOutcome::Duplicate(live) => return Ok(Err(NotOpened::Duplicate(live))),
                OpenOutcome::NumberTaken => taken = Some(number),
            }
        }
        let last = taken.map(DisputeNumber::case_id).unwrap_or_default();
        Err(ServiceError::invariant("8 numbers in a row were drawn that other disputes have", last).into())
    }
}
