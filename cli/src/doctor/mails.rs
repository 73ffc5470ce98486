//! Mails that were not sent.

use recourse_dispute::time::UnixMillis;
use recourse_store::{MailState, Store, Waiting};

use super::Check;

/// How late a mail may be. The worker sends what is due every minute. After two sweeps either more
/// is due than it can send, or it does not start.
const LATE_MS: i64 = 2 * 60 * 1000;
/// How many mails of each shard are counted. From so many on, there may be more of them.
const MAX_MAILS: i32 = 1000;

pub(super) async fn checks(store: &Store, now: UnixMillis) -> Vec<Check> {
    let mut checks = Vec::new();
    for state in [MailState::Pending, MailState::Dead, MailState::Held] {
        checks.push(match store.indexed(state, UnixMillis(i64::MAX), MAX_MAILS).await {
            Ok(found) => of(state, &found, now),
            Err(error) => Check::unread(name(state), &error),
        });
    }
    checks
}

fn name(state: MailState) -> &'static str {
    match state {
        MailState::Dead => "dead mails",
        MailState::Held => "held mails",
        MailState::Pending | MailState::Sending | MailState::Sent => "unsent mails",
    }
}

fn of(state: MailState, found: &[Waiting], now: UnixMillis) -> Check {
    let is_all = found.len() < usize::try_from(MAX_MAILS).unwrap_or(usize::MAX);
    let count = format!("{}{}", found.len(), if is_all { "" } else { " or more" });
    let oldest = found.iter().map(|waiting| waiting.due).min();
    let (check, none) = (name(state), found.is_empty());
    match state {
        MailState::Dead | MailState::Held => {
            let (good, found) =
                ("none", format!("{count}, the oldest since {}", oldest.map(UnixMillis::iso8601).unwrap_or_default()));
            Check::of(
                check,
                none,
                good,
                &found,
                "`recourse outbox list` says why; `recourse outbox redrive` retries them",
            )
        }
        MailState::Pending | MailState::Sending | MailState::Sent => match oldest {
            Some(due) if due.plus(LATE_MS) < now => {
                let found = format!("{count}, the oldest has been due since {}", due.iso8601());
                Check::wrong(
                    check,
                    found,
                    "See MailsLate in docs/runbook.md, or FunctionErrors if the worker does not start",
                )
            }
            Some(_) => Check::ok(check, format!("{count}, none of them late")),
            None => Check::ok(check, "none"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::CheckResult;
    use super::*;

    #[test]
    fn late_dead_and_held_mails_are_wrong_and_mails_in_time_are_not() {
        let now = UnixMillis(10 * LATE_MS);
        let one = |due| [Waiting { id: "551-1".parse().unwrap(), due }];
        let verdict = |state, found: &[Waiting]| of(state, found, now).verdict;
        assert_eq!(verdict(MailState::Pending, &one(now.plus(60_000))), CheckResult::Ok);
        assert_eq!(verdict(MailState::Pending, &one(now.plus(-LATE_MS))), CheckResult::Ok);
        assert_eq!(verdict(MailState::Pending, &one(now.plus(-LATE_MS - 1))), CheckResult::Wrong);
        for state in [MailState::Dead, MailState::Held] {
            assert_eq!((verdict(state, &[]), verdict(state, &one(now))), (CheckResult::Ok, CheckResult::Wrong));
        }
        let many: Vec<Waiting> = (0..MAX_MAILS).flat_map(|_| one(now)).collect();
        let text = |found: &[Waiting]| of(MailState::Dead, found, now).found;
        assert!(text(&many).starts_with("1000 or more, ") && text(&many[1..]).starts_with("999, "));
    }
}
