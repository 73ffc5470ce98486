//! Days and times as people write them: `2026-01-15` is a day, from its first to its last moment.

use recourse_dispute::time::{Day, UnixMillis};

/// The milliseconds of a day but the first.
const REST_OF_A_DAY_MS: i64 = 24 * 60 * 60 * 1000 - 1;
const RULE: &str =
    "must be a day such as 2026-01-15, or a time such as 2026-01-15T10:00 (in UTC) or 2026-01-15T10:00:00+08:00";

/// The first moment of a day, or a time.
///
/// # Errors
/// What it must be.
pub(crate) fn from(text: &str) -> Result<UnixMillis, String> {
    begin_of_day(text).or_else(|| time(text)).ok_or_else(|| RULE.to_owned())
}

/// The last moment of a day, or a time.
///
/// # Errors
/// As [`from`].
pub(crate) fn to(text: &str) -> Result<UnixMillis, String> {
    let end = begin_of_day(text).map(|begin| begin.plus(REST_OF_A_DAY_MS));
    end.or_else(|| time(text)).ok_or_else(|| RULE.to_owned())
}

/// The first and the last moment of a day.
///
/// # Errors
/// What it must be.
pub(crate) fn day(text: &str) -> Result<(UnixMillis, UnixMillis), String> {
    let begin = begin_of_day(text).ok_or("must be a day such as 2026-01-15; days are those of UTC")?;
    Ok((begin, begin.plus(REST_OF_A_DAY_MS)))
}

fn begin_of_day(text: &str) -> Option<UnixMillis> {
    Day::parse(text).ok().and_then(|day| UnixMillis::parse(&format!("{day}T00:00:00Z")).ok())
}

/// A time without an offset is one of UTC, and seconds may be left out.
fn time(text: &str) -> Option<UnixMillis> {
    let text = text.replacen(' ', "T", 1);
    let with = |end: &str| UnixMillis::parse(&format!("{text}{end}")).ok();
    with("").or_else(|| with("Z")).or_else(|| with(":00Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_all_of_it() {
        let at = |text| UnixMillis::parse(text).unwrap();
        assert_eq!(from("2026-01-15"), Ok(at("2026-01-15T00:00:00Z")));
        assert_eq!(to("2026-01-15"), Ok(at("2026-01-15T23:59:59.999Z")));
        assert_eq!(day("2024-02-29"), Ok((at("2024-02-29T00:00:00Z"), at("2024-02-29T23:59:59.999Z"))));
        assert!(day("2026-01-15T10:00").is_err());
    }

    #[test]
    fn a_time_is_of_utc_unless_it_says_otherwise() {
        let ten = UnixMillis::parse("2026-01-15T10:00:00Z").unwrap();
        for text in [
            "2026-01-15T10:00:00Z",
            "2026-01-15T18:00:00+08:00",
            "2026-01-15T10:00:00",
            "2026-01-15 10:00:00",
            "2026-01-15T10:00",
            "2026-01-15 10:00",
        ] {
            assert_eq!((from(text), to(text)), (Ok(ten), Ok(ten)), "{text}");
        }
    }

    #[test]
    fn what_is_neither_is_told_with_what_would_be() {
        for text in ["", "yesterday", "15.01.2026", "2026-1-5", "2026-02-30", "1969-12-31", "2026-01-15T25:00", "-5"] {
            assert!(from(text).unwrap_err().contains("such as 2026-01-15"), "{text}");
            assert!(to(text).is_err() && day(text).is_err(), "{text}");
        }
    }
}
