//! The audit log of the console: what was seen and done is there, by day, person, action and case.

use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::{Day, UnixMillis};
use recourse_local::dynamodb::Fault;
use recourse_store::{
    AuditDays, AuditLogCursor, AuditLogEntry, AuditLogFilter, AuditLogPage, AuditOperator, AuditOutcome, OperatorRole,
    Retention,
};
use recourse_support::case::AgentName;
use serde_json::json;

use crate::bench::Bench;
use crate::things::{NOW, token};
use recourse_test_harness::{run, run_alone};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// In the middle of the day that [`NOW`] begins.
const NOON: UnixMillis = UnixMillis(NOW.0 + DAY_MS / 2);

fn entry(at: UnixMillis, name: &str, action: &str, case: u64) -> AuditLogEntry {
    AuditLogEntry {
        at,
        operator: Some(AuditOperator { name: AgentName::parse(name).unwrap(), role: OperatorRole::Agent }),
        action: action.to_owned(),
        case: DisputeNumber::try_from(case).ok(),
        from: Some("192.0.2.1".parse().unwrap()),
        outcome: AuditOutcome::Attempted,
    }
}

async fn write(bench: &Bench, entry: &AuditLogEntry) {
    bench.store.write_audit(entry, &token()).await.unwrap();
}

/// The days from so many days before [`NOW`] to that of [`NOW`].
fn days(before: i64) -> AuditDays {
    AuditDays { from: Day::of(NOW.plus(-before * DAY_MS)), to: Day::of(NOW) }
}

/// Every page of a list, and how many pages there were.
async fn all(bench: &Bench, days: AuditDays, filter: &AuditLogFilter, most: usize) -> (Vec<AuditLogEntry>, usize) {
    let (mut entries, mut pages, mut next) = (Vec::new(), 0, None::<AuditLogCursor>);
    loop {
        let page = bench.store.audit_log(days, filter, next.as_ref(), most, NOW).await.unwrap();
        pages += 1;
        assert!(page.entries.len() <= most);
        entries.extend(page.entries);
        // As it goes through the address of a page.
        next = page.next.map(|next| next.to_string().parse().unwrap());
        if next.is_none() {
            return (entries, pages);
        }
    }
}

#[test]
fn an_entry_is_there_before_its_outcome_and_keeps_the_first_one() {
    run(async {
        let bench = Bench::start().await;
        let written = entry(NOW, "Aisyah", "reply", 551);
        let id = bench.store.write_audit(&written, &token()).await.unwrap();
        let read =
            async || bench.store.audit_log(days(0), &AuditLogFilter::default(), None, 10, NOW).await.unwrap().entries;
        assert_eq!(read().await, std::slice::from_ref(&written));
        let refused = AuditOutcome::Refused("changed".to_owned());
        for outcome in [&refused, &AuditOutcome::Done] {
            bench.store.end_audit(&id, outcome).await.unwrap();
            assert_eq!(read().await, [AuditLogEntry { outcome: refused.clone(), ..written.clone() }]);
        }
        let unknown =
            AuditLogEntry { operator: None, case: None, from: None, action: "link".to_owned(), ..written.clone() };
        write(&bench, &unknown).await;
        assert!(read().await.contains(&unknown));
    });
}

#[test]
fn the_same_entry_sent_again_is_one() {
    run(async {
        let bench = Bench::start().await;
        let (entry, request) = (entry(NOW, "Aisyah", "case", 551), token());
        let first = bench.store.write_audit(&entry, &request).await.unwrap();
        assert_eq!(bench.store.write_audit(&entry, &request).await.unwrap(), first);
        write(&bench, &entry).await;
        assert_eq!(all(&bench, days(0), &AuditLogFilter::default(), 10).await.0.len(), 2);
    });
}

#[test]
fn pages_have_every_entry_once_newest_first_over_all_days() {
    run(async {
        let bench = Bench::start().await;
        let mut written = Vec::new();
        for day in 0..5 {
            for number in 0..7 {
                let at = NOON.plus(-day * DAY_MS - number);
                written.push(entry(at, "Aisyah", "case", u64::try_from(100 * (day + 1) + number).unwrap()));
            }
        }
        for entry in written.iter().rev() {
            write(&bench, entry).await;
        }
        let everything = &AuditLogFilter::default();
        assert_eq!(all(&bench, days(4), everything, 3).await, (written.clone(), 12));
        assert_eq!(all(&bench, days(4), everything, 35).await, (written.clone(), 1), "nothing follows a full page");
        assert_eq!(all(&bench, days(1), everything, 100).await.0, written[..14]);
        let day = Day::of(NOW.plus(-2 * DAY_MS));
        assert_eq!(all(&bench, AuditDays { from: day, to: day }, everything, 100).await.0, written[14..21]);
        let backwards = AuditDays { from: days(0).to, to: days(4).from };
        assert!(all(&bench, backwards, everything, 100).await.0.is_empty());
        // A place after the last day of the list is that of another list.
        let later: AuditLogCursor = "2999-01-01".parse().unwrap();
        let page = bench.store.audit_log(days(4), everything, Some(&later), 100, NOW).await.unwrap();
        assert_eq!(page.entries, written);
    });
}

#[test]
fn a_filter_finds_a_person_an_action_and_a_case() {
    run(async {
        let bench = Bench::start().await;
        for number in 0..300 {
            let (name, action) = if number % 100 == 0 { ("Ben", "reply") } else { ("Aisyah", "case") };
            write(&bench, &entry(NOON.plus(-number), name, action, u64::try_from(number + 1).unwrap())).await;
        }
        let by = |operator: Option<&str>, action: Option<&str>, case: Option<u64>| AuditLogFilter {
            operator: operator.map(str::to_owned),
            action: action.map(str::to_owned),
            case: case.map(|case| DisputeNumber::try_from(case).unwrap()),
        };
        let found = async |filter: AuditLogFilter, most| {
            let (entries, pages) = all(&bench, days(0), &filter, most).await;
            (entries.iter().map(|entry| entry.case.unwrap().get()).collect::<Vec<_>>(), pages)
        };
        assert_eq!(found(by(Some("ben"), None, None), 10).await, (vec![1, 101, 201], 1));
        assert_eq!(found(by(None, Some("reply"), None), 2).await, (vec![1, 101, 201], 2));
        assert_eq!(found(by(None, None, Some(250)), 10).await, (vec![250], 1));
        assert!(found(by(Some("Ben"), Some("case"), None), 10).await.0.is_empty());
        assert_eq!(found(by(Some("Aisyah"), Some("case"), None), 1000).await.0.len(), 297);
    });
}

#[test]
fn a_long_search_stops_and_says_where_it_goes_on() {
    run(async {
        let bench = Bench::alone().await;
        let old = entry(NOW.plus(-100 * DAY_MS), "Aisyah", "case", 551);
        write(&bench, &old).await;
        bench.db.clear_calls();
        let everything = &AuditLogFilter::default();
        let AuditLogPage { entries, next, .. } =
            bench.store.audit_log(days(100), everything, None, 10, NOW).await.unwrap();
        assert!(entries.is_empty() && bench.operations().len() == 40, "{}", bench.operations().len());
        assert_eq!(next.unwrap().day(), Day::of(NOW.plus(-40 * DAY_MS)));
        assert_eq!(all(&bench, days(100), everything, 10).await, (vec![old], 3));
    });
}

#[test]
fn an_entry_that_this_release_cannot_read_is_named_and_hides_no_other() {
    run(async {
        let bench = Bench::start().await;
        let readable = entry(NOW, "Aisyah", "case", 551);
        write(&bench, &readable).await;
        let pk = format!("AUDIT#{}", Day::of(NOW));
        let sk = format!("{:015}#{}", NOW.0 + 1, "0".repeat(32));
        bench.put(&json!({ "PK": { "S": pk }, "SK": { "S": sk }, "outcome": { "S": "half" } })).await;
        let page = bench.store.audit_log(days(0), &AuditLogFilter::default(), None, 10, NOW).await.unwrap();
        assert_eq!((page.entries, page.unread, page.next), (vec![readable], vec![format!("{pk} {sk}")], None));
    });
}

#[test]
fn nothing_is_written_while_dynamodb_is_out_of_reach_and_the_caller_is_told() {
    run_alone(async {
        let bench = Bench::alone().await;
        let entry = entry(NOW, "Aisyah", "case", 551);
        bench.db.set_fault(Fault::Unreachable);
        assert!(bench.store.write_audit(&entry, &token()).await.unwrap_err().is_temporary());
        bench.db.set_fault(Fault::None);
        assert!(bench.disputes().await.is_empty());
    });
}

/// DynamoDB deletes what has expired within some days.
#[test]
fn an_entry_whose_time_is_over_is_not_listed() {
    run(async {
        let bench = Bench::start().await;
        let kept = Retention::parse(r#"{"audit_log":30}"#).unwrap();
        let (short, written) = (bench.store.clone().with_retention(kept), entry(NOW.plus(1), "Aisyah", "case", 551));
        short.write_audit(&written, &token()).await.unwrap();
        let for_ever = entry(NOW, "Aisyah", "case", 552);
        write(&bench, &for_ever).await;
        let listed = async |at: UnixMillis| {
            let everything = &AuditLogFilter::default();
            bench.store.audit_log(days(0), everything, None, 1, at).await.unwrap().entries
        };
        let end = NOW.plus(30 * DAY_MS);
        assert_eq!(listed(end.plus(-1)).await, [written]);
        assert_eq!(listed(end).await, [for_ever], "a page has as many as there are");
    });
}
