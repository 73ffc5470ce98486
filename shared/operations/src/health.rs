//! How the tables are set up, as findings for an operator.

use recourse_dispute::time::UnixMillis;
use recourse_store::{Health, TableHealth};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// The indexes of the disputes table.
const INDEXES: [&str; 5] = ["outbox", "unsent", "deadlines", "queue", "owners"];
/// The index of the ephemeral table.
const DELIVERIES: &str = "deliveries";
/// The attribute with the time to live of the tables' items.
const TTL: &str = "expires_at";
/// How far a clock may be from DynamoDB's, in seconds. AWS refuses requests at five minutes, and
/// the APIs at their clock window.
const CLOCK_SECONDS: i64 = 30;

/// What was found out about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub check: &'static str,
    /// Whether it is as it should be; `None` where it cannot be seen from here.
    pub holds: Option<bool>,
    /// What it is like.
    pub found: String,
    /// What to do where it is not as it should be.
    pub fix: &'static str,
}

impl Finding {
    fn of(check: &'static str, holds: bool, good: &str, bad: &str, fix: &'static str) -> Self {
        Self { check, holds: Some(holds), found: if holds { good } else { bad }.to_owned(), fix }
    }

    fn unchecked(check: &'static str, found: &str) -> Self {
        Self { check, holds: None, found: found.to_owned(), fix: "" }
    }
}

/// What the tables' own settings say, and the clock of this machine beside DynamoDB's.
#[must_use]
pub fn tables(health: &Health, now: UnixMillis) -> Vec<Finding> {
    let (disputes, ephemeral) = (&health.disputes, &health.ephemeral);
    let deploy = "Deploy template.yaml again, or change the setting by hand";
    let inactive: Vec<&str> =
        [disputes, ephemeral].into_iter().filter(|table| !table.active).map(|t| t.name.as_str()).collect();
    vec![
        clock(health.date.as_deref(), now),
        Finding::of(
            "tables",
            inactive.is_empty(),
            &format!("{} and {} are active", disputes.name, ephemeral.name),
            &format!("not active: {}", inactive.join(", ")),
            "Wait, and look at the table in the DynamoDB console",
        ),
        indexes(disputes, ephemeral),
        Finding::of(
            "recovery",
            disputes.recoverable,
            "the disputes table can be restored to any second of the last weeks",
            "the disputes table has no point-in-time recovery",
            deploy,
        ),
        Finding::of(
            "protection",
            disputes.protected,
            "the disputes table cannot be deleted by mistake",
            "the disputes table has no deletion protection",
            deploy,
        ),
        Finding::of(
            "stream",
            disputes.streams,
            "the disputes table's stream is on",
            "the disputes table has no stream of new items: mails wait for the worker's next minute",
            deploy,
        ),
        Finding::unchecked(
            "stream reader",
            "not checked: late mails show that the event source mapping is disabled, and so does `aws lambda list-event-source-mappings`",
        ),
        Finding::of(
            "forgetting",
            ephemeral.forgets_by.as_deref() == Some(TTL),
            "the ephemeral table deletes expired items",
            "the ephemeral table has no time to live by expires_at, so it grows without end",
            deploy,
        ),
        Finding::of(
            "retention",
            disputes.forgets_by.as_deref() == Some(TTL),
            "the disputes table deletes what Retention gives an end",
            "the disputes table has no time to live by expires_at, so the audit log and mails without a case stay for ever",
            deploy,
        ),
    ]
}

fn indexes(disputes: &TableHealth, ephemeral: &TableHealth) -> Finding {
    let usable = |table: &TableHealth, name: &str| table.indexes.iter().any(|index| index.name == name && index.active);
    let missing = INDEXES.into_iter().filter(|name| !usable(disputes, name));
    let missing: Vec<&str> = missing.chain(Some(DELIVERIES).filter(|name| !usable(ephemeral, name))).collect();
    Finding::of(
        "indexes",
        missing.is_empty(),
        &format!("{}, {DELIVERIES} are active", INDEXES.join(", ")),
        &format!("missing or not active: {}", missing.join(", ")),
        "Wait for a new index to be filled, or deploy template.yaml again",
    )
}

fn clock(date: Option<&str>, now: UnixMillis) -> Finding {
    let theirs = date.and_then(|date| OffsetDateTime::parse(date, &Rfc2822).ok()).map(OffsetDateTime::unix_timestamp);
    let Some(theirs) = theirs else { return Finding::unchecked("clock", "DynamoDB's answer had no date") };
    let apart = now.seconds().abs_diff(theirs);
    Finding::of(
        "clock",
        apart <= CLOCK_SECONDS.unsigned_abs(),
        "this machine's clock agrees with DynamoDB's, within seconds",
        &format!("this machine's clock is {apart} s from DynamoDB's"),
        "Set it by NTP: requests that it signs are refused",
    )
}

#[cfg(test)]
mod tests {
    use recourse_store::Index;

    use super::*;

    const NOON: &str = "Sat, 21 Nov 2026 12:00:00 GMT";
    const NOON_MS: i64 = 1_795_262_400_000;

    fn table(name: &str) -> TableHealth {
        TableHealth {
            name: name.to_owned(),
            active: true,
            protected: true,
            recoverable: true,
            streams: true,
            forgets_by: Some("expires_at".to_owned()),
            indexes: INDEXES
                .into_iter()
                .chain([DELIVERIES])
                .map(|name| Index { name: name.to_owned(), active: true })
                .collect(),
        }
    }

    fn wrong(change: impl Fn(&mut Health)) -> Vec<&'static str> {
        let mut health = Health { disputes: table("d"), ephemeral: table("g"), date: Some(NOON.to_owned()) };
        change(&mut health);
        let checks = tables(&health, UnixMillis(NOON_MS + 2_000)).into_iter();
        checks.filter(|check| check.holds == Some(false)).map(|check| check.check).collect()
    }

    #[test]
    fn each_wrong_setting_is_named_and_no_other() {
        assert!(wrong(|_| {}).is_empty());
        assert_eq!(wrong(|health| health.disputes.recoverable = false), ["recovery"]);
        assert_eq!(wrong(|health| health.disputes.protected = false), ["protection"]);
        assert_eq!(wrong(|health| health.disputes.streams = false), ["stream"]);
        assert_eq!(wrong(|health| health.ephemeral.forgets_by = None), ["forgetting"]);
        assert_eq!(wrong(|health| health.disputes.forgets_by = None), ["retention"]);
        assert_eq!(wrong(|health| health.ephemeral.active = false), ["tables"]);
        assert_eq!(wrong(|health| health.disputes.indexes[1].active = false), ["indexes"]);
        assert_eq!(wrong(|health| health.disputes.indexes.truncate(1)), ["indexes"]);
        assert_eq!(wrong(|health| health.ephemeral.indexes.clear()), ["indexes"]);
        assert_eq!(wrong(|health| health.date = Some("Sat, 21 Nov 2026 12:01:00 GMT".to_owned())), ["clock"]);
        assert!(wrong(|health| health.date = None).is_empty());
    }
}
