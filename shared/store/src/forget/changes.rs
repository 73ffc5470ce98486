//! All changes of a case.

use std::collections::BTreeMap;

use recourse_dispute::time::UnixMillis;

use super::ErasedKind;
use super::plan::CasePlan;
use super::scrub::{Becomes, Scrubbed, scrub};
use super::texts::links_have;
use crate::error::StoreError;

impl CasePlan {
    /// Whether an id of the transaction is the address itself, which then stays.
    #[must_use]
    pub fn ids_have_the_address(&self) -> bool {
        self.items.iter().any(|item| links_have(item, &self.words))
    }

    /// How many items and objects have something of the person, by kind.
    ///
    /// # Errors
    /// [`StoreError`] for an item that this release cannot read.
    pub fn found(&self, now: UnixMillis) -> Result<BTreeMap<ErasedKind, u64>, StoreError> {
        let mut found = BTreeMap::new();
        let mut count = |kind, some: usize| {
            if some > 0 {
                *found.entry(kind).or_default() += u64::try_from(some).unwrap_or(u64::MAX);
            }
        };
        for item in &self.items {
            match scrub(self, item, &[], now)? {
                Becomes::Same => {}
                Becomes::Busy => count(ErasedKind::Mail, 1),
                Becomes::Changed(scrubbed) => {
                    count(scrubbed.kind, 1);
                    count(ErasedKind::MailNotSent, usize::from(scrubbed.is_dropped));
                }
            }
        }
        count(ErasedKind::EvidenceFile, self.evidence.len());
        count(ErasedKind::ReceivedMail, self.received.len());
        Ok(found)
    }

    /// The changes, in the order in which they are made, and how many mails are being sent.
    pub(super) fn changes(&self, gone: &[String], now: UnixMillis) -> Result<(Vec<Scrubbed>, u64), StoreError> {
        let (mut changes, mut busy) = (Vec::new(), 0);
        for item in &self.items {
            match scrub(self, item, gone, now)? {
                Becomes::Same => {}
                Becomes::Busy => busy += 1,
                Becomes::Changed(scrubbed) => changes.push(*scrubbed),
            }
        }
        changes.sort_by_key(|scrubbed| scrubbed.phase);
        Ok((changes, busy))
    }
}
