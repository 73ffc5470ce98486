//! When a mail that did not go out is tried again, and when it is given up.

use recourse_dispute::time::UnixMillis;

/// A second.
pub(super) const SECOND_MS: i64 = 1000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// How long after it was enqueued a mail is retried: 48 hours.
const PATIENCE_MS: i64 = 48 * HOUR_MS;
/// How often a mail is sent that SES does not answer.
pub(super) const MAX_UNANSWERED: u32 = 5;

/// When a mail is due again after its `attempts`th attempt (from 1): after 1, 2, 4, 8, 16, 32
/// minutes, and then every hour.
pub(super) fn next(attempts: u32, now: UnixMillis) -> UnixMillis {
    let doublings = attempts.saturating_sub(1).min(6);
    now.plus((MINUTE_MS << doublings).min(HOUR_MS))
}

/// When a mail is due again that SES was sent `unanswered` times (from 1) and did not answer: after
/// 10 minutes, 40 minutes, 2 hours 40 and so on. SES may have taken it each time, so it is sent at
/// most [`MAX_UNANSWERED`] times.
pub(super) fn unanswered(unanswered: u32, now: UnixMillis) -> UnixMillis {
    let quadruplings = unanswered.saturating_sub(1).min(4);
    now.plus((10 * MINUTE_MS) << (2 * quadruplings))
}

/// When to look again whether an earlier mail has gone out: after 1, 2, 4 minutes, and then every
/// five.
pub(super) fn soon(attempts: u32, now: UnixMillis) -> UnixMillis {
    next(attempts, now).min(now.plus(5 * MINUTE_MS))
}

/// Whether a mail that was enqueued then is given up when the present attempt fails. Age alone
/// never gives a mail up: a mail that was not attempted for a while is attempted first.
pub(super) fn is_over(enqueued_at: UnixMillis, now: UnixMillis) -> bool {
    now > enqueued_at.plus(PATIENCE_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        let minutes = |attempts| next(attempts, UnixMillis(0)).0 / MINUTE_MS;
        let waits: Vec<_> = (1..=9).map(minutes).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!((minutes(0), minutes(u32::MAX)), (1, 60));
        let soon: Vec<_> = (1..=5).map(|attempts| soon(attempts, UnixMillis(0)).0 / MINUTE_MS).collect();
        assert_eq!(soon, [1, 2, 4, 5, 5]);
    }

    #[test]
    fn what_ses_does_not_answer_waits_four_times_as_long_each_time() {
        let minutes = |times| unanswered(times, UnixMillis(0)).0 / MINUTE_MS;
        assert_eq!((1..=5).map(minutes).collect::<Vec<_>>(), [10, 40, 160, 640, 2560]);
        assert_eq!((minutes(0), minutes(u32::MAX)), (10, 2560));
    }

    #[test]
    fn after_48_hours_it_is_over() {
        let enqueued = UnixMillis(1_764_547_200_000);
        assert!(!is_over(enqueued, enqueued.plus(PATIENCE_MS)));
        assert!(is_over(enqueued, enqueued.plus(PATIENCE_MS + 1)));
        assert!(!is_over(UnixMillis(i64::MAX), UnixMillis(i64::MAX)));
    }
}
