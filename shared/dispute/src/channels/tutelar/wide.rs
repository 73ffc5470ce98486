//! Whole numbers of 256 bits, as far as products of decimals need them: multiplied, added,
//! compared.

/// The lower half of a `u128`.
const LOW: u128 = u64::MAX as u128;

/// A whole number below 2^256. It compares as numbers do, the upper half being the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wide {
    upper: u128,
    lower: u128,
}

impl Wide {
    /// All of a product, done as on paper with digits of 64 bits. No sum of these overflows: a
    /// digit times a digit leaves room for two digits more.
    pub(crate) fn product(one: u128, other: u128) -> Self {
        let (one_upper, one_lower, other_upper, other_lower) = (one >> 64, one & LOW, other >> 64, other & LOW);
        let (first, last) = (one_lower * other_lower, one_upper * other_upper);
        let second = one_upper * other_lower + (first >> 64);
        let third = one_lower * other_upper + (second & LOW);
        Self { upper: last + (second >> 64) + (third >> 64), lower: (third << 64) | (first & LOW) }
    }

    /// A sum; `None` from 2^256 on.
    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let (lower, carries) = self.lower.overflowing_add(other.lower);
        let upper = self.upper.checked_add(other.upper)?.checked_add(carries.into())?;
        Some(Self { upper, lower })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MAX: Wide = Wide { upper: u128::MAX, lower: u128::MAX };

    fn small(lower: u128) -> Wide {
        Wide { upper: 0, lower }
    }

    #[test]
    fn the_largest_product_and_the_first_sum_too_large() {
        // (2^128 - 1)^2 is 2^256 - 2^129 + 1.
        assert_eq!(Wide::product(u128::MAX, u128::MAX), Wide { upper: u128::MAX - 1, lower: 1 });
        assert_eq!(MAX.plus(small(0)), Some(MAX));
        assert_eq!(MAX.plus(small(1)), None);
        assert_eq!(small(u128::MAX).plus(small(1)), Some(Wide { upper: 1, lower: 0 }));
    }

    proptest! {
        #[test]
        fn what_fits_into_half_is_what_the_processor_says(one in any::<u64>(), other in any::<u64>()) {
            let (one, other) = (u128::from(one), u128::from(other));
            prop_assert_eq!(Wide::product(one, other), small(one * other));
            prop_assert_eq!(small(one).plus(small(other)), Some(small(one + other)));
        }

        #[test]
        fn products_are_sums_of_products(one in any::<u128>(), other in any::<u128>(), third in any::<u128>()) {
            prop_assume!(other.checked_add(third).is_some());
            let apart = Wide::product(one, other).plus(Wide::product(one, third));
            prop_assert_eq!(Some(Wide::product(one, other + third)), apart);
            prop_assert_eq!(Wide::product(one, other), Wide::product(other, one));
        }

        #[test]
        fn the_larger_factor_makes_the_larger_product(one in 1_u128.., other in any::<u128>(), third in any::<u128>()) {
            prop_assert_eq!(Wide::product(one, other).cmp(&Wide::product(one, third)), other.cmp(&third));
        }
    }
}
