//! When a delivery that failed is tried again, and when it is given up.

use recourse_dispute::time::UnixMillis;

const SECOND_MS: i64 = 1000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// How long to wait after each try, as the Standard Webhooks specification proposes it. With the
/// jitter, the last try is between 75 and 91 hours after the first.
const WAITS: [i64; 9] = [
    5 * SECOND_MS,
    5 * MINUTE_MS,
    30 * MINUTE_MS,
    2 * HOUR_MS,
    5 * HOUR_MS,
    10 * HOUR_MS,
    14 * HOUR_MS,
    20 * HOUR_MS,
    DAY_MS,
];
/// Up to this part of a wait is added, so that what failed together does not come together: a
/// fifth.
const JITTER_PART: i64 = 5;
/// For how long an endpoint may fail before it is disabled.
const PATIENCE_MS: i64 = 5 * DAY_MS;

/// When a delivery is due again after `tries` tries (from 1); `None` where it is given up.
/// `random` spreads it, and `not_before` is what the endpoint asked for.
pub(crate) fn next(tries: u32, random: u64, not_before: Option<UnixMillis>, now: UnixMillis) -> Option<UnixMillis> {
    let wait = *WAITS.get(usize::try_from(tries.saturating_sub(1)).ok()?)?;
    let most = u64::try_from(wait / JITTER_PART).unwrap_or_default();
    let jitter = i64::try_from(random % (most + 1)).unwrap_or_default();
    let asked = not_before.map_or(now, |at| at.min(now.plus(DAY_MS)));
    Some(now.plus(wait.saturating_add(jitter)).max(asked))
}

/// What a header `Retry-After` asks for: a number of seconds, or a date (RFC 9110).
pub(crate) fn retry_after(header: &str, now: UnixMillis) -> Option<UnixMillis> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = header.parse::<i64>().unwrap_or(i64::MAX);
        return Some(now.plus(seconds.saturating_mul(SECOND_MS)));
    }
    let mut parts = header.split_once(", ")?.1.split(' ');
    let (day, month, year, time, zone) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = months.iter().position(|name| *name == month)? + 1;
    if zone != "GMT" || parts.next().is_some() {
        return None;
    }
    UnixMillis::parse(&format!("{year}-{month:02}-{day}T{time}Z")).ok()
}

/// Whether an endpoint that has failed since then is disabled.
pub(crate) fn is_over(failing_since: UnixMillis, now: UnixMillis) -> bool {
    now > failing_since.plus(PATIENCE_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_780_000_000_000);

    #[test]
    fn the_schedule_is_that_of_the_specification() {
        let wait = |tries| next(tries, 0, None, NOW).map(|due| (due.0 - NOW.0) / SECOND_MS);
        let waits: Vec<_> = (1..=9).map(|tries| wait(tries).unwrap()).collect();
        assert_eq!(waits, [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]);
        assert_eq!((wait(10), wait(u32::MAX)), (None, None));
        let days: i64 = waits.iter().sum::<i64>() / 86_400;
        assert_eq!(days, 3);
    }

    #[test]
    fn the_documents_say_when_a_delivery_is_given_up() {
        let least: i64 = WAITS.iter().sum();
        let most: i64 = WAITS.iter().map(|wait| wait + wait / JITTER_PART).sum();
        let said = format!("between {} and {} hours", least / HOUR_MS, most / HOUR_MS + 1);
        for text in [include_str!("../../../../docs/guarantees.md"), include_str!("../../../../docs/webhooks.md")] {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(&said), "{said}");
        }
    }

    #[test]
    fn jitter_adds_up_to_a_fifth() {
        let dues: Vec<_> = (0..5000).map(|random| next(2, random * 7919, None, NOW).unwrap().0 - NOW.0).collect();
        assert!(dues.iter().all(|due| (300_000..=360_000).contains(due)));
        assert!(dues.iter().min() < Some(&305_000) && dues.iter().max() > Some(&355_000));
    }

    #[test]
    fn what_the_endpoint_asks_for_is_heeded_for_at_most_a_day() {
        let due = |header| next(1, 0, retry_after(header, NOW), NOW).unwrap().0 - NOW.0;
        assert_eq!(due("120"), 120_000);
        assert_eq!(due("1"), 5_000, "the schedule is the least");
        assert_eq!((due("999999999"), due("99999999999999999999999")), (DAY_MS, DAY_MS));
        // 2026-05-28T20:26:40Z is now.
        assert_eq!(due("Thu, 28 May 2026 20:36:40 GMT"), 600_000);
        for header in ["", "soon", "-5", "1.5", "Thu, 28 May 2026 20:36:40", "Thu, 28 Mai 2026 20:36:40 GMT", ", "] {
            assert_eq!(due(header), 5_000, "{header}");
        }
    }

    #[test]
    fn after_five_days_of_failures_it_is_over() {
        assert!(!is_over(NOW, NOW.plus(PATIENCE_MS)) && is_over(NOW, NOW.plus(PATIENCE_MS + 1)));
    }
}
