//! Points in time, as whole numbers since the Unix epoch. Nothing here reads a clock.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, UtcOffset};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMillis(pub i64);

/// A point in time to the nanosecond, to compare two transaction updates of one millisecond.
///
/// It is stored as two numbers, because nanoseconds since 1970 exceed an `i64` in the year 2262.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PreciseTime {
    millis: UnixMillis,
    /// Nanoseconds after that millisecond, less than [`NANOS_PER_MILLI`].
    nanos: u32,
}

const NANOS_PER_MILLI: u32 = 1_000_000;
/// The date of an RFC 3339 text, and its seconds.
const DATE: Range<usize> = 0..10;
const SECONDS: Range<usize> = 17..19;

/// Why a text is not an RFC 3339 point in time between the years 1970 and 9999, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTimestamp {
    /// The text has another form.
    #[error(
        "must be a date and time as RFC 3339 has it, such as 2018-05-30T08:04:20Z or 2018-05-30T09:04:20+01:00: \
         with a T between them, and with Z or an offset that has a colon"
    )]
    Form,
    /// The calendar has no such day, such as 30 February.
    #[error("must name a day that exists")]
    NoSuchDay,
    /// The second is 60. Unix time counts no leap seconds.
    #[error("must have a second from 00 to 59: leap seconds are not supported")]
    LeapSecond,
    /// In UTC it is before 1970 or after 9999.
    #[error("must be in the years 1970 to 9999, in UTC")]
    OutOfRange,
}

impl InvalidTimestamp {
    /// What is wrong with a text that cannot be read: the part without which it could be read.
    fn of(text: &str) -> Self {
        let reads_with = |at: Range<usize>, valid: &str| {
            let mut mended = text.to_owned();
            mended.replace_range(at, valid);
            OffsetDateTime::parse(&mended, &Rfc3339).is_ok()
        };
        let is_date = |date: &str| date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        match (text.get(DATE), text.get(SECONDS)) {
            (_, Some("60")) if reads_with(SECONDS, "59") => Self::LeapSecond,
            (Some(date), _) if is_date(date) && reads_with(DATE, "2000-01-01") => Self::NoSuchDay,
            _ => Self::Form,
        }
    }
}

impl UnixMillis {
    /// Reads an RFC 3339 text; fractions below a millisecond are cut off.
    ///
    /// # Errors
    /// [`InvalidTimestamp`], also for a time that is before 1970 or after 9999 in UTC.
    pub fn parse(text: &str) -> Result<Self, InvalidTimestamp> {
        PreciseTime::parse(text).map(PreciseTime::millis)
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This time moved by a number of milliseconds, held at the ends of the range.
    #[must_use]
    pub fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// A time that comes nearer by so many milliseconds, above 0. It comes no nearer than `now`,
    /// and one that has passed stays.
    #[must_use]
    pub fn nearer(self, millis: i64, now: Self) -> Self {
        self.plus(millis.saturating_neg()).max(self.min(now))
    }

    /// When something ends that lasts so long from this time on.
    #[must_use]
    pub fn after(self, lifetime: Duration) -> Self {
        self.plus(i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX))
    }

    /// ISO 8601 in UTC with up to three decimals, trailing zeros trimmed: `2018-05-30T08:04:20Z`,
    /// `...23.41Z` (as the vendor specification, Arbiter "Create Dispute", prints times).
    #[must_use]
    pub fn iso8601(self) -> String {
        iso8601(i128::from(self.0) * i128::from(NANOS_PER_MILLI)).unwrap_or_else(|| format!("{}ms", self.0))
    }

    /// For people, in full: `20 March 2019, 11:15:23 UTC`.
    #[must_use]
    pub fn in_words(self) -> String {
        let format = format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute]:[second] UTC");
        self.formatted(format)
    }

    /// For people, where a line is short: `20 March 2019, 11:15 UTC`. Seconds are cut off, so a
    /// deadline is never shown too late.
    #[must_use]
    pub fn to_the_minute(self) -> String {
        self.formatted(format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC"))
    }

    fn formatted(self, format: &[BorrowedFormatItem<'_>]) -> String {
        OffsetDateTime::from_unix_timestamp(self.seconds())
            .ok()
            .and_then(|at| at.format(format).ok())
            .unwrap_or_else(|| self.iso8601())
    }
}

impl PreciseTime {
    /// Reads an RFC 3339 text with a `T` between date and time; fractions below a nanosecond are
    /// cut off. The offset is `Z` or such as `+01:00`; RFC 3339 has no `+0100`, which ISO 8601 has.
    ///
    /// # Errors
    /// As [`UnixMillis::parse`].
    pub fn parse(text: &str) -> Result<Self, InvalidTimestamp> {
        // The parser takes any character between date and time.
        if !matches!(text.as_bytes().get(DATE.end), Some(b'T' | b't')) {
            return Err(InvalidTimestamp::Form);
        }
        // The parser takes the second 60 at the end of a month, and makes it the 59th.
        if text.get(SECONDS) == Some("60") {
            return Err(InvalidTimestamp::of(text));
        }
        let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| InvalidTimestamp::of(text))?;
        // The offset can lead out of the years that a text can name.
        let at = at
            .checked_to_offset(UtcOffset::UTC)
            .filter(|at| (1970..=9999).contains(&at.year()))
            .ok_or(InvalidTimestamp::OutOfRange)?;
        let (millis, nanos) = (i64::from(at.millisecond()), at.nanosecond() % NANOS_PER_MILLI);
        Ok(Self { millis: UnixMillis(at.unix_timestamp() * 1000 + millis), nanos })
    }

    /// A moment so many nanoseconds after a millisecond; `None` where they are a millisecond or
    /// more.
    #[must_use]
    pub fn new(millis: UnixMillis, nanos: u32) -> Option<Self> {
        (nanos < NANOS_PER_MILLI).then_some(Self { millis, nanos })
    }

    /// The millisecond that it is in.
    #[must_use]
    pub fn millis(self) -> UnixMillis {
        self.millis
    }

    /// The nanoseconds after [`Self::millis`].
    #[must_use]
    pub fn nanos(self) -> u32 {
        self.nanos
    }

    /// This moment moved by a number of milliseconds, held at the ends of the range.
    #[must_use]
    pub fn plus(self, millis: i64) -> Self {
        Self { millis: self.millis.plus(millis), ..self }
    }

    /// ISO 8601 in UTC with up to nine decimals, trailing zeros trimmed, as
    /// [`UnixMillis::iso8601`].
    #[must_use]
    pub fn iso8601(self) -> String {
        iso8601(i128::from(self.millis.0) * i128::from(NANOS_PER_MILLI) + i128::from(self.nanos))
            .unwrap_or_else(|| self.millis.iso8601())
    }
}

impl From<UnixMillis> for PreciseTime {
    fn from(millis: UnixMillis) -> Self {
        Self { millis, nanos: 0 }
    }
}

/// `None` outside the years that RFC 3339 can name.
fn iso8601(nanos: i128) -> Option<String> {
    OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?.format(&Rfc3339).ok()
}

/// `2023-12-31`.
const DAY: &[BorrowedFormatItem<'static>] = format_description!("[year]-[month]-[day]");

/// A day of the calendar, `2023-12-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Day(Date);

/// The error for a text that is not a day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a day such as 2023-12-31")]
pub struct InvalidDate;

impl Day {
    /// Reads `YYYY-MM-DD`, a day that there is.
    ///
    /// # Errors
    /// [`InvalidDate`].
    pub fn parse(text: &str) -> Result<Self, InvalidDate> {
        // Ten bytes: the parser takes a sign before the year.
        let plain = text.len() == 10 && text.starts_with(|first: char| first.is_ascii_digit());
        if plain { Date::parse(text, DAY).map(Self).map_err(|_| InvalidDate) } else { Err(InvalidDate) }
    }

    /// The day in UTC that a time is in.
    #[must_use]
    pub fn of(at: UnixMillis) -> Self {
        let at = OffsetDateTime::from_unix_timestamp(at.seconds());
        Self(at.map_or(Date::MAX, OffsetDateTime::date))
    }

    /// The day before; `None` before the first one of the calendar.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        self.0.previous_day().map(Self)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.format(DAY).unwrap_or_default())
    }
}

stored_as_text!(Day, InvalidDate, Day::parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_it_reads() {
        for text in
            ["2018-05-30T08:04:20Z", "2019-02-28T11:15:23.403Z", "2019-02-28T11:15:23.41Z", "1970-01-01T00:00:00Z"]
        {
            assert_eq!(UnixMillis::parse(text).unwrap().iso8601(), text);
        }
        assert_eq!(UnixMillis::parse("2018-05-30T09:04:20+01:00").unwrap().iso8601(), "2018-05-30T08:04:20Z");
    }

    #[test]
    fn writes_the_time_with_its_zone_for_people() {
        let at = |text| UnixMillis::parse(text).unwrap().in_words();
        assert_eq!(at("2019-03-20T11:15:23.403Z"), "20 March 2019, 11:15:23 UTC");
        assert_eq!(UnixMillis(1_553_080_559_999).to_the_minute(), "20 March 2019, 11:15 UTC");
        assert_eq!(at("2026-01-01T01:00:05+02:00"), "31 December 2025, 23:00:05 UTC");
        assert_eq!(UnixMillis(i64::MAX).in_words(), "9223372036854775807ms");
    }

    #[test]
    fn says_what_is_wrong_with_a_time() {
        use InvalidTimestamp::{Form, LeapSecond, NoSuchDay, OutOfRange};
        for (text, expected) in [
            ("", Form),
            ("2018-05-30", Form),
            ("2018-05-30T08:04:20", Form),
            ("2018-02-30T08:04:20Z", NoSuchDay),
            ("2026-01-15 03:10:00Z", Form),
            ("2026-01-15_03:10:00Z", Form),
            ("2026-01-15T03:10:00-0700", Form),
            ("2026-01-15T03:10:00-07", Form),
            ("2026-01-15T03:10:00 Z", Form),
            (" 2026-01-15T03:10:00Z", Form),
            ("1969-12-31T23:59:59Z", OutOfRange),
            ("1969-12-31T23:59:59.9999Z", OutOfRange),
            ("1970-01-01T00:00:00+00:01", OutOfRange),
            ("0000-01-01T00:00:00+01:00", OutOfRange),
            ("99999-01-01T00:00:00Z", Form),
            ("9999-12-31T23:59:59-00:01", OutOfRange),
            ("2026-13-01T00:00:00Z", NoSuchDay),
            ("2026-04-31T00:00:00.5+01:00", NoSuchDay),
            ("2026-01-15T03:10:60Z", LeapSecond),
            ("2016-12-31T23:59:60Z", LeapSecond),
            ("2016-12-31T23:59:60.5Z", LeapSecond),
            ("2017-01-01T00:59:60+01:00", LeapSecond),
            ("2026-01-15T03:10:60", Form),
            ("2026-01-15T24:00:00Z", Form),
            ("2026-02-30T24:00:00Z", Form),
        ] {
            assert_eq!(UnixMillis::parse(text), Err(expected), "{text}");
        }
        for text in ["2026-01-15t03:10:00z", "2026-01-15T03:10:00-07:00", "2026-01-15T03:10:00+00:00"] {
            assert!(UnixMillis::parse(text).is_ok(), "{text}: RFC 3339 has small letters, too");
        }
        for text in ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59+00:01", "1969-12-31T23:59:59-00:01"] {
            assert!(UnixMillis::parse(text).unwrap().iso8601().ends_with('Z'), "{text}");
        }
    }

    #[test]
    fn a_moment_keeps_what_is_below_a_millisecond() {
        let at = |text| PreciseTime::parse(text).unwrap();
        let text = "2026-01-16T02:00:03.123456789Z";
        assert_eq!((at(text).iso8601().as_str(), at(text).nanos()), (text, 456_789));
        assert_eq!(at(text).millis(), UnixMillis::parse("2026-01-16T02:00:03.123Z").unwrap());
        assert_eq!(at("2026-01-16T02:00:03.1234567899Z"), at(text));
        assert!(at("2026-01-16T02:00:03.1234Z") < at("2026-01-16T02:00:03.123401Z"));
        assert!(at("2026-01-16T02:00:03.123999Z") < at("2026-01-16T02:00:03.124Z"));
        assert_eq!(at("2026-01-16T02:00:03.123Z"), at(text).millis().into());
        assert_eq!(
            (PreciseTime::new(UnixMillis(1), 999_999).unwrap().nanos(), PreciseTime::new(UnixMillis(1), 1_000_000)),
            (999_999, None)
        );
    }

    #[test]
    fn a_day_is_ten_characters_and_is_there() {
        assert_eq!(Day::parse("2024-02-29").unwrap().to_string(), "2024-02-29");
        for text in [
            "",
            "2023-02-29",
            "2023-13-01",
            "2023-1-1",
            "23-01-01",
            "2023/01/01",
            "2023-01-01T00:00:00Z",
            "+203-01-01",
            " 2023-01-0",
        ] {
            assert_eq!(Day::parse(text), Err(InvalidDate), "{text}");
        }
        let day = |millis| Day::of(UnixMillis(millis)).to_string();
        assert_eq!(
            (day(0), day(86_399_999), day(86_400_000)),
            ("1970-01-01".into(), "1970-01-01".into(), "1970-01-02".into())
        );
        assert!(Day::parse("2023-12-31").unwrap() < Day::parse("2024-01-01").unwrap());
        let stored = serde_json::to_value(Day::parse("2024-02-29").unwrap()).unwrap();
        assert_eq!(stored, "2024-02-29");
        assert_eq!(serde_json::from_value::<Day>(stored).unwrap().to_string(), "2024-02-29");
        assert!(serde_json::from_value::<Day>("2023-02-29".into()).is_err(), "checked as any other text");
    }

    #[test]
    fn the_ends_of_the_range_hold() {
        assert_eq!(UnixMillis(i64::MAX).plus(1), UnixMillis(i64::MAX));
        assert_eq!(UnixMillis(-1).seconds(), -1);
        assert_eq!(UnixMillis(i64::MAX).iso8601(), "9223372036854775807ms");
    }
}
