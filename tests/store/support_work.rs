//! Work of support cases: one worker does it, a dead one holds it up no longer than its lease, and
//! a slow one changes nothing. Cases are listed, and found when they are due.

use std::sync::Arc;

use recourse_dispute::lifecycle::Category;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::{channel::Channel, lifecycle::State as DisputeState, transaction::Status};
use recourse_local::dynamodb::Fault;
use recourse_store::{
    CaseFilter, Cursor, MailId, NoGuard, OpenOutcome, ReviseSupportOutcome, StoreError, SupportSnapshot, Work, WorkKind,
};
use recourse_support::Event;

use crate::bench::Bench;
use crate::cases::{noted, notification, stepped};
use crate::things::{NOW, decision, opening, token, transaction};
use recourse_test_harness::{run, until};

const LEASE_MS: i64 = 45_000;
const DAY: i64 = 24 * 60 * 60 * 1000;

async fn claim(bench: &Bench, snapshot: &SupportSnapshot, now: UnixMillis) -> Option<Work> {
    bench.store.claim_work(&mut snapshot.clone(), LEASE_MS, &token(), now).await.unwrap()
}

/// Writes the result of `work`, unless it means nothing any more.
async fn finish(bench: &Bench, number: DisputeNumber, work: Work, now: UnixMillis) -> ReviseSupportOutcome {
    let decide = async |snapshot: &SupportSnapshot, now| {
        let waits = snapshot.case.as_ref().is_some_and(|case| case.waits_for(work));
        Ok::<_, StoreError>(waits.then(|| stepped(snapshot, &Event::Opened, now)))
    };
    bench.store.revise_support(number, decide, || now, token).await.unwrap()
}

/// The cases that a walk at `now` finds, one of each partition at a time.
async fn overdue(bench: &Bench, mut cursor: Cursor) -> Vec<DisputeNumber> {
    let mut found = Vec::new();
    while !cursor.is_over() {
        let page = bench.store.overdue(&mut cursor, 1).await.unwrap();
        found.extend(page.into_iter().map(|overdue| overdue.number));
    }
    found.sort();
    found
}

/// Waits until the index, which may lag behind the table, has these cases due at `now`.
async fn due(bench: &Bench, now: UnixMillis, expected: &[DisputeNumber]) {
    let found = async || overdue(bench, Cursor::support(now)).await;
    until("what is due", async || (found().await == expected).then_some(())).await;
}

#[test]
fn work_is_claimed_by_one_and_again_when_the_lease_is_over() {
    run(async {
        let bench = Bench::start().await;
        let number = bench.case("50001").await;
        let snapshot = bench.snapshot(number).await;
        assert_eq!(claim(&bench, &snapshot, NOW.plus(-1)).await, None, "it is not due");
        let work = claim(&bench, &snapshot, NOW).await.unwrap();
        assert_eq!(work, Work { id: 0, kind: WorkKind::Opened, due: NOW });
        assert_eq!(claim(&bench, &snapshot, NOW).await, None, "it was claimed since the snapshot");
        let claimed = bench.snapshot(number).await;
        assert_eq!(claim(&bench, &claimed, NOW.plus(LEASE_MS - 1)).await, None);
        due(&bench, NOW.plus(LEASE_MS - 1), &[]).await;
        due(&bench, NOW.plus(LEASE_MS), &[number]).await;
        assert_eq!(claim(&bench, &claimed, NOW.plus(LEASE_MS)).await, Some(work));
        let record = bench.store.case_record(number).await.unwrap().unwrap();
        assert_eq!((record.case.unwrap().version, record.history.len()), (3, 1), "a claim is no step");
    });
}

#[test]
fn of_many_claims_at_once_one_holds() {
    run(async {
        let bench = Arc::new(Bench::start().await);
        let snapshot = bench.snapshot(bench.case("50001").await).await;
        let claims: Vec<_> = (0..12)
            .map(|_| {
                let (bench, snapshot) = (Arc::clone(&bench), snapshot.clone());
                tokio::spawn(async move { claim(&bench, &snapshot, NOW).await.is_some() })
            })
            .collect();
        let mut held = 0;
        for claim in claims {
            held += usize::from(claim.await.unwrap());
        }
        assert_eq!(held, 1);
    });
}

#[test]
fn a_claim_whose_answer_is_lost_holds_once() {
    run(async {
        let bench = Bench::alone().await;
        let number = bench.case("50001").await;
        let snapshot = bench.snapshot(number).await;
        bench.db.set_fault(Fault::LoseAnswer { times: 2 });
        assert!(claim(&bench, &snapshot, NOW).await.is_some());
        assert_eq!(bench.snapshot(number).await.case.unwrap().version, 2);
    });
}

#[test]
fn work_of_a_dispute_that_was_closed_since_is_not_claimed() {
    run(async {
        let bench = Bench::start().await;
        let snapshot = bench.snapshot(bench.case("50001").await).await;
        bench.store.change(&snapshot.dispute, &decision(&snapshot.dispute), &NoGuard, &token(), NOW).await.unwrap();
        let everything = bench.everything().await;
        assert_eq!(claim(&bench, &snapshot, NOW).await, None);
        assert_eq!(bench.everything().await, everything);
    });
}

#[test]
fn a_mail_during_the_work_is_not_lost_and_leaves_the_claim() {
    run(async {
        let bench = Bench::start().await;
        let number = bench.case("50001").await;
        let work = claim(&bench, &bench.snapshot(number).await, NOW).await.unwrap();
        bench.written(&noted(&bench.snapshot(number).await, "hello", NOW.plus(10))).await;
        let during = bench.snapshot(number).await;
        assert_eq!(claim(&bench, &during, NOW.plus(20)).await, None, "the work is still claimed");
        let outcome = finish(&bench, number, work, NOW.plus(30)).await;
        let ReviseSupportOutcome::Written(case) = outcome else { panic!("{outcome:?}") };
        assert_eq!((case.messages, case.work, case.claimed_until), (1, None, None));
    });
}

#[test]
fn the_result_of_a_slow_worker_changes_nothing() {
    run(async {
        let bench = Bench::start().await;
        let number = bench.case("50001").await;
        let slow = claim(&bench, &bench.snapshot(number).await, NOW).await.unwrap();
        let over = NOW.plus(LEASE_MS);
        let quick = claim(&bench, &bench.snapshot(number).await, over).await.unwrap();
        assert_eq!(quick, slow, "the same work, with the same id");
        assert!(matches!(finish(&bench, number, quick, over).await, ReviseSupportOutcome::Written(_)));
        let everything = bench.everything().await;
        assert_eq!(finish(&bench, number, slow, over).await, ReviseSupportOutcome::Unchanged);
        assert_eq!(bench.everything().await, everything);
    });
}

/// What is there when a worker dies after each of its steps, and how it goes on.
#[test]
fn a_worker_may_die_between_any_two_steps() {
    run(async {
        let bench = Bench::start().await;
        let number = bench.case("50001").await;
        due(&bench, NOW, &[number]).await;
        // It dies after the claim.
        let work = claim(&bench, &bench.snapshot(number).await, NOW).await.unwrap();
        due(&bench, NOW, &[]).await;
        due(&bench, NOW.plus(LEASE_MS), &[number]).await;
        // The next one dies after its commit, before it answers: the case has moved on.
        let over = NOW.plus(LEASE_MS);
        claim(&bench, &bench.snapshot(number).await, over).await.unwrap();
        assert!(matches!(finish(&bench, number, work, over).await, ReviseSupportOutcome::Written(_)));
        due(&bench, over, &[]).await;
        due(&bench, NOW.plus(30 * DAY), &[number]).await;
        assert_eq!(finish(&bench, number, work, over).await, ReviseSupportOutcome::Unchanged);
        assert_eq!(bench.store.case_record(number).await.unwrap().unwrap().history.len(), 2);
    });
}

#[test]
fn disputes_and_support_cases_are_walked_apart() {
    run(async {
        let bench = Bench::start().await;
        let mut cases = Vec::new();
        for n in 0..20 {
            cases.push(bench.case(&format!("5{n:04}")).await);
        }
        cases.sort();
        let paid = transaction("60001", Status::Succesful);
        bench.upsert(&paid).await;
        let mut opening = opening(&paid);
        let dispute = &mut opening.dispute;
        (dispute.channel, dispute.category) = (Channel::Arbiter, Category::Chargeback);
        dispute.state = DisputeState::initial(Category::Chargeback);
        assert!(matches!(bench.open(&opening).await, OpenOutcome::Opened(_)));
        let late = NOW.plus(400 * DAY);
        due(&bench, late, &cases).await;
        assert_eq!(overdue(&bench, Cursor::over(late)).await, [opening.dispute.number]);
        due(&bench, NOW.plus(-1), &[]).await;
    });
}

#[test]
fn open_cases_are_listed_by_when_they_are_due_and_resolved_ones_by_when_they_were() {
    run(async {
        let bench = Bench::start().await;
        let mut cases = Vec::new();
        for n in 0..12 {
            cases.push(bench.case_opened(&format!("5{n:04}"), NOW.plus(-1000 * n)).await);
        }
        let listed = async |filter, limit| {
            let list = bench.store.support_cases(filter, limit).await.unwrap();
            assert!(list.unread.is_empty());
            list.cases.into_iter().map(|case| case.number).collect::<Vec<_>>()
        };
        let oldest: Vec<_> = cases.iter().rev().copied().collect();
        until("all are listed", async || (listed(CaseFilter::Open, 50).await == oldest).then_some(())).await;
        assert_eq!(listed(CaseFilter::Open, 5).await, oldest[..5]);
        assert!(listed(CaseFilter::Open, 0).await.is_empty());
        assert!(listed(CaseFilter::Resolved, 50).await.is_empty());
        for (number, seconds) in cases[..3].iter().zip(1..) {
            let now = NOW.plus(1000 * seconds);
            let mut commit = stepped(&bench.snapshot(*number).await, &Event::DisputeEnded, now);
            commit.after.set_work(None);
            bench.store.commit_support(&commit, &token(), now).await.unwrap();
        }
        let newest: Vec<_> = cases[..3].iter().rev().copied().collect();
        until("they are resolved", async || (listed(CaseFilter::Resolved, 50).await == newest).then_some(())).await;
        assert_eq!(listed(CaseFilter::Resolved, 2).await, newest[..2]);
        assert_eq!(listed(CaseFilter::Open, 50).await, oldest[..9]);
        due(&bench, NOW.plus(400 * DAY), &{
            let mut open = cases[3..].to_vec();
            open.sort();
            open
        })
        .await;
    });
}

#[test]
fn a_case_that_this_release_cannot_read_is_named_beside_the_others() {
    run(async {
        let bench = Bench::start().await;
        let (good, bad) = (bench.case("50001").await, bench.case("50002").await);
        let ((pk, sk), mut item) = bench
            .disputes()
            .await
            .into_iter()
            .find(|((pk, sk), _)| pk == &format!("DSP#{bad}") && sk == "SUP")
            .unwrap();
        item["version"] = serde_json::json!({ "S": "of a later release" });
        bench.put(&serde_json::to_value(&item).unwrap()).await;
        until("both are listed", async || {
            let list = bench.store.support_cases(CaseFilter::Open, 10).await.unwrap();
            let numbers: Vec<_> = list.cases.iter().map(|case| case.number).collect();
            (numbers == [good] && list.unread == [bad]).then_some(())
        })
        .await;
        assert_eq!((pk, sk), (format!("DSP#{bad}"), "SUP".to_owned()));
    });
}

/// The mails of one thread are sent one after the other, in the order in which they were enqueued,
/// also where the clock of the second worker is behind.
#[test]
fn a_cases_mails_go_out_in_one_order_with_those_of_its_dispute() {
    run(async {
        let bench = Bench::start().await;
        let number = bench.case("50001").await;
        for (seq, behind) in [(1, -1000), (2, -5000)] {
            let snapshot = bench.snapshot(number).await;
            let now = NOW.plus(behind);
            let mut commit = noted(&snapshot, "hello", now);
            commit.mails.push((MailId::support(number, seq), notification(&snapshot.dispute)));
            commit.mails.push((MailId::supervisors(number, seq), notification(&snapshot.dispute)));
            bench.store.commit_support(&commit, &token(), now).await.unwrap();
        }
        let snapshot = bench.snapshot(number).await;
        let decided = decision(&snapshot.dispute);
        bench.store.change(&snapshot.dispute, &decided, &NoGuard, &token(), NOW.plus(-7000)).await.unwrap();
        let ahead = async |id: MailId| {
            let thread = bench.store.thread(id).await.unwrap();
            thread.ahead.into_iter().map(|mail| mail.id.version).collect::<Vec<_>>()
        };
        let of = |seq| MailId::support(number, seq);
        let change = |version| MailId { version, ..of(1) };
        let (first, second) = (of(1).version, of(2).version);
        assert!(ahead(of(1)).await.is_empty(), "enqueued before the others");
        assert_eq!(ahead(of(2)).await, [first], "by the thread, whatever the clock says");
        assert_eq!(ahead(change(1)).await, [first, second]);
        assert_eq!(ahead(change(2)).await, [first, second, 1]);
    });
}
