//! Workers: functions that no API calls.
//!
//! The APIs write a dispute's changes together with the mails that they enqueue. [`outbox`] sends
//! the mails: the table's stream calls it for each new mail, and a schedule for all that did not go
//! out then. [`feedback`] marks addresses that bounced, so that they get no more mail. [`inbound`]
//! takes received mails to their cases. [`deadlines`] ends what nobody acted on in time and moves
//! support cases. [`counters`] counts and hands events out, which [`webhooks`] delivers and [`bus`]
//! puts on the deployment's event bus; [`deliveries`] is what these two have in common.
//!
//! **Invariant:** a worker assumes nothing about the order of its calls, or about what else is in
//! one. An outbox item says everything that is needed to send it.

pub mod bus;
pub mod counters;
pub mod deadlines;
pub mod deliveries;
pub mod feedback;
pub mod inbound;
pub mod outbox;
pub mod stream;
#[cfg(test)]
mod testing;
mod unpanicked;
pub mod webhooks;

pub use recourse_operations::{CurrentCasework, NoCasework};
pub use recourse_runtime::SystemContext;
use recourse_signing::Secret;
use recourse_store::{Sealer, Store, StoreError};

/// The purpose for which the key of the reply tokens is derived from the data key.
const REPLY_TO: &str = "reply-to";

/// The key of the reply tokens cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum NoReplyKey {
    /// The data key that it is derived from cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was derived is no key.
    #[error("the key of the reply tokens could not be derived")]
    Unusable,
}

/// The key of the reply tokens.
pub(crate) async fn reply_key(sealer: &Sealer, store: &Store) -> Result<Secret, NoReplyKey> {
    let key = sealer.derive(store, REPLY_TO).await?;
    Secret::from_bytes(&key).map_err(|_| NoReplyKey::Unusable)
}

/// Unwraps the data key and opens the connections for that. A deployment without any account has
/// no data key yet.
pub(crate) async fn prepare(sealer: &Sealer, store: &Store) {
    if let Err(error) = sealer.prepare(store).await {
        tracing::warn!(error = %error, "unwrapping the data key at start failed; the first use tries again");
    }
}
