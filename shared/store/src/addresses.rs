//! Addresses that are not mailed any more, because SES reported a bounce or a complaint.
//!
//! What SES reports of a mail is written to its case once per mail, address and kind. SES's events
//! come at least once and in any order. A second event of the same mail, address and kind finds the
//! first one and changes nothing, even after an operator cleared the address. The first event also
//! marks the address and enqueues a mail to the account that the address belongs to, once per
//! address and case, all in one transaction.
//!
//! The key of a mark is a digest of its address, and the mark does not hold the address, so keys
//! show no address. The digest has no secret: whoever reads the table finds the address in the mail
//! of the case anyway.

use data_encoding::HEXLOWER;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::notification::Notification;
use recourse_dispute::time::UnixMillis;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::StoreError;
use crate::items::{Item, body, item, text, value};
use crate::keys::{AUDIT, PK, SK};
use crate::outbox::MailId;
use crate::transact::{FailedCondition, MAX_ROUNDS, TransactOutcome, TransactionBuilder, WriteItem, version_conflict};
use crate::{AuditContext, Store, WriteToken, keys};

/// The write of the report to the case.
const REPORTED: WriteItem = WriteItem::Pointer("feedback");
/// The write of the mark of the address.
const MARK: WriteItem = WriteItem::Pointer("address");

/// What becomes of a mail that an address does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undelivered {
    /// It came back for good.
    Bounce,
    /// Its reader marked it as spam.
    Complaint,
}

impl Undelivered {
    /// As it is stored and logged.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bounce => "bounce",
            Self::Complaint => "complaint",
        }
    }
}

/// What SES reported about one address of a mail. The case's record has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryFeedback {
    /// Which mail.
    pub mail: MailId,
    /// Which of its addresses.
    pub address: MailAddress,
    /// What happened.
    pub kind: Undelivered,
    /// When, by SES's clock.
    pub at: UnixMillis,
    /// SES's reason: a subtype and a status code, such as `General 5.1.1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Why an address is not mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// What happened.
    pub kind: Undelivered,
    /// When, by SES's clock.
    pub at: UnixMillis,
    /// To which mail.
    pub mail: MailId,
}

/// All that is known of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressRecord {
    /// Its mark; `None` when it is mailed again.
    pub mark: Option<Mark>,
    /// Who changed that, oldest first.
    pub history: Vec<AddressEntry>,
}

/// One change of an address's mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressEntry {
    /// Counts the changes, from 1.
    pub version: u64,
    /// When, by our clock.
    pub at: UnixMillis,
    /// What was done.
    pub change: AddressChange,
}

/// What was done to an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressChange {
    /// It is not mailed any more.
    Marked(Mark),
    /// An operator lets it be mailed again.
    Cleared {
        /// The operator's name.
        by: String,
        /// Why, where it was said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
}

/// What became of a report of SES.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordFeedbackOutcome {
    /// It is on the case's record now.
    Noted {
        /// Whether it is what marked the address.
        marked: bool,
        /// Whether this report enqueued the mail to the account.
        sent: bool,
    },
    /// It was there before: nothing is written.
    Already,
}

/// What became of an order to clear an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClearMarkOutcome {
    /// It is mailed again; the mark that it had.
    Cleared(Mark),
    /// It was not marked: nothing is written.
    NotMarked,
}

/// A mark as it is stored. It stays when the address is cleared, so that its changes are counted
/// on.
#[derive(Serialize, Deserialize)]
struct StoredMark {
    version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mark: Option<Mark>,
    /// When it was last cleared: older reports do not mark it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cleared_at: Option<UnixMillis>,
}

/// An address as keys name it: the SHA-256 of the address in lower case, in hexadecimal digits.
/// Hardly any server distinguishes the case of a local part, and SES reports addresses in another
/// case.
pub(crate) fn digest_of(address: &MailAddress) -> String {
    HEXLOWER.encode(&bytes_of(address))
}

fn bytes_of(address: &MailAddress) -> [u8; 32] {
    Sha256::digest(address.as_str().to_ascii_lowercase()).into()
}

impl MailId {
    /// The mail to an account about an address of a case. It is the same one for the same case and
    /// address.
    #[must_use]
    pub(crate) fn undeliverable(number: recourse_dispute::number::DisputeNumber, address: &MailAddress) -> Self {
        let short = bytes_of(address).iter().take(8).fold(0_u64, |so_far, byte| (so_far << 8) | u64::from(*byte));
        Self::out_of_band(number, short)
    }
}

impl Store {
    /// Those of these addresses, at most 100, that are not to be mailed: one call.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn marked(&self, addresses: &[&MailAddress]) -> Result<Vec<MailAddress>, StoreError> {
        // Two addresses that differ in case alone have one mark.
        let wanted: Vec<_> = addresses.iter().map(|address| keys::address_mark(&digest_of(address))).collect();
        let mut marked = Vec::new();
        for item in self.batch(&wanted).await? {
            let pk = text(&item, PK).unwrap_or_default().to_owned();
            if body::<StoredMark>(item)?.mark.is_some() {
                marked.push(pk);
            }
        }
        let is_marked = |address: &&&MailAddress| marked.contains(&keys::address_partition(&digest_of(address)));
        Ok(addresses.iter().filter(is_marked).map(|address| (*address).clone()).collect())
    }

    /// Whether none of these addresses, at most 100, is to be mailed: one call. `false` of none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn are_all_marked(&self, addresses: &[&MailAddress]) -> Result<bool, StoreError> {
        Ok(!addresses.is_empty() && self.marked(addresses).await?.len() == addresses.len())
    }

    /// The mark of an address and its history; `None` if SES never reported the address.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn address_record(&self, address: &MailAddress) -> Result<Option<AddressRecord>, StoreError> {
        let (mut stored, mut history) = (None, Vec::new());
        for item in self.partition(&keys::address_partition(&digest_of(address)), None).await? {
            match text(&item, SK) {
                Some("MARK") => stored = Some(body::<StoredMark>(item)?),
                Some(sk) if sk.starts_with(AUDIT) => history.push(body(item)?),
                _ => {}
            }
        }
        Ok(stored.map(|stored| AddressRecord { mark: stored.mark, history }))
    }

    /// Writes what SES reported to the case, marks the address unless it is marked, and enqueues
    /// `notification`, if there is one, unless the account was notified of this address of this
    /// case before. A report from before the address was cleared is written to the case and does
    /// nothing else.
    ///
    /// # Errors
    /// [`StoreError`]. Reporting the same again is safe, even if the first report was stored.
    pub async fn undelivered(
        &self,
        feedback: &DeliveryFeedback,
        notification: Option<&Notification>,
        now: UnixMillis,
        mut token: impl FnMut() -> WriteToken,
    ) -> Result<RecordFeedbackOutcome, StoreError> {
        let address = digest_of(&feedback.address);
        let (mail, kind) = (feedback.mail, feedback.kind);
        let key = keys::feedback(mail, &address, kind.name());
        let mut notification = notification;
        for round in 0..MAX_ROUNDS {
            let token = token();
            let before: Option<StoredMark> = self.get(&keys::address_mark(&address)).await?;
            let mut builder = TransactionBuilder::default();
            builder.create(self, REPORTED, token.stamp(item(&key, "feedback", feedback)?))?;
            // A report that is older than the clearing of the address was known to the operator.
            let is_news = before.as_ref().and_then(|before| before.cleared_at).is_none_or(|at| at < feedback.at);
            let marked = is_news && before.as_ref().is_none_or(|before| before.mark.is_none());
            notification = notification.filter(|_| is_news);
            if marked {
                let mark = Mark { kind, at: feedback.at, mail };
                self.mark_steps(&mut builder, &address, before.as_ref(), AddressChange::Marked(mark), now, &token)?;
            }
            if let Some(notification) = notification {
                let id = MailId::undeliverable(mail.number, &feedback.address);
                self.enqueue(&mut builder, id, notification.clone(), now)?;
            }
            match self.transact(&token, builder).await? {
                TransactOutcome::Done => {
                    return Ok(RecordFeedbackOutcome::Noted { marked, sent: notification.is_some() });
                }
                TransactOutcome::Refused(FailedCondition { item: REPORTED, .. }) => {
                    return Ok(RecordFeedbackOutcome::Already);
                }
                // The mail exists: the account was notified when another mail to the address came
                // back, or this one came back in another way.
                TransactOutcome::Refused(FailedCondition { item: WriteItem::Record, .. }) => {
                    notification = None;
                }
                TransactOutcome::Refused(_) => tokio::time::sleep(token.wait(round)).await,
            }
        }
        Err(version_conflict("undelivered", mail))
    }

    /// Lets an address be mailed again, and records who ordered it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn clear_address(
        &self,
        address: &MailAddress,
        audit: &AuditContext,
        token: impl FnMut() -> WriteToken,
    ) -> Result<ClearMarkOutcome, StoreError> {
        let address = &digest_of(address);
        self.rounds("clear_address", address, token, |token| async move {
            let Some(before) = self.get::<StoredMark>(&keys::address_mark(address)).await? else {
                return Ok(Some(ClearMarkOutcome::NotMarked));
            };
            let Some(mark) = before.mark else { return Ok(Some(ClearMarkOutcome::NotMarked)) };
            let cleared = AddressChange::Cleared { by: audit.by.name.clone(), why: audit.why.clone() };
            let mut builder = TransactionBuilder::default();
            self.mark_steps(&mut builder, address, Some(&before), cleared, audit.at, &token)?;
            self.commit(&token, builder, ClearMarkOutcome::Cleared(mark), |_| None).await
        })
        .await
    }

    /// The mark after a change, and the audit entry of the change.
    fn mark_steps(
        &self,
        builder: &mut TransactionBuilder,
        address: &str,
        before: Option<&StoredMark>,
        change: AddressChange,
        at: UnixMillis,
        token: &WriteToken,
    ) -> Result<(), StoreError> {
        let version = before.map_or(0, |before| before.version);
        let (mark, cleared_at) = match change {
            AddressChange::Marked(mark) => (Some(mark), before.and_then(|before| before.cleared_at)),
            AddressChange::Cleared { .. } => (None, Some(at)),
        };
        let after = StoredMark { version: version + 1, mark, cleared_at };
        let after = item(&keys::address_mark(address), "address", &after)?;
        match version {
            0 => builder.create(self, MARK, after)?,
            version => {
                let before = Item::from([(":version".to_owned(), value(version)?)]);
                builder.put(self, MARK, after, "version = :version", before)?;
            }
        }
        let key = keys::address_audit(address, version + 1);
        let entry = item(&key, "audit", &AddressEntry { version: version + 1, at, change })?;
        // Never rewritten, unlike the mark, so it shows a write of this request after later
        // changes, too.
        builder.create(self, MARK, token.stamp(entry))
    }
}
