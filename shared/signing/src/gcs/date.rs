//! The `Date` header, in HTTP's one current form: `Fri, 06 Jun 2014 13:39:43 GMT` (RFC 9110, IMF-fixdate). The SDKs send no other, so the two
//! obsolete forms are not read.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::clock::UnixSeconds;

const IMF_FIXDATE: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year repr:full range:standard] [hour]:[minute]:[second] GMT"
);

/// Reads a `Date` header; `None` for any other form, and for a weekday that is not the date's.
#[must_use]
pub fn parse_date(text: &str) -> Option<UnixSeconds> {
    let at = UnixSeconds(PrimitiveDateTime::parse(text, IMF_FIXDATE).ok()?.assume_utc().unix_timestamp());
    // The parser takes any weekday and any letter case; only what would be printed is the form.
    if format_date(at)? == text { Some(at) } else { None }
}

/// Writes a `Date` header; `None` before the year 0 and after 9999.
#[must_use]
pub fn format_date(at: UnixSeconds) -> Option<String> {
    let at = OffsetDateTime::from_unix_timestamp(at.0).ok()?;
    if at.year() < 0 { None } else { at.format(IMF_FIXDATE).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_the_one_form() {
        assert_eq!(parse_date("Fri, 06 Jun 2014 13:39:43 GMT"), Some(UnixSeconds(1_402_061_983)));
        assert_eq!(parse_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(UnixSeconds(0)));
        for text in [
            "",
            "Sat, 06 Jun 2014 13:39:43 GMT",
            "Fri, 6 Jun 2014 13:39:43 GMT",
            "fri, 06 jun 2014 13:39:43 GMT",
            "Fri, 06 Jun 2014 13:39:43 UTC",
            "Fri, 06 Jun 2014 13:39:43 +0000",
            "Fri, 06 Jun 2014 13:39:43 GMT ",
            "Fri, 31 Jun 2014 13:39:43 GMT",
            "Fri, 06 Jun 2014 24:00:00 GMT",
            "Friday, 06-Jun-14 13:39:43 GMT",
            "Fri Jun  6 13:39:43 2014",
            "2014-06-06T13:39:43Z",
        ] {
            assert_eq!(parse_date(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_ends_of_the_range_have_no_date() {
        for at in [i64::MIN, i64::MAX, -62_167_219_201, 253_402_300_800] {
            assert_eq!(format_date(UnixSeconds(at)), None, "{at}");
        }
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(at in -62_167_219_200_i64..=253_402_300_799) {
            let text = format_date(UnixSeconds(at)).unwrap();
            prop_assert_eq!(parse_date(&text), Some(UnixSeconds(at)));
        }

        #[test]
        fn never_panics(text: String, near in "[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT", at: i64) {
            for text in [text, near] {
                if let Some(read) = parse_date(&text) {
                    prop_assert_eq!(format_date(read), Some(text));
                }
            }
            let _ = format_date(UnixSeconds(at));
        }
    }
}
