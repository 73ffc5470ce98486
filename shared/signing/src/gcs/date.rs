//! The `Date` header: `Fri, 06 Jun 2014 13:39:43 GMT` (RFC 9110, IMF-fixdate), as the SDKs send it.
//!
//! Clients that format it themselves write what RFC 1123 allows besides: a day of one digit, and
//! another name of GMT. These are read, too. HTTP's two obsolete forms and other zones are not.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::clock::UnixSeconds;

const IMF_FIXDATE: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year repr:full range:standard] [hour]:[minute]:[second] GMT"
);

/// The other names of GMT in RFC 1123's forms of a date.
const OTHER_NAMES_OF_GMT: [&str; 3] = [" UTC", " UT", " +0000"];

/// Reads a `Date` header; `None` for any other form, and for a weekday that is not the date's.
#[must_use]
pub fn parse_date(text: &str) -> Option<UnixSeconds> {
    let text = fixdate(text);
    let at = UnixSeconds(PrimitiveDateTime::parse(&text, IMF_FIXDATE).ok()?.assume_utc().unix_timestamp());
    // The parser takes any weekday and any letter case; only what would be printed is the form.
    if format_date(at)? == text { Some(at) } else { None }
}

/// One of RFC 1123's forms as the one that HTTP has of them; any other text as it is.
fn fixdate(text: &str) -> String {
    let date = OTHER_NAMES_OF_GMT.into_iter().find_map(|name| text.strip_suffix(name));
    let text = date.map_or_else(|| text.to_owned(), |date| format!("{date} GMT"));
    match text.split_once(", ") {
        Some((weekday, rest)) if rest.find(' ') == Some(1) => format!("{weekday}, 0{rest}"),
        _ => text,
    }
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
    fn reads_the_forms_of_rfc_1123() {
        for text in [
            "Fri, 06 Jun 2014 13:39:43 GMT",
            "Fri, 6 Jun 2014 13:39:43 GMT",
            "Fri, 06 Jun 2014 13:39:43 UTC",
            "Fri, 06 Jun 2014 13:39:43 UT",
            "Fri, 06 Jun 2014 13:39:43 +0000",
            "Fri, 6 Jun 2014 13:39:43 +0000",
        ] {
            assert_eq!(parse_date(text), Some(UnixSeconds(1_402_061_983)), "{text}");
        }
        assert_eq!(parse_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(UnixSeconds(0)));
        for text in [
            "",
            "Sat, 06 Jun 2014 13:39:43 GMT",
            "fri, 06 jun 2014 13:39:43 GMT",
            "Fri, 06 Jun 2014 13:39:43 +0100",
            "Fri, 06 Jun 2014 13:39:43 EST",
            "Fri, 06 Jun 2014 13:39:43 utc",
            "Fri, 06 Jun 2014 13:39:43",
            "Fri, 006 Jun 2014 13:39:43 GMT",
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
