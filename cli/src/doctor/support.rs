//! The support process: whether cases move, whether one waits too long for an agent, whether
//! somebody hears of that, and whether the deployment's own playbooks can be read.

use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_operations::millis;
use recourse_store::{CaseFile, Cursor, Overdue, QueueFilter, QueueView, Store};
use recourse_support::case::State;
use recourse_support::time::UnixSeconds;

use super::Check;
use crate::output::visible;
use crate::settings::Settings;
use crate::system;

const CASES: &str = "cases";
const AGENTS: &str = "agents";
const SUPERVISORS: &str = "supervisors";
const PLAYBOOKS: &str = "playbooks";
/// How late a case may be. The worker takes what is due every minute.
const LATE_MS: i64 = 15 * 60 * 1000;
/// How many due cases of each shard are looked at: the oldest of each is what counts.
const MAX_CASES: i32 = 25;
/// How many of the cases that wait for an agent are looked at: a page of the queue, those that have
/// waited for longest first.
const MAX_WAITING: usize = 50;

pub(super) async fn checks(store: &Store, settings: &Settings) -> Vec<Check> {
    let addresses = settings.get("SUPERVISOR_ADDRESSES");
    let own = match settings.get("SUPPORT_PLAYBOOKS") {
        Some(key) => {
            let read = settings.clone().own_playbooks().await;
            Some((key, read))
        }
        None => None,
    };
    vec![
        cases(store, system::now()).await,
        agents(store, system::now()).await,
        supervisors(settings.get("SUPPORT_PROCESS").as_deref(), addresses.as_deref()),
        playbooks(own.as_ref().map(|(key, read)| (key.as_str(), read.clone()))),
    ]
}

/// Whether the worker takes the cases that are due.
async fn cases(store: &Store, now: UnixMillis) -> Check {
    match store.overdue(&mut Cursor::support(now), MAX_CASES).await {
        Ok(due) => of(&due, now),
        Err(error) => Check::unread(CASES, &error),
    }
}

fn of(due: &[Overdue], now: UnixMillis) -> Check {
    match due.iter().min_by_key(|case| case.since) {
        Some(oldest) if oldest.since.plus(LATE_MS) < now => Check::wrong(
            CASES,
            format!("{} has been due since {}", oldest.number.case_id(), oldest.since.iso8601()),
            "See SupportLate in docs/runbook.md",
        ),
        Some(_) => Check::ok(CASES, "none is late"),
        None => Check::ok(CASES, "none is due"),
    }
}

/// Whether a case waits longer for an agent than it may.
async fn agents(store: &Store, now: UnixMillis) -> Check {
    let waiting = QueueFilter::of(QueueView::State(State::WaitingForAgent));
    match store.queue(&waiting, None, MAX_WAITING).await {
        Ok(page) => overdue(page.rows.iter().filter_map(|row| row.case.as_ref()), page.next.is_some(), now),
        Err(error) => Check::unread(AGENTS, &error),
    }
}

/// `has_more`: there are cases that were not looked at.
fn overdue<'a>(waiting: impl Iterator<Item = &'a CaseFile>, has_more: bool, now: UnixMillis) -> Check {
    let since = |case: &CaseFile| {
        let support = case.support.as_ref().filter(|support| support.is_overdue(UnixSeconds(now.seconds())))?;
        Some((millis(support.limit_at?.0), case.number))
    };
    let overdue: Vec<(UnixMillis, DisputeNumber)> = waiting.filter_map(since).collect();
    let Some((since, number)) = overdue.iter().min() else {
        return Check::ok(AGENTS, "no case waits longer for an agent than it may");
    };
    let more = if has_more { " or more" } else { "" };
    Check::wrong(
        AGENTS,
        format!(
            "cases that wait longer for an agent than they may: {}{more}; the first, {}, since {}",
            overdue.len(),
            number.case_id(),
            since.iso8601()
        ),
        "An agent takes them: `recourse case list --state waiting_for_agent`, or the console's queue",
    )
}

/// Whether somebody is mailed when no agent acts. `process` is the parameter SupportProcess.
fn supervisors(process: Option<&str>, addresses: Option<&str>) -> Check {
    match (process, addresses) {
        (_, Some(addresses)) => {
            let count = addresses.split(',').count();
            Check::ok(
                SUPERVISORS,
                format!("addresses that are mailed when a case waits too long for an agent: {count}"),
            )
        }
        (Some("on"), None) => Check::wrong(
            SUPERVISORS,
            "nobody gets a mail when a case waits too long for an agent",
            "Deploy with the parameter SupervisorAddresses",
        ),
        (Some(_), None) => Check::unchecked(SUPERVISORS, "not needed: the parameter SupportProcess is off"),
        (None, None) => {
            Check::unchecked(SUPERVISORS, "not checked: neither SUPPORT_PROCESS nor SUPERVISOR_ADDRESSES is set")
        }
    }
}

/// Whether the deployment's own playbooks can be used. `read` is their object, or why it cannot be
/// read; `None` where the deployment has none.
fn playbooks(read: Option<(&str, Result<String, String>)>) -> Check {
    let Some((key, text)) = read else { return Check::ok(PLAYBOOKS, "those that come with Recourse") };
    let broken = |found: String| {
        let fix = "Correct the file, check it with `recourse playbook check`, and put it into the bucket again; until then agents get every case";
        Check::wrong(PLAYBOOKS, found, fix)
    };
    match text.map(|text| recourse_support::playbook::Playbooks::parse(key, &text)) {
        Ok(Ok(_)) => Check::ok(PLAYBOOKS, format!("those of {}", visible(key))),
        Ok(Err(problems)) => {
            let first = problems.first().map(ToString::to_string).unwrap_or_default();
            broken(format!("{} problems, the first: {}", problems.len(), visible(&first)))
        }
        Err(error) => broken(format!("{} cannot be read: {}", visible(key), visible(&error))),
    }
}

#[cfg(test)]
mod tests {
    use recourse_support::case::{Kind, Language, SupportCase};
    use recourse_support::limits::{Limits, Setup};

    use super::super::CheckResult;
    use super::*;

    #[test]
    fn cases_are_counted_that_wait_longer_for_an_agent_than_they_may() {
        let setup = Setup { limits: Limits::shipped().unwrap(), max_model_calls: 0, has_provider: false };
        let case = |state, limit: i64| {
            let mut support = SupportCase::new(Kind::Other, Language::english(), UnixSeconds(0), &setup);
            (support.state, support.limit_at) = (state, Some(UnixSeconds(limit)));
            CaseFile::begin(DisputeNumber::try_from(551).unwrap(), Some(support))
        };
        let unanswered = CaseFile::begin(DisputeNumber::try_from(552).unwrap(), None);
        let now = UnixMillis(1_000_000);
        let fine = [case(State::WaitingForAgent, 1_001), case(State::Answered, 1), unanswered];
        assert_eq!(overdue(fine.iter(), false, now).verdict, CheckResult::Ok);
        let late = [case(State::WaitingForAgent, 999), case(State::WaitingForAgent, 1)];
        let check = overdue(late.iter().chain(&fine), false, now);
        assert_eq!(check.verdict, CheckResult::Wrong);
        assert!(check.found.contains(": 2; the first, RC-0000008t, since 1970-01-01T00:00:01Z"), "{}", check.found);
        let some = overdue(late.iter(), true, now);
        assert!(some.found.contains(": 2 or more; the first, "), "{}", some.found);
    }

    #[test]
    fn a_case_may_be_due_for_a_quarter_of_an_hour() {
        let now = UnixMillis(10 * LATE_MS);
        let number = DisputeNumber::from_base62("0000008t").unwrap();
        let verdict = |since: &[UnixMillis]| {
            let due: Vec<_> = since.iter().map(|since| Overdue { number, since: *since }).collect();
            of(&due, now).verdict
        };
        assert_eq!(verdict(&[]), CheckResult::Ok);
        assert_eq!(verdict(&[now, now.plus(-LATE_MS)]), CheckResult::Ok);
        assert_eq!(verdict(&[now, now.plus(-LATE_MS - 1)]), CheckResult::Wrong);
    }

    #[test]
    fn where_the_process_runs_somebody_has_to_hear_of_late_cases() {
        assert_eq!(supervisors(Some("on"), None).verdict, CheckResult::Wrong);
        assert_eq!(supervisors(Some("off"), None).verdict, CheckResult::Unchecked);
        assert_eq!(supervisors(None, None).verdict, CheckResult::Unchecked);
        let check = supervisors(Some("on"), Some("a@example.com,b@example.com"));
        assert!(check.verdict == CheckResult::Ok && check.found.ends_with(": 2"), "{check:?}");
        assert!(!check.found.contains('@'), "no address is printed");
    }

    #[test]
    fn own_playbooks_have_to_be_there_and_keep_the_rules() {
        assert_eq!(playbooks(None).verdict, CheckResult::Ok);
        let gone = playbooks(Some(("playbooks/own.json", Err("NoSuchKey".to_owned()))));
        assert!(gone.verdict == CheckResult::Wrong && gone.found.contains("NoSuchKey"), "{gone:?}");
        let wrong = playbooks(Some(("playbooks/own.json", Ok("{}".to_owned()))));
        assert!(wrong.verdict == CheckResult::Wrong && wrong.found.contains("playbooks/own.json"), "{wrong:?}");
    }
}
