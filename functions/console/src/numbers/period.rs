//! The days that a page is about.

use recourse_dispute::time::{Day, UnixMillis};

const DAY_MS: i64 = 86_400_000;

/// Some days, the first and the last one included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) from: Day,
    pub(super) to: Day,
}

/// The middle of a day.
fn middle(day: Day) -> Option<UnixMillis> {
    UnixMillis::parse(&format!("{day}T12:00:00Z")).ok()
}

fn plus(day: Day, days: i64) -> Day {
    middle(day).map_or(day, |at| Day::of(at.plus(days.saturating_mul(DAY_MS))))
}

impl Period {
    /// The most days of a page.
    pub(super) const MAX_DAYS: i64 = 92;

    /// So many days, of which today is the last one.
    pub(super) fn last(days: i64, today: Day) -> Self {
        Self { from: plus(today, 1 - days), to: today }
    }

    /// The days that a form names; without any the last thirty.
    pub(super) fn read(from: Option<&str>, to: Option<&str>, today: Day) -> Result<Self, &'static str> {
        let day = |text: Option<&str>| text.map(Day::parse).transpose();
        let (Ok(from), Ok(to)) = (day(from), day(to)) else {
            return Err("A day is written as 2026-01-16. These are the last 30 days.");
        };
        let to = to.unwrap_or(today);
        let period = Self { from: from.unwrap_or_else(|| Self::last(30, to).from), to };
        if period.from > period.to {
            Err("The first day is after the last one. These are the last 30 days.")
        } else if plus(period.from, Self::MAX_DAYS) <= period.to {
            Err("A page has at most 92 days. These are the last 30 days.")
        } else {
            Ok(period)
        }
    }

    /// Every day of it.
    pub(super) fn days(&self) -> Vec<Day> {
        (0..Self::MAX_DAYS).map(|days| plus(self.from, days)).take_while(|day| *day <= self.to).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn a_period_has_its_first_and_its_last_day() {
        let today = day("2026-03-01");
        let read = |from, to| Period::read(from, to, today);
        assert_eq!(Period::last(1, today).days(), [today]);
        assert_eq!(read(None, None).unwrap().days().len(), 30);
        let leap = read(Some("2024-02-28"), Some("2024-03-01")).unwrap().days();
        assert_eq!(leap, ["2024-02-28", "2024-02-29", "2024-03-01"].map(day));
        assert_eq!(read(None, Some("2026-01-30")).unwrap().from, day("2026-01-01"));
        assert_eq!(read(Some("2026-01-01"), Some("2026-04-02")).unwrap().days().len(), 92);
        for (from, to) in [
            (Some("2026-01-01"), Some("2026-04-03")),
            (Some("2026-03-02"), None),
            (Some("yesterday"), None),
            (None, Some("2026-02-30")),
        ] {
            assert!(read(from, to).is_err(), "{from:?} {to:?}");
        }
    }
}
