//! Support cases: the state of a case, its messages in their order, its history, and what was
//! received for it.
//!
//! A case lies beside its dispute, in the dispute's partition and in an item of its own. A
//! stranger's mail therefore never changes the dispute's version, on which clients' changes are
//! conditional.
//!
//! Everything that happens to a case is one [`SupportCommit`]: one transaction with the case, its
//! messages, its mails, the entry of its history, what was received, and the dispute where it
//! changes too. Whoever changes a case calls [`Store::revise_support`], and `recourse-casework`
//! decides what is written.
//!
//! **Invariant:** a commit is conditional on the versions of the case and of the dispute that it
//! was decided on. Of two writers at once one is decided again, on what the other one wrote.
//!
//! **Invariant:** the messages of a case have one order. Each has the next place and a time after
//! that of the one before, whatever the clocks of the workers say.
//!
//! **Invariant:** an object that was received is recorded once, and so is a Message-ID of one
//! sender in one case. Whoever brings it again changes nothing.
//!
//! | what happens | what becomes of it |
//! |---|---|
//! | two workers have the same object | one records it, the other learns that it is recorded |
//! | a worker dies before its commit | nothing is written; the next one does all of it |
//! | the answer of a commit is lost | its write token shows that it was written |
//! | a worker dies with a claim | the claim ends with its lease, and the work is claimed again |
//! | a worker answers after its lease | the work is another one by then: the answer is dropped |

mod case;
mod commit;
mod event;
mod inbound;
mod list;
mod message;
mod queue;
mod record;
mod revise;
mod sent_ids;

use recourse_dispute::channels::tutelar::configuration::Configuration;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::transaction::Transaction;

use crate::accounts::{SealedProviderSecret, StoredConfiguration};
use crate::error::StoreError;
use crate::items::body;
use crate::query::take;
use crate::transactions::StoredTransaction;
use crate::{Store, keys};

pub use case::{CaseFile, Work, WorkKind};
pub use commit::{CommitOutcome, SupportCommit};
pub use event::{StepsSince, SupportEvent};
pub use inbound::{InboundOutcome, Received};
pub use list::{CaseFilter, CaseList};
pub use message::{Attachment, Direction, Message, MessageRole};
pub use queue::{InvalidQueueCursor, QueueCursor, QueueFilter, QueueOwner, QueuePage, QueueRow, QueueView};
pub use record::CaseRecord;
pub use revise::ReviseSupportOutcome;

/// How many messages one read gets at most.
const MAX_MESSAGES: usize = 100;

/// All that a step of a case is decided on.
#[derive(Clone, Debug)]
pub struct SupportSnapshot {
    /// The dispute.
    pub dispute: Dispute,
    /// The case; `None` where nothing was written of it yet.
    pub case: Option<CaseFile>,
    /// The disputed transaction as it is now.
    pub transaction: Option<Transaction>,
    /// The configuration of the transaction's account.
    pub configuration: Configuration,
    /// The secret with which requests to the account's provider are signed.
    pub provider_secret: Option<SealedProviderSecret>,
}

impl Store {
    /// What a step of the case `number` is decided on: two reads. `None` where there is no such
    /// dispute.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn support_snapshot(&self, number: DisputeNumber) -> Result<Option<SupportSnapshot>, StoreError> {
        let (dispute, case) = (keys::dispute(number), keys::support_case(number));
        let mut found = self.batch([&dispute, &case]).await?;
        let Some(dispute) = take(&mut found, &dispute).map(body::<Dispute>).transpose()? else { return Ok(None) };
        let case = take(&mut found, &case).map(body).transpose()?;
        self.snapshot_of(dispute, case).await.map(Some)
    }

    /// The same of a dispute and its case that were read already: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn snapshot_of(&self, dispute: Dispute, case: Option<CaseFile>) -> Result<SupportSnapshot, StoreError> {
        let facts = &dispute.facts;
        let transaction = keys::transaction(facts.environment, &facts.trxid);
        let (configuration, secret) = (keys::configuration(&facts.account), keys::provider_secret(&facts.account));
        let mut found = self.batch([&transaction, &configuration, &secret]).await?;
        let transaction = take(&mut found, &transaction).map(body::<StoredTransaction>).transpose()?;
        let configuration = take(&mut found, &configuration).map(body::<StoredConfiguration>).transpose()?;
        Ok(SupportSnapshot {
            transaction: transaction.map(StoredTransaction::transaction),
            configuration: configuration.map(|stored| stored.configuration).unwrap_or_default(),
            provider_secret: take(&mut found, &secret).map(body).transpose()?,
            dispute,
            case,
        })
    }

    /// Those messages of a case that are at these places, at most 100 of them, in their order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn messages(
        &self,
        number: DisputeNumber,
        places: impl IntoIterator<Item = u64>,
    ) -> Result<Vec<Message>, StoreError> {
        let wanted: Vec<_> = places.into_iter().take(MAX_MESSAGES).map(|seq| keys::message(number, seq)).collect();
        let items = self.batch(&wanted).await?;
        let mut messages = items.into_iter().map(body::<Message>).collect::<Result<Vec<_>, _>>()?;
        messages.sort_by_key(|message| message.seq);
        Ok(messages)
    }
}
