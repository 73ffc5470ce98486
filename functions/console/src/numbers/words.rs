//! What the numbers are called.

use recourse_dispute::channel::Channel;
use recourse_dispute::text::visible;
use recourse_operations::{labels, sentence};
use recourse_store::{AtMost, Dimension};
use recourse_support::case::Kind;

use crate::text::capitalized;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A length of time with one decimal at most, such as `1.5 h`.
pub(super) fn duration(time: AtMost) -> String {
    let (seconds, more) = match time {
        AtMost::Seconds(seconds) => (seconds, ""),
        AtMost::MoreThan(seconds) => (seconds, "more than "),
    };
    let (unit, name) = match seconds {
        0..HOUR => (MINUTE, "min"),
        HOUR..172_800 => (HOUR, "h"),
        _ => (DAY, "days"),
    };
    let tenths = (seconds * 10).div_ceil(unit);
    let (whole, tenth) = (tenths / 10, tenths % 10);
    if tenth == 0 || whole >= 10 {
        format!("{more}{} {name}", tenths.div_ceil(10))
    } else {
        format!("{more}{whole}.{tenth} {name}")
    }
}

/// What a dimension is called, in the middle of a sentence.
pub(super) fn dimension_words(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::All => "all",
        Dimension::Channel => "channel",
        Dimension::Kind => "kind of payment",
        Dimension::Reason => "reason",
        Dimension::Outcome => "outcome",
        Dimension::Agent => "agent",
    }
}

/// What a value of a dimension is called.
pub(super) fn value_words(dimension: Dimension, value: &str) -> String {
    let known = match dimension {
        Dimension::All => "All",
        Dimension::Channel => {
            Channel::ALL.into_iter().find(|channel| channel.name() == value).map_or("", labels::channel)
        }
        Dimension::Kind => {
            let kind = Kind::ALL.into_iter().find(|kind| kind.name() == value);
            return kind.map_or_else(|| visible(value).into_owned(), |kind| capitalized(labels::kind(kind)));
        }
        Dimension::Reason if value.is_empty() => "No reason on record",
        Dimension::Reason => sentence(value),
        Dimension::Outcome => match value {
            "unresolved" => "Not resolved",
            "answered" => "Resolved, dispute still open",
            "customer" => "In the customer's favour",
            "merchant" => "In the merchant's favour",
            "withdrawn" => "Withdrawn",
            "refunded" => "Refunded or failed",
            "closed_on_creation" => "Closed on creation",
            _ => "",
        },
        Dimension::Agent if value.is_empty() => "No agent",
        Dimension::Agent => "",
    };
    match (known, dimension) {
        // A bank's code of a reason.
        ("", Dimension::Reason) => format!("Bank's reason {}", visible(value)),
        ("", _) => visible(value).into_owned(),
        (known, _) => known.trim_end_matches('.').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_in_its_unit() {
        for (seconds, words) in [
            (60, "1 min"),
            (71, "1.2 min"),
            (2_700, "45 min"),
            (3_600, "1 h"),
            (5_175, "1.5 h"),
            (100_000, "28 h"),
            (172_800, "2 days"),
            (200_000, "2.4 days"),
            (7_864_320, "92 days"),
        ] {
            assert_eq!(duration(AtMost::Seconds(seconds)), words, "{seconds}");
        }
        assert_eq!(duration(AtMost::MoreThan(864_000)), "more than 10 days");
    }

    #[test]
    fn every_value_has_a_name_and_a_strange_one_is_shown_as_it_is() {
        assert_eq!(value_words(Dimension::Channel, "iimmpact"), "IIMMPACT");
        assert_eq!(value_words(Dimension::Kind, "topup"), "Top-up");
        assert_eq!(value_words(Dimension::Kind, "new_one"), "new_one");
        assert_eq!(value_words(Dimension::Reason, "provider_late"), "The provider gave no final answer in time");
        assert_eq!(value_words(Dimension::Reason, "AP"), "Bank's reason AP");
        assert_eq!(value_words(Dimension::Agent, ""), "No agent");
        assert_eq!(value_words(Dimension::Agent, "A\u{202e}<b>"), "A\\u{202e}<b>");
        assert_eq!(value_words(Dimension::Outcome, "new_one"), "new_one");
    }
}
