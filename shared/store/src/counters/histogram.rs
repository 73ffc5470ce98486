//! How often a time lasted how long, in buckets of fixed bounds.
//!
//! There are four buckets for each doubling, from a minute to 91 days, so a bucket's upper bound is
//! at most a quarter more than its lower one. A median or another share that is read off the
//! buckets is the upper bound of its bucket: never too short, and too long by less than a quarter.

use std::collections::BTreeMap;

/// The upper bound of the first bucket, in seconds.
const FIRST: u64 = 60;
/// How many buckets there are for each doubling.
const STEPS: [u64; 4] = [19, 23, 27, 32];
/// What the steps are parts of.
const WHOLE: u64 = 16;
/// How often the first bound is doubled.
const DOUBLINGS: u32 = 17;
/// The bucket of everything that is longer than the last bound.
const LONGER: u8 = 69;

/// The upper bound of a bucket, in seconds; `None` of the last one, which has none.
fn bound(bucket: u8) -> Option<u64> {
    if bucket >= LONGER {
        return None;
    }
    let Some(after) = bucket.checked_sub(1) else { return Some(FIRST) };
    let step = STEPS.get(usize::from(after % 4)).copied().unwrap_or(WHOLE);
    Some((FIRST << u32::from(after / 4)) * step / WHOLE)
}

/// The bucket of a time in seconds.
pub(super) fn bucket(seconds: u64) -> u8 {
    (0..LONGER).find(|bucket| bound(*bucket).is_some_and(|bound| seconds <= bound)).unwrap_or(LONGER)
}

/// How many times fell into each bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram(BTreeMap<u8, u64>);

/// A share of times, read off the buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtMost {
    /// They lasted at most so many seconds.
    Seconds(u64),
    /// The time is longer than the last bound, which is so many seconds.
    MoreThan(u64),
}

impl Histogram {
    /// Of these times, in seconds.
    pub fn of(times: impl IntoIterator<Item = u64>) -> Self {
        let mut histogram = Self::default();
        for seconds in times {
            histogram.enter(bucket(seconds), 1);
        }
        histogram
    }

    /// How many times there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.values().sum()
    }

    /// The time that so many per cent of the times do not exceed: 50 for the median. `None` of
    /// none.
    #[must_use]
    pub fn percentile(&self, per_cent: u64) -> Option<AtMost> {
        let wanted = (self.count() * per_cent).div_ceil(100).max(1);
        let mut below = 0;
        let found = self.0.iter().find(|(_, count)| {
            below += **count;
            below >= wanted
        });
        found.map(|(bucket, _)| bound(*bucket).map_or(AtMost::MoreThan(FIRST << DOUBLINGS), AtMost::Seconds))
    }

    /// Adds the times of another one.
    pub fn add(&mut self, other: &Self) {
        for (bucket, count) in &other.0 {
            self.enter(*bucket, *count);
        }
    }

    pub(super) fn enter(&mut self, bucket: u8, count: u64) {
        if count > 0 {
            *self.0.entry(bucket).or_default() += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_rise_by_less_than_a_quarter_from_a_minute_to_ninety_days() {
        let bounds: Vec<u64> = (0..LONGER).map(|bucket| bound(bucket).unwrap()).collect();
        assert_eq!((bounds[0], bounds[4], bounds[8]), (60, 120, 240));
        assert_eq!(*bounds.last().unwrap(), FIRST << DOUBLINGS);
        assert_eq!((FIRST << DOUBLINGS) / 86_400, 91);
        assert!(bounds.windows(2).all(|pair| pair[0] < pair[1] && pair[1] * 100 <= pair[0] * 125), "{bounds:?}");
        assert_eq!(bound(LONGER), None);
        for (seconds, expected) in
            [(0, 0), (60, 0), (61, 1), (120, 4), (121, 5), (FIRST << DOUBLINGS, 68), (u64::MAX, 69)]
        {
            assert_eq!(bucket(seconds), expected, "{seconds}");
        }
    }

    #[test]
    fn a_median_and_a_ninetieth_are_read_off_the_buckets() {
        let mut times = Histogram::default();
        assert_eq!(times.percentile(50), None);
        times.add(&Histogram::of([30, 100, 3_600, 3_600, 90_000]));
        let median = bound(bucket(3_600)).unwrap();
        assert!((3_600..4_500).contains(&median));
        assert_eq!(times.percentile(50), Some(AtMost::Seconds(median)));
        assert_eq!(times.percentile(20), Some(AtMost::Seconds(60)));
        assert!(matches!(times.percentile(90), Some(AtMost::Seconds(90_000..112_500))));
        let long = Histogram::of([u64::MAX; 2]);
        assert_eq!(long.percentile(90), Some(AtMost::MoreThan(FIRST << DOUBLINGS)));
        times.add(&long);
        assert_eq!(times.count(), 7);
    }
}
