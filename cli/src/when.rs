//! Days and times as people write them. `2026-01-15` is a whole day, in UTC.

use recourse_dispute::time::{InvalidTimestamp, UnixMillis};
use recourse_store::DateRange;

use crate::ending::Failure;
use crate::output::utc;

/// The milliseconds of a day but the first.
const REST_OF_A_DAY_MS: i64 = 24 * 60 * 60 * 1000 - 1;
const RULE: &str =
    "must be a day such as 2026-01-15, or a time such as 2026-01-15T10:00 (in UTC) or 2026-01-15T10:00:00+08:00";

/// The first moment of a day, or a time. An error says what is wrong with a day or a time, and
/// names the forms that are read where the text is in none of them.
pub(crate) fn from(text: &str) -> Result<UnixMillis, String> {
    let begin = if is_day(text) { begin_of_day(text) } else { time(text) };
    begin.map_err(|error| rule(error, RULE))
}

/// The last moment of a day, or a time, as [`from`] reads it.
pub(crate) fn to(text: &str) -> Result<UnixMillis, String> {
    let end = if is_day(text) { begin_of_day(text).map(|begin| begin.plus(REST_OF_A_DAY_MS)) } else { time(text) };
    end.map_err(|error| rule(error, RULE))
}

/// The first and the last moment of a day.
pub(crate) fn day(text: &str) -> Result<(UnixMillis, UnixMillis), String> {
    let form = "must be a day such as 2026-01-15; days are those of UTC";
    let begin = begin_of_day(text).map_err(|error| rule(error, form))?;
    Ok((begin, begin.plus(REST_OF_A_DAY_MS)))
}

/// Whether a text has the length of a day. No time is as short.
fn is_day(text: &str) -> bool {
    text.len() == "2026-01-15".len()
}

fn begin_of_day(text: &str) -> Result<UnixMillis, InvalidTimestamp> {
    if is_day(text) { UnixMillis::parse(&format!("{text}T00:00:00Z")) } else { Err(InvalidTimestamp::Form) }
}

/// What is wrong: `form` where the text is in another form.
fn rule(error: InvalidTimestamp, form: &str) -> String {
    match error {
        InvalidTimestamp::Form => form.to_owned(),
        error => error.to_string(),
    }
}

/// Refuses a range that ends before it begins.
pub(crate) fn range(from: Option<UnixMillis>, to: Option<UnixMillis>) -> Result<DateRange, Failure> {
    match (from, to) {
        (Some(from), Some(to)) if from > to => Err(Failure::refused(format!(
            "--from {} is after --to {}, so no dispute can be in between. Swap them.",
            utc(from),
            utc(to)
        ))),
        (from, to) => Ok(DateRange { from, to }),
    }
}

/// Reads a time. Without an offset it is in UTC, and its seconds may be left out.
fn time(text: &str) -> Result<UnixMillis, InvalidTimestamp> {
    let text = text.replacen(' ', "T", 1);
    let read = ["", "Z", ":00Z"].map(|end| UnixMillis::parse(&format!("{text}{end}")));
    let is_in_its_form = |read: &Result<_, InvalidTimestamp>| *read != Err(InvalidTimestamp::Form);
    read.into_iter().find(is_in_its_form).unwrap_or(Err(InvalidTimestamp::Form))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_reaches_from_its_first_to_its_last_moment() {
        let at = |text| UnixMillis::parse(text).unwrap();
        assert_eq!(from("2026-01-15"), Ok(at("2026-01-15T00:00:00Z")));
        assert_eq!(to("2026-01-15"), Ok(at("2026-01-15T23:59:59.999Z")));
        assert_eq!(day("2024-02-29"), Ok((at("2024-02-29T00:00:00Z"), at("2024-02-29T23:59:59.999Z"))));
        assert!(day("2026-01-15T10:00").is_err());
    }

    #[test]
    fn a_time_without_an_offset_is_in_utc() {
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
    fn an_error_names_the_forms_that_are_read() {
        for text in ["", "yesterday", "15.01.2026", "2026-1-5", "2026-01-15T25:00", "-5", "+026-01-15", "2026/01/15"] {
            assert!(from(text).unwrap_err().contains("such as 2026-01-15"), "{text}");
            assert!(to(text).unwrap_err().contains("such as 2026-01-15"), "{text}");
            assert!(day(text).unwrap_err().contains("such as 2026-01-15"), "{text}");
        }
    }

    #[test]
    fn an_error_says_what_is_wrong_with_a_day_or_a_time() {
        for (text, rule) in [
            ("2026-02-30", "must name a day that exists"),
            ("1969-12-31", "must be in the years 1970 to 9999, in UTC"),
            ("1969-12-31T10:00", "must be in the years 1970 to 9999, in UTC"),
            ("2026-02-30 10:00", "must name a day that exists"),
            ("2016-12-31T23:59:60Z", "must have a second from 00 to 59: leap seconds are not supported"),
            ("2016-12-31 23:59:60", "must have a second from 00 to 59: leap seconds are not supported"),
        ] {
            assert_eq!((from(text), to(text)), (Err(rule.to_owned()), Err(rule.to_owned())), "{text}");
            assert!(day(text).is_err(), "{text}");
        }
        assert_eq!(day("2026-02-30").unwrap_err(), "must name a day that exists");
    }

    #[test]
    fn a_range_that_ends_before_it_begins_is_refused() {
        let (day, next) = (from("2026-01-15").ok(), from("2026-01-16").ok());
        assert_eq!(range(day, next).unwrap(), DateRange { from: day, to: next });
        assert!(range(day, day).is_ok() && range(next, None).is_ok() && range(None, day).is_ok());
        let text = range(next, day).unwrap_err().text;
        assert!(text.starts_with("--from 2026-01-16T00:00:00Z is after --to 2026-01-15T00:00:00Z"), "{text}");
    }
}
