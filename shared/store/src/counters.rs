//! What is counted of disputes, and the entries by which a search finds them: all of it is
//! maintained from the stream of the table, so that opening or changing a dispute costs nothing
//! more.
//!
//! | part | says | marker |
//! |---|---|---|
//! | `domains` | how many disputes a bank has, by category and status | `CNT` |
//! | `numbers` | how many disputes a day had, and how long they took | `NUM` |
//! | `search` | which disputes have an address, a refid, an amount, a day or another id | `FND` |
//! | `ended` | nothing: it makes a case due whose dispute was closed from outside | its place in the index |
//!
//! **Invariant:** a dispute is counted and entered once, as it is now, however often and in
//! whatever order its changes come. A marker next to the dispute stores what each part last wrote
//! of it and of which version. A part's marker and all else that it writes change in one
//! transaction, which is conditional on the marker. A part whose marker is of a later version than
//! what was read, reads again.

mod domains;
mod ended;
mod histogram;
mod numbers;
mod search;

use recourse_dispute::dispute::Dispute;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::transaction::Kind;

use crate::error::StoreError;
use crate::items::{Item, body};
use crate::query::take;
use crate::support::CaseFile;
use crate::transact::{MAX_ROUNDS, TransactionBuilder, version_conflict};
use crate::transactions::StoredTransaction;
use crate::{Store, WriteToken, keys};

pub use histogram::{AtMost, Histogram};
pub use numbers::{Dimension, NumbersRow};
pub use search::{FoundCase, FoundPage, SearchKey};

/// What became of a count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecountOutcome {
    /// It is counted and entered as it is now, and was not before.
    Counted,
    /// It was so already, or does not exist.
    Already,
    /// This release cannot read the stored dispute, for this reason. Trying again does not help.
    /// Other disputes are not affected.
    Unreadable(String),
}

/// A dispute as it is now, and what was last written of it.
struct Seen {
    dispute: Dispute,
    case: Option<CaseFile>,
    /// The same as it is stored.
    stored_case: Option<Item>,
    /// What was bought.
    kind: Kind,
    counted: Option<domains::Counted>,
    numbered: Option<numbers::Numbered>,
    entered: Option<search::Entered>,
}

/// Whether it is looked up what was bought, which costs a read where no case says it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum KindLookup {
    /// The numbers are counted by it.
    Needed,
    /// Nothing asks for it.
    Skipped,
}

/// What one part does with what was read.
type Counting = fn(&Store, &Seen, &WriteToken) -> Result<Part, StoreError>;

/// What a part has to do.
enum Part {
    /// Nothing.
    Done,
    /// Write this.
    Write(TransactionBuilder),
    /// Write this, and look again: it is not all of it.
    WriteSome(TransactionBuilder),
    /// Read again: somebody else wrote meanwhile what was read before it.
    Again,
}

impl Store {
    /// Counts a dispute as it is now and enters it for searches, unless both was done already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn recount(
        &self,
        number: DisputeNumber,
        mut token: impl FnMut() -> WriteToken,
    ) -> Result<RecountOutcome, StoreError> {
        let parts: [Counting; 4] = [Self::count_status, Self::count_numbers, Self::enter_searches, Self::wake_ended];
        self.in_rounds(number, &parts, KindLookup::Needed, &mut token).await
    }

    /// Enters a dispute for searches as it is now, and deletes the entries that are not true any
    /// more. Its counts are left to `recount`, which the stream calls.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enter_again(
        &self,
        number: DisputeNumber,
        mut token: impl FnMut() -> WriteToken,
    ) -> Result<RecountOutcome, StoreError> {
        self.in_rounds(number, &[Self::enter_searches], KindLookup::Skipped, &mut token).await
    }

    async fn in_rounds(
        &self,
        number: DisputeNumber,
        parts: &[Counting],
        kind: KindLookup,
        token: &mut impl FnMut() -> WriteToken,
    ) -> Result<RecountOutcome, StoreError> {
        let mut outcome = RecountOutcome::Already;
        for round in 0..MAX_ROUNDS {
            let seen = match self.seen(number, kind).await {
                Ok(Some(seen)) => seen,
                Ok(None) => return Ok(outcome),
                Err(error @ StoreError::Unreadable { .. }) => return Ok(RecountOutcome::Unreadable(error.to_string())),
                Err(error) => return Err(error),
            };
            let mut is_done = true;
            for part in parts {
                let token = token();
                let (builder, is_all) = match part(self, &seen, &token)? {
                    Part::Done => continue,
                    Part::Write(builder) => (Some(builder), true),
                    Part::WriteSome(builder) => (Some(builder), false),
                    Part::Again => (None, false),
                };
                let written = match builder {
                    Some(builder) => self.commit(&token, builder, (), |_| None).await?.is_some(),
                    None => false,
                };
                if written {
                    outcome = RecountOutcome::Counted;
                }
                is_done = is_done && written && is_all;
            }
            if is_done {
                return Ok(outcome);
            }
            tokio::time::sleep(token().wait(round)).await;
        }
        Err(version_conflict("recount", number.case_id()))
    }

    /// One batch, and once for a dispute without a support process its transaction, where its kind
    /// is needed.
    async fn seen(&self, number: DisputeNumber, lookup: KindLookup) -> Result<Option<Seen>, StoreError> {
        let (dispute, case) = (keys::dispute(number), keys::support_case(number));
        let (counted, numbered, entered) = (keys::counted(number), keys::numbered(number), keys::entered(number));
        let mut found = self.batch([&dispute, &case, &counted, &numbered, &entered]).await?;
        let Some(dispute) = take(&mut found, &dispute).map(body::<Dispute>).transpose()? else { return Ok(None) };
        let stored_case = take(&mut found, &case);
        let case = stored_case.clone().map(body::<CaseFile>).transpose()?;
        let numbered = take(&mut found, &numbered).map(body::<numbers::Numbered>).transpose()?;
        let process = case.as_ref().and_then(|case| case.support.as_ref());
        let kind = match (process, &numbered) {
            (Some(process), _) => process.kind,
            (None, Some(numbered)) => numbered.kind,
            (None, None) if lookup == KindLookup::Skipped => Kind::default(),
            (None, None) => {
                let key = keys::transaction(dispute.facts.environment, &dispute.facts.trxid);
                let known: Option<Item> = self.item(&key).await?;
                let known = known.map(body::<StoredTransaction>).transpose()?;
                known.map(|known| known.transaction().kind).unwrap_or_default()
            }
        };
        Ok(Some(Seen {
            counted: take(&mut found, &counted).map(body).transpose()?,
            entered: take(&mut found, &entered).map(body).transpose()?,
            dispute,
            case,
            stored_case,
            kind,
            numbered,
        }))
    }
}
