//! ISO 8601 durations of a fixed length: weeks, days, hours, minutes, seconds. A year or a month is
//! not one length, and is refused.

/// Ten years: a longer deadline is a slip of the pen.
const LONGEST_MS: i64 = 3_653 * DAY;
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A text that is no such duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be an ISO 8601 duration in weeks, days, hours, minutes or seconds of at most ten years, such as P20D or PT48H"
)]
pub struct BadDuration;

/// Reads a duration, in milliseconds: `P20D`, `P1DT12H`, `PT5S`, `P2W`. `PT0S` is none at all.
///
/// # Errors
/// [`BadDuration`], for years, months, fractions and signs as well.
pub fn duration(text: &str) -> Result<i64, BadDuration> {
    let rest = text.strip_prefix('P').ok_or(BadDuration)?;
    let (date, time) = match rest.split_once('T') {
        Some((_, "")) => return Err(BadDuration),
        Some((date, time)) => (date, time),
        None => (rest, ""),
    };
    if date.is_empty() && time.is_empty() {
        return Err(BadDuration);
    }
    let whole = match date.strip_suffix('W') {
        Some(weeks) if time.is_empty() => number(weeks)?.checked_mul(7 * DAY),
        _ => parts(date, &[('D', DAY)])?.checked_add(parts(time, &[('H', HOUR), ('M', MINUTE), ('S', SECOND)])?),
    };
    whole.filter(|whole| *whole <= LONGEST_MS).ok_or(BadDuration)
}

/// The sum of numbers, each with one of these letters, in their order.
fn parts(mut text: &str, units: &[(char, i64)]) -> Result<i64, BadDuration> {
    let mut sum: i64 = 0;
    for (character, unit) in units {
        if let Some((digits, rest)) = text.split_once(*character) {
            let part = number(digits)?.checked_mul(*unit).ok_or(BadDuration)?;
            sum = sum.checked_add(part).ok_or(BadDuration)?;
            text = rest;
        }
    }
    if text.is_empty() { Ok(sum) } else { Err(BadDuration) }
}

fn number(digits: &str) -> Result<i64, BadDuration> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        digits.parse().map_err(|_| BadDuration)
    } else {
        Err(BadDuration)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations() {
        for (text, millis) in [
            ("P20D", 20 * DAY),
            ("PT48H", 2 * DAY),
            ("PT5S", 5 * SECOND),
            ("PT0S", 0),
            ("P1DT2H3M4S", DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND),
            ("P2W", 14 * DAY),
            ("P3653D", LONGEST_MS),
        ] {
            assert_eq!(duration(text), Ok(millis), "{text}");
        }
        for text in [
            "",
            "P",
            "PT",
            "P1DT",
            "20D",
            "P1Y",
            "P1M",
            "PT1.5S",
            "P-1D",
            "+P1D",
            "PT5S3H",
            "P1D2D",
            "PD",
            "P2WT1H",
            "P3654D",
            "P99999999999999999999D",
            "p1d",
        ] {
            assert_eq!(duration(text), Err(BadDuration), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "P?[0-9DTHMSW]{0,24}") {
            let _ = duration(&text);
        }
    }
}
