//! Medians, quartiles, and the ratio of two sides that were measured alternately.

/// What the middle half of some samples is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The first quartile.
    pub low: f64,
    /// The third quartile.
    pub high: f64,
}

impl Spread {
    /// A value that was measured once and does not vary, such as a size.
    #[must_use]
    pub fn exact(value: f64) -> Self {
        Self { median: value, low: value, high: value }
    }
}

/// The value that this share of the samples (0 to 1) does not exceed, by the nearest rank; `None`
/// of no samples.
#[must_use]
pub fn quantile(samples: &[f64], share: f64) -> Option<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let rank = (share.clamp(0.0, 1.0) * last as f64).round() as usize;
    sorted.get(rank).copied()
}

/// The median and the quartiles.
#[must_use]
pub fn spread(samples: &[f64]) -> Option<Spread> {
    let [median, low, high] = [0.5, 0.25, 0.75].map(|share| quantile(samples, share));
    Some(Spread { median: median?, low: low?, high: high? })
}

/// The ratio of two sides' medians. Its quartiles are those of the ratios of what was measured next
/// to each other. A sample of nothing on the right is left out.
#[must_use]
pub fn ratio(ours: &[f64], theirs: &[f64]) -> Option<Spread> {
    let pairs: Vec<f64> = ours.iter().zip(theirs).filter(|(_, b)| **b > 0.0).map(|(a, b)| a / b).collect();
    let of_pairs = spread(&pairs)?;
    let (ours, theirs) = (quantile(ours, 0.5)?, quantile(theirs, 0.5)?);
    (theirs > 0.0).then(|| Spread { median: ours / theirs, ..of_pairs })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_the_nearest_sample_whatever_their_order() {
        let samples = [5.0, 1.0, 4.0, 2.0, 3.0];
        assert_eq!(
            [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| quantile(&samples, share)),
            [1.0, 2.0, 3.0, 4.0, 5.0].map(Some)
        );
        assert_eq!((quantile(&samples, 7.0), quantile(&[], 0.5)), (Some(5.0), None));
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(quantile(&hundred, 0.99), Some(99.0));
    }

    #[test]
    fn a_ratio_is_that_of_the_medians_and_spreads_as_the_pairs_do() {
        let found = ratio(&[2.0, 4.0, 6.0], &[2.0, 2.0, 2.0]).unwrap();
        assert_eq!(found, Spread { median: 2.0, low: 2.0, high: 3.0 });
        // One slow round of both sides changes nothing.
        let found = ratio(&[3.0, 300.0, 3.0], &[2.0, 200.0, 2.0]).unwrap();
        assert_eq!(found, Spread::exact(1.5));
    }

    #[test]
    fn what_took_no_time_or_was_not_measured_has_no_ratio() {
        assert_eq!(ratio(&[1.0], &[0.0]), None);
        assert_eq!(ratio(&[], &[1.0]), None);
        assert_eq!(ratio(&[1.0], &[]), None);
    }
}
