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
use crate::items::{Item, body};
use crate::keys::ItemKey;
use crate::query::{copy, take};
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
/// How many cases are read at once: a batch has at most 100 items, and a case needs five.
const MAX_SNAPSHOTS: usize = 20;

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

/// The snapshot of a case, or what keeps it from being read.
pub type ReadSnapshot = (DisputeNumber, Result<SupportSnapshot, StoreError>);

/// A dispute and its case: the first half of a snapshot.
struct CaseItems {
    dispute: Dispute,
    case: Option<CaseFile>,
}

impl CaseItems {
    /// Takes the items of a case from a batch; `None` where there is no such dispute.
    fn take(number: DisputeNumber, found: &mut Vec<Item>) -> Option<(DisputeNumber, Result<Self, StoreError>)> {
        let dispute = take(found, &keys::dispute(number))?;
        let case = take(found, &keys::support_case(number));
        let read = || Ok(Self { dispute: body(dispute)?, case: case.map(body).transpose()? });
        Some((number, read()))
    }

    /// The items beside them that a step needs: the transaction, the account's configuration and
    /// its secret.
    fn beside(&self) -> [ItemKey; 3] {
        let facts = &self.dispute.facts;
        [
            keys::transaction(facts.environment, &facts.trxid),
            keys::configuration(&facts.account),
            keys::provider_secret(&facts.account),
        ]
    }

    /// The snapshot, with what a batch found of [`Self::beside`]. Cases share the items of their
    /// account.
    fn complete(self, found: &[Item]) -> Result<SupportSnapshot, StoreError> {
        let [transaction, configuration, secret] = self.beside().map(|key| copy(found, &key));
        let configuration = configuration.map(body::<StoredConfiguration>).transpose()?;
        Ok(SupportSnapshot {
            dispute: self.dispute,
            case: self.case,
            transaction: transaction.map(body::<StoredTransaction>).transpose()?.map(StoredTransaction::transaction),
            configuration: configuration.map(|stored| stored.configuration).unwrap_or_default(),
            provider_secret: secret.map(body).transpose()?,
        })
    }
}

impl Store {
    /// What a step of the case `number` is decided on: two reads. `None` where there is no such
    /// dispute.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn support_snapshot(&self, number: DisputeNumber) -> Result<Option<SupportSnapshot>, StoreError> {
        let (_, snapshot) = self.support_snapshots(&[number]).await?.pop().unzip();
        snapshot.transpose()
    }

    /// The same for many cases, each of which is there once: two reads for every 20 cases. What is
    /// wrong with one case is the result of that case alone. A dispute that does not exist has
    /// none.
    ///
    /// # Errors
    /// [`StoreError`] where the cases cannot be read at all.
    pub async fn support_snapshots(&self, numbers: &[DisputeNumber]) -> Result<Vec<ReadSnapshot>, StoreError> {
        let mut snapshots = Vec::with_capacity(numbers.len());
        for numbers in numbers.chunks(MAX_SNAPSHOTS) {
            let wanted = numbers.iter().flat_map(|number| [keys::dispute(*number), keys::support_case(*number)]);
            let mut found = self.batch(&wanted.collect::<Vec<_>>()).await?;
            let cases: Vec<_> = numbers.iter().filter_map(|number| CaseItems::take(*number, &mut found)).collect();
            let beside = cases.iter().flat_map(|(_, case)| case.as_ref().ok().map(CaseItems::beside));
            let found = self.batch(&beside.flatten().collect::<Vec<_>>()).await?;
            let complete = |case: CaseItems| case.complete(&found);
            snapshots.extend(cases.into_iter().map(|(number, case)| (number, case.and_then(complete))));
        }
        Ok(snapshots)
    }

    /// The same of a dispute and its case that were read already: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn snapshot_of(&self, dispute: Dispute, case: Option<CaseFile>) -> Result<SupportSnapshot, StoreError> {
        let case = CaseItems { dispute, case };
        let found = self.batch(&case.beside()).await?;
        case.complete(&found)
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
