//! Decimal texts as whole numbers of a smaller unit, exactly.

/// A decimal, as in `12.5`, in units of 10^-`places`. `None` for any other text, and for one with
/// more digits after the point.
#[must_use]
pub fn scaled(text: &str, places: usize) -> Option<u128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) || fraction.len() > places {
        return None;
    }
    format!("{whole}{fraction:0<places$}").parse().ok()
}

/// Thousandths as a decimal without zeros at its end.
#[must_use]
pub fn thousandths(number: u64) -> String {
    let text = format!("{}.{:03}", number / 1_000, number % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Picodollars as dollars and cents, rounded to the nearest cent.
#[must_use]
pub fn dollars(pico: u128) -> String {
    let cents = pico.saturating_add(5_000_000_000) / 10_000_000_000;
    format!("{}.{:02}", grouped(cents / 100), cents % 100)
}

/// A whole number with commas between its thousands.
#[must_use]
pub fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly() {
        let read = [("0.625", Some(625)), ("12", Some(12_000)), ("0.5", Some(500))];
        for (text, expected) in
            read.into_iter().chain(["", ".5", "1e3", "-1", "1.2.3", "0.0001"].map(|text| (text, None)))
        {
            assert_eq!(scaled(text, 3), expected, "{text}");
        }
        assert_eq!(scaled("0.0000133334", 12), Some(13_333_400));
    }

    #[test]
    fn numbers_are_shown_as_people_write_them() {
        assert_eq!([500, 2_000, 12_345, 0].map(thousandths), ["0.5", "2", "12.345", "0"]);
        assert_eq!([0, 4_999_999_999, 5_000_000_000].map(dollars), ["0.00", "0.00", "0.01"]);
        assert_eq!(dollars(1_234_560_000_000_000), "1,234.56");
        assert_eq!([7, 1_000, 123_456_789].map(grouped), ["7", "1,000", "123,456,789"]);
    }
}
