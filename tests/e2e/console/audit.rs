//! The page of the audit log: who may read it, what it finds, and that reading it is in it.

use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_local::dynamodb::Fault;
use recourse_store::{AuditLogEntry, AuditOperator, AuditOutcome, OperatorRole, WriteToken};

use super::{audit_log, is_secured, last_audit};
use crate::harness::{Stack, options, run};

const FUNCTION: &str = "ConsoleAudit";
const PAGE: &str = "/console/audit";
const CSV: &str = "/console/audit.csv";
/// The days of the entries that [`written`] writes.
const DAYS: &str = "from=2026-01-01&to=2026-01-03";

/// What the page does, once each.
pub(super) async fn everything(stack: &Stack) {
    let auditor = stack.sign_in("auditor").await;
    for path in [PAGE, CSV] {
        assert_eq!(auditor.get(path).await.status, 200);
    }
    stack.cloud().clock.advance(super::A_MINUTE).unwrap();
    assert_eq!(auditor.get(PAGE).await.status, 200);
}

fn entry(day: u8, name: &str, action: &str, case: u64, outcome: AuditOutcome) -> AuditLogEntry {
    AuditLogEntry {
        at: UnixMillis::parse(&format!("2026-01-{day:02}T10:00:00Z")).unwrap(),
        operator: Some(AuditOperator { name: name.to_owned().try_into().unwrap(), role: OperatorRole::Agent }),
        action: action.to_owned(),
        case: DisputeNumber::try_from(case).ok(),
        from: "192.0.2.1".parse().ok(),
        outcome,
    }
}

/// Writes entries of three days, 150 of them of the first one. `round` tells two calls apart.
async fn written(stack: &Stack, round: u64) {
    let refused = AuditOutcome::Refused("changed".to_owned());
    let mut entries =
        vec![entry(3, "=1+1<b>", "case", 551, AuditOutcome::Attempted), entry(2, "Ben", "reply", 551, refused)];
    entries.extend((0..150).map(|number| entry(1, "Aisyah", "case", 1_000 + number, AuditOutcome::Done)));
    for (number, entry) in (u128::from(round) << 64..).zip(entries) {
        stack.store().write_audit(&entry, &WriteToken::new(number.to_be_bytes())).await.unwrap();
    }
}

/// How many entries a page lists.
fn rows(page: &str) -> usize {
    page.matches("<time ").count()
}

/// Where the link to older entries leads.
fn older(page: &str) -> Option<String> {
    let (before, _) = page.split_once("\">Older entries")?;
    let (_, address) = before.rsplit_once("href=\"")?;
    Some(address.replace("&#38;", "&"))
}

#[test]
fn supervisors_auditors_and_admins_read_it_and_agents_are_refused() {
    run(async {
        let stack = Stack::start(options()).await;
        for role in ["supervisor", "auditor", "admin"] {
            let browser = stack.sign_in(role).await;
            for path in [PAGE, CSV] {
                let answer = browser.get(path).await;
                assert_eq!(answer.status, 200, "{role} {path}");
                is_secured(&answer);
            }
            assert!(last_audit(&stack).await.ends_with(&format!("({role}): audit_export, done")));
        }
        let agent = stack.sign_in("agent").await;
        for path in [PAGE, CSV] {
            let refused = agent.get(path).await;
            assert!(refused.status == 403 && rows(&refused.text) == 0, "{refused:?}");
            is_secured(&refused);
            assert_eq!(last_audit(&stack).await, "Aisyah (agent): audit_log, refused: role");
        }
        for path in [PAGE, CSV] {
            let answer = stack.browser().get(path).await;
            assert_eq!((answer.status, answer.location()), (303, "/console/sign-in"));
        }
    });
}

#[test]
fn entries_are_found_by_day_person_action_and_case_and_pages_lead_on() {
    run(async {
        let stack = Stack::start(options()).await;
        written(&stack, 1).await;
        let browser = stack.sign_in("auditor").await;
        let first = browser.get(&format!("{PAGE}?{DAYS}")).await.text;
        assert_eq!(rows(&first), 100);
        assert!(first.contains("=1+1&#60;b&#62;") && !first.contains("=1+1<b>"), "{first}");
        assert!(first.contains("refused: changed") && first.contains("href=\"/console/cases/RC-0000008t\""), "{first}");
        let second = browser.get(&older(&first).unwrap()).await.text;
        assert_eq!((rows(&second), older(&second)), (52, None));
        for (filter, count) in [
            ("operator=ben", 1),
            ("operator=Nobody", 0),
            ("action=reply", 1),
            ("case=rc-0000008t", 2),
            ("case=551&action=case", 1),
        ] {
            let page = browser.get(&format!("{PAGE}?{DAYS}&{filter}")).await.text;
            assert_eq!(rows(&page), count, "{filter}: {page}");
            assert_eq!(page.contains("No entry"), count == 0, "{filter}");
        }
        let newest = audit_log(&stack).await.remove(0);
        assert_eq!(newest.action, "audit_log");
        assert_eq!(newest.case.map(DisputeNumber::get), Some(551), "whose entries were read");
        // Without a filter the page has the last seven days: the sign-in, and this reading itself.
        let own = browser.get(PAGE).await.text;
        assert!(own.contains("sign_in") && own.contains("audit_log"), "{own}");
    });
}

#[test]
fn the_file_has_what_the_list_has_and_no_formula() {
    run(async {
        let stack = Stack::start(options()).await;
        written(&stack, 1).await;
        let browser = stack.sign_in("auditor").await;
        let file = browser.get(&format!("{CSV}?{DAYS}&action=case")).await;
        is_secured(&file);
        assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
        assert_eq!(file.headers["content-disposition"], "attachment; filename=\"audit-2026-01-01-2026-01-03.csv\"");
        let lines: Vec<_> = file.text.lines().collect();
        assert_eq!(lines.len(), 1 + 151);
        assert_eq!(lines[0], "at,operator,role,action,case,from,outcome");
        assert_eq!(lines[1], "2026-01-03T10:00:00Z,'=1+1<b>,agent,case,RC-0000008t,192.0.2.1,attempted");
        assert_eq!(last_audit(&stack).await, "Dev (auditor): audit_export, done");
    });
}

#[test]
fn what_cannot_be_read_is_explained_and_nothing_is_listed() {
    run(async {
        let stack = Stack::start(options()).await;
        written(&stack, 1).await;
        let browser = stack.sign_in("auditor").await;
        for (query, words) in [
            ("from=yesterday", "2026-01-31"),
            ("from=2026-01-03&to=2026-01-01", "Swap them"),
            ("from=2024-01-01&to=2026-01-01", "366 days"),
            ("from=2026-01-01&to=2026-01-03&case=%3Cscript%3E", "case id"),
            ("from=2026-01-01&to=2026-01-03&after=2026-01-01~x", "Filter again"),
        ] {
            for path in [PAGE, CSV] {
                let answer = browser.get(&format!("{path}?{query}")).await;
                assert!(answer.status == 400 && answer.text.contains(words), "{query}: {answer:?}");
                assert!(rows(&answer.text) == 0 && !answer.text.contains("<script>"), "{query}");
                is_secured(&answer);
            }
        }
        for query in ["from=2026-01-01&from=2026-01-02".to_owned(), format!("operator={}", "x".repeat(5_000))] {
            assert_eq!(browser.get(&format!("{PAGE}?{query}")).await.status, 400);
        }
    });
}

#[test]
fn nothing_is_shown_where_the_reading_cannot_be_noted() {
    run(async {
        let stack = Stack::start(options()).await;
        written(&stack, 1).await;
        let browser = stack.sign_in("auditor").await;
        assert_eq!(browser.get(PAGE).await.status, 200);
        stack.cloud().dynamodb.set_fault_of(FUNCTION, Fault::Unreachable);
        for path in [PAGE, CSV] {
            let answer = browser.get(&format!("{path}?{DAYS}")).await;
            assert!(answer.status == 503 && !answer.text.contains("Ben"), "{answer:?}");
            is_secured(&answer);
        }
        stack.cloud().dynamodb.set_fault_of(FUNCTION, Fault::None);
    });
}

#[test]
fn a_page_costs_the_same_calls_however_many_entries_a_day_has() {
    run(async {
        let stack = Stack::start(options()).await;
        let browser = stack.sign_in("auditor").await;
        browser.get(PAGE).await;
        let mut calls = Vec::new();
        for round in 1..=3 {
            stack.cloud().dynamodb.clear_calls();
            assert_eq!(browser.get(&format!("{PAGE}?from=2026-01-01&to=2026-01-01")).await.status, 200);
            let mut made = stack.dynamodb_calls(FUNCTION);
            made.sort();
            calls.push(made);
            written(&stack, round).await;
        }
        assert_eq!(calls[0], ["BatchGetItem", "GetItem", "GetItem", "PutItem", "Query", "Query"]);
        assert!(calls.iter().all(|made| *made == calls[0]), "{calls:?}");
    });
}
