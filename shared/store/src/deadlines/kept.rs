//! What is stored of closed cases, as the index says it by the names of its partitions.

use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;

use super::{SHARD, enter, leave};
use crate::Retention;
use crate::error::StoreError;
use crate::items::{Item, text};

/// What is stored of a closed case, as far as [`Retention`] tells it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeptData {
    /// Texts of messages, mails and notes.
    pub(crate) messages: bool,
    /// Files.
    pub(crate) evidence: bool,
}

impl KeptData {
    /// All of it.
    pub(crate) const ALL: Self = Self { messages: true, evidence: true };
    /// What there is to erase something of.
    pub(crate) const SOME: [Self; 3] =
        [Self::ALL, Self { messages: true, evidence: false }, Self { messages: false, evidence: true }];

    /// What the names of its partitions begin with; `None` where nothing is stored.
    pub(crate) fn prefix(self) -> Option<&'static str> {
        match (self.messages, self.evidence) {
            (true, true) => Some("closed-"),
            (true, false) => Some("closed_messages-"),
            (false, true) => Some("closed_evidence-"),
            (false, false) => None,
        }
    }

    /// What is stored of the case of a dispute's item; `None` where it is not closed, or nothing is
    /// left.
    pub(crate) fn of(stored: &Item) -> Option<Self> {
        let (prefix, _) = text(stored, SHARD)?.rsplit_once('-')?;
        Self::SOME.into_iter().find(|kept| kept.prefix().is_some_and(|name| name.trim_end_matches('-') == prefix))
    }

    /// Puts the item of a dispute that closed at `since` into the index, or takes it out.
    pub(crate) fn enter(self, stored: &mut Item, number: DisputeNumber, since: UnixMillis) -> Result<(), StoreError> {
        match self.prefix() {
            Some(prefix) => enter(stored, prefix, number, since),
            None => {
                leave(stored);
                Ok(())
            }
        }
    }

    /// Up to when a case must have closed for some of this to be past its time.
    pub(crate) fn closed_until(self, retention: Retention, now: UnixMillis) -> Option<UnixMillis> {
        let days = [retention.messages.filter(|_| self.messages), retention.evidence.filter(|_| self.evidence)];
        Some(Retention::before(now, days.into_iter().flatten().min()?))
    }

    /// What of this is past its time in a case that has been closed since then.
    pub(crate) fn past(self, retention: Retention, since: UnixMillis, now: UnixMillis) -> Self {
        let is_past = |days: Option<u32>| days.is_some_and(|days| since <= Retention::before(now, days));
        Self {
            messages: self.messages && is_past(retention.messages),
            evidence: self.evidence && is_past(retention.evidence),
        }
    }

    /// What is left of this when that is erased.
    pub(crate) fn without(self, other: Self) -> Self {
        Self { messages: self.messages && !other.messages, evidence: self.evidence && !other.evidence }
    }

    /// Whether nothing is stored.
    pub(crate) fn is_nothing(self) -> bool {
        self == Self { messages: false, evidence: false }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_764_547_200_000);
    const DAY: i64 = 86_400_000;

    fn retention(messages: Option<u32>, evidence: Option<u32>) -> Retention {
        Retention { messages, evidence, ..Retention::default() }
    }

    #[test]
    fn a_partition_says_what_is_stored() {
        let number = DisputeNumber::try_from(551).unwrap();
        for kept in KeptData::SOME {
            let mut stored = Item::new();
            kept.enter(&mut stored, number, NOW).unwrap();
            assert_eq!(KeptData::of(&stored), Some(kept));
            KeptData { messages: false, evidence: false }.enter(&mut stored, number, NOW).unwrap();
            assert!(stored.is_empty());
        }
        for other in ["7", "support-7", "resolved-7", "objects-7"] {
            let stored = Item::from([(SHARD.to_owned(), AttributeValue::S(other.to_owned()))]);
            assert_eq!(KeptData::of(&stored), None, "{other}");
        }
    }

    #[test]
    fn each_kind_is_past_its_own_time() {
        let (some, days) = (|messages, evidence| KeptData { messages, evidence }, |days: i64| NOW.plus(-days * DAY));
        let both = retention(Some(60), Some(30));
        for (since, past) in [(29, some(false, false)), (30, some(false, true)), (59, some(false, true))] {
            assert_eq!(KeptData::ALL.past(both, days(since), NOW), past, "{since} days");
        }
        assert_eq!(KeptData::ALL.past(both, days(60), NOW), KeptData::ALL);
        assert_eq!(KeptData::ALL.past(retention(None, None), days(60), NOW), some(false, false));
        assert_eq!(some(true, false).past(both, days(90), NOW), some(true, false), "what is left of it");
        assert_eq!(KeptData::ALL.closed_until(both, NOW), Some(days(30)));
        assert_eq!(some(true, false).closed_until(both, NOW), Some(days(60)));
        assert_eq!(some(true, false).closed_until(retention(None, Some(30)), NOW), None);
    }
}
