//! Support cases: a step is written once and as a whole, on what it was decided on.

use std::sync::Arc;

use recourse_dispute::channel::Channel;
use recourse_dispute::lifecycle::State as DisputeState;
use recourse_dispute::transaction::Status;
use recourse_local::dynamodb::Fault;
use recourse_store::{
    ChangeOutcome, CommitOutcome, Direction, MailId, Message, MessageRole, NoGuard, OpenOutcome, ReviseSupportOutcome,
    StoreError, SupportCommit, SupportSnapshot, WorkKind, WriteToken,
};
use recourse_support::Event;
use recourse_support::case::{AgentName, State};

use crate::bench::Bench;
use crate::cases::{begun, noted, notification, received, stepped};
use crate::things::{NOW, decision, nonce, number, opening, token, transaction};
use recourse_test_harness::{run, run_alone};
use tokio::runtime::Handle;

/// How often an SDK's client sends one call.
const SENT: u32 = 3;

fn is_written(outcome: &CommitOutcome) -> bool {
    matches!(outcome, CommitOutcome::Done(_))
}

#[test]
fn a_case_begins_with_its_dispute() {
    run(async {
        let bench = Bench::alone().await;
        let number = bench.case("50001").await;
        let (case, event) = begun(number, NOW);
        let keys = bench.keys().await;
        for sk in ["SUP", "SEV#0000000001"] {
            assert!(keys.contains(&format!("DSP#{number} {sk}")), "{keys:?}");
        }
        bench.db.clear_calls();
        let snapshot = bench.snapshot(number).await;
        assert_eq!(bench.operations(), ["BatchGetItem", "BatchGetItem"]);
        assert_eq!((snapshot.case.as_ref(), snapshot.dispute.number), (Some(&case), number));
        assert_eq!(snapshot.transaction, Some(transaction("50001", Status::Succesful)));
        let record = bench.store.case_record(number).await.unwrap().unwrap();
        assert_eq!((record.case, record.history, record.messages), (Some(case), vec![event], vec![]));
        assert_eq!((record.record.events.len(), record.record.mails.len()), (1, 1));
        assert!(bench.store.support_snapshot(crate::things::number()).await.unwrap().is_none());
    });
}

/// The account's items are read once for all of its cases.
#[test]
fn many_cases_are_read_at_once_and_one_that_is_broken_spoils_no_other() {
    run(async {
        let bench = Bench::alone().await;
        let mut numbers = Vec::new();
        for trxid in 50_001..=50_021 {
            numbers.push(bench.case(&trxid.to_string()).await);
        }
        let broken = numbers[1];
        let mut unreadable = bench.disputes().await.remove(&(format!("DSP#{broken}"), "SUP".to_owned())).unwrap();
        unreadable.as_object_mut().unwrap().remove("version");
        bench.put(&unreadable).await;
        numbers.push(number());
        bench.db.clear_calls();
        let snapshots = bench.store.support_snapshots(&numbers).await.unwrap();
        assert_eq!(bench.operations(), ["BatchGetItem"; 4], "20 cases, and the others");
        let read: Vec<_> = snapshots.iter().map(|(number, _)| *number).collect();
        assert_eq!(read, numbers[..21], "in their order, without the one that does not exist");
        for (number, snapshot) in snapshots {
            match snapshot {
                Err(StoreError::Unreadable { .. }) => assert_eq!(number, broken),
                snapshot => {
                    let alone = bench.snapshot(number).await;
                    assert_eq!(format!("{:?}", snapshot.unwrap()), format!("{alone:?}"));
                }
            }
        }
        assert!(bench.store.support_snapshots(&[]).await.unwrap().is_empty());
    });
}

#[test]
fn a_step_on_what_was_read_reads_no_more_and_begins_again_after_a_change() {
    run(async {
        let bench = Bench::alone().await;
        let number = bench.case("50001").await;
        let stale = bench.snapshot(number).await;
        let decide = async |snapshot: &SupportSnapshot, now| Ok::<_, StoreError>(Some(noted(snapshot, "mine", now)));
        bench.db.clear_calls();
        let revised = bench.store.revise_support_from(stale.clone(), decide, || NOW, token).await.unwrap();
        assert_eq!(bench.operations(), ["TransactWriteItems"]);
        assert!(matches!(revised, ReviseSupportOutcome::Written(case) if case.version == 2));
        bench.db.clear_calls();
        let revised = bench.store.revise_support_from(stale, decide, || NOW, token).await.unwrap();
        let writes = ["TransactWriteItems", "BatchGetItem", "BatchGetItem", "TransactWriteItems"];
        assert_eq!(bench.operations(), writes);
        assert!(matches!(revised, ReviseSupportOutcome::Written(case) if case.version == 3));
    });
}

#[test]
fn a_refused_opening_begins_no_case_and_a_taken_number_is_drawn_again() {
    run(async {
        let bench = Bench::start().await;
        let taken = bench.case("50001").await;
        let other = transaction("50002", Status::Succesful);
        bench.upsert(&other).await;
        let before = bench.everything().await;
        let mut opening = opening(&other);
        opening.dispute.number = taken;
        opening.support = Some(begun(taken, NOW));
        assert_eq!(bench.open(&opening).await, OpenOutcome::NumberTaken);
        assert_eq!(bench.everything().await, before);
    });
}

#[test]
fn a_step_is_one_transaction_with_all_that_it_writes() {
    run(async {
        let bench = Bench::alone().await;
        let number = bench.case("50001").await;
        let snapshot = bench.snapshot(number).await;
        let mut commit = stepped(&snapshot, &Event::Opened, NOW);
        let mut mail = Message::new(Direction::Out, MessageRole::Automation, "Please send us a photo");
        mail.mail = Some(MailId::support(number, 1));
        assert_eq!(commit.add_message(mail, NOW), 1);
        commit.mails.push((MailId::support(number, 1), notification(&snapshot.dispute)));
        commit.received = Some(received("a", "<1@customer.example>"));
        bench.db.clear_calls();
        let written = bench.written(&commit).await;
        assert_eq!(bench.operations(), ["TransactWriteItems"]);
        let record = bench.store.case_record(number).await.unwrap().unwrap();
        assert_eq!(record.case, Some(written.clone()));
        assert_eq!(written.support.unwrap().state, State::WaitingForCustomer);
        assert_eq!((written.version, written.messages, written.last_at, written.work), (2, 1, NOW, None));
        assert_eq!(record.messages, commit.messages);
        assert_eq!(record.history.last(), commit.event.as_ref());
        let mail = record.record.mails.last().unwrap();
        assert_eq!((mail.id, mail.enqueued_at), (MailId::support(number, 1), NOW));
        for (key, item) in bench.everything().await {
            assert_eq!(item["schema"]["N"], "1", "{key:?} has a schema version");
        }
    });
}

#[test]
fn a_stale_commit_writes_nothing() {
    run(async {
        let bench = Bench::start().await;
        let number = bench.case("50001").await;
        let stale = bench.snapshot(number).await;
        bench.written(&noted(&stale, "first", NOW)).await;
        let fresh = bench.snapshot(number).await;
        let change = decision(&fresh.dispute);
        let changed = bench.store.change(&fresh.dispute, &change, &NoGuard, &token(), NOW).await.unwrap();
        assert!(matches!(changed, ChangeOutcome::Changed(_)));
        let everything = bench.everything().await;
        for (snapshot, what) in [(&stale, "the case was changed"), (&fresh, "the dispute was changed")] {
            let mut commit = stepped(snapshot, &Event::Opened, NOW);
            commit.add_message(Message::new(Direction::In, MessageRole::Customer, "second"), NOW);
            commit.received = Some(received("a", "<1@customer.example>"));
            assert_eq!(bench.commit(&commit).await, CommitOutcome::VersionConflict, "{what}");
        }
        let gone = SupportSnapshot { case: None, ..fresh };
        assert_eq!(bench.commit(&SupportCommit::of(&gone)).await, CommitOutcome::VersionConflict, "there is a case");
        assert_eq!(bench.everything().await, everything);
    });
}

#[test]
fn a_commit_with_a_wrong_version_place_or_number_is_refused() {
    run(async {
        let bench = Bench::start().await;
        let snapshot = bench.snapshot(bench.case("50001").await).await;
        let right = noted(&snapshot, "hello", NOW);
        let mut wrong = vec![right.clone(); 4];
        wrong[0].after.messages += 1;
        wrong[1].after.number = number();
        wrong[2].mails.push((MailId::support(number(), 1), notification(&snapshot.dispute)));
        wrong[3].messages[0].at = NOW.plus(1);
        let mut later = right.clone();
        later.after.version += 1;
        let everything = bench.everything().await;
        let outcome = bench.store.commit_support(&later, &token(), NOW).await;
        assert!(matches!(outcome, Ok(CommitOutcome::VersionConflict)), "{outcome:?}");
        for commit in wrong {
            let refused = bench.store.commit_support(&commit, &token(), NOW).await;
            assert!(matches!(refused, Err(StoreError::InvariantViolated { .. })), "{refused:?}");
        }
        assert_eq!(bench.everything().await, everything);
    });
}

#[test]
fn a_step_can_close_the_dispute_and_frees_its_transaction() {
    run(async {
        let bench = Bench::start().await;
        let number = bench.case("50001").await;
        let snapshot = bench.snapshot(number).await;
        let mut commit = stepped(&snapshot, &Event::DisputeEnded, NOW);
        commit.change = Some(decision(&snapshot.dispute));
        let written = bench.written(&commit).await;
        assert_eq!((written.support.unwrap().state, written.resolved_at), (State::Resolved, Some(NOW)));
        let dispute = bench.stored(number).await;
        assert!(!dispute.state.is_open() && dispute.version == 2);
        assert_eq!(bench.commit(&commit).await, CommitOutcome::VersionConflict);
        let second = opening(&transaction("50001", Status::Succesful));
        assert!(matches!(bench.open(&second).await, OpenOutcome::Opened(_)));
    });
}

#[test]
fn a_case_whose_dispute_was_closed_by_others_is_shown_as_resolved() {
    run(async {
        let bench = Bench::start().await;
        let number = bench.case("50001").await;
        let snapshot = bench.snapshot(number).await;
        let case = snapshot.case.clone().unwrap();
        assert_eq!(case.effective(&snapshot.dispute), Some(State::New));
        bench.store.change(&snapshot.dispute, &decision(&snapshot.dispute), &NoGuard, &token(), NOW).await.unwrap();
        let snapshot = bench.snapshot(number).await;
        assert_eq!(snapshot.case.as_ref(), Some(&case), "the change did not touch the case");
        assert_eq!(case.effective(&snapshot.dispute), Some(State::Resolved));
    });
}

#[test]
fn a_commit_whose_answer_is_lost_is_written_once() {
    run(async {
        let bench = Bench::alone().await;
        let number = bench.case("50001").await;
        for lost in 1..SENT {
            let commit = noted(&bench.snapshot(number).await, "hello", NOW);
            bench.db.set_fault(Fault::LoseAnswer { times: lost });
            assert_eq!(bench.written(&commit).await.messages, u64::from(lost));
        }
        let commit = noted(&bench.snapshot(number).await, "hello", NOW);
        bench.db.set_fault(Fault::LoseAnswer { times: SENT });
        let unknown = bench.store.commit_support(&commit, &token(), NOW).await;
        assert!(unknown.unwrap_err().is_temporary());
        let everything = bench.everything().await;
        assert_eq!(bench.commit(&commit).await, CommitOutcome::VersionConflict, "it was written");
        assert_eq!(bench.everything().await, everything);
        let record = bench.store.case_record(number).await.unwrap().unwrap();
        assert_eq!(record.messages.iter().map(|message| message.seq).collect::<Vec<_>>(), [1, 2, 3]);
    });
}

/// DynamoDB remembers its own token of a transaction for ten minutes. After that, the items that no
/// later commit rewrites show whose they are.
#[test]
fn what_a_commit_creates_shows_its_token_also_after_somebody_elses() {
    run(async {
        let bench = Bench::alone().await;
        let number = bench.case("50001").await;
        let (mine, snapshot) = (WriteToken::new([7; 16]), bench.snapshot(number).await);
        let mut step = stepped(&snapshot, &Event::Opened, NOW);
        step.add_message(Message::new(Direction::In, MessageRole::Customer, "mine"), NOW);
        step.received = Some(received("a", "<1@customer.example>"));
        assert!(is_written(&bench.store.commit_support(&step, &mine, NOW).await.unwrap()));
        bench.written(&noted(&bench.snapshot(number).await, "theirs", NOW)).await;
        let everything = bench.everything().await;
        let written = everything.iter().filter(|(_, item)| item["write_token"]["S"] == format!("{mine:?}"));
        let mut kinds: Vec<_> = written.map(|(_, item)| item["item"]["S"].as_str().unwrap()).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, ["inbound", "message", "received", "support_event"]);
        let again = bench.store.commit_support(&step, &mine, NOW).await.unwrap();
        assert!(is_written(&again), "it was written: {again:?}");
        assert_eq!(bench.everything().await, everything, "once");
    });
}

#[test]
fn after_a_version_conflict_the_step_is_decided_again() {
    run(async {
        let bench = Bench::alone().await;
        let number = bench.case("50001").await;
        let mut rounds = 0;
        let revised = bench.store.revise_support(
            number,
            async |snapshot: &SupportSnapshot, now| {
                rounds += 1;
                if rounds == 1 {
                    // Between its read and its write, the first time, somebody else does both.
                    bench.written(&noted(snapshot, "theirs", NOW)).await;
                }
                Ok::<_, StoreError>(Some(noted(snapshot, "mine", now)))
            },
            || NOW,
            token,
        );
        let ReviseSupportOutcome::Written(case) = revised.await.unwrap() else { panic!("not written") };
        assert_eq!((case.version, case.messages, rounds), (3, 2, 2));
        let record = bench.store.case_record(number).await.unwrap().unwrap();
        let texts: Vec<_> = record.messages.iter().map(|message| message.text.as_str()).collect();
        assert_eq!(texts, ["theirs", "mine"]);
    });
}

#[test]
fn no_step_and_no_dispute_write_nothing() {
    run(async {
        let bench = Bench::start().await;
        let known = bench.case("50001").await;
        let everything = bench.everything().await;
        let nothing = async |_: &SupportSnapshot, _| Ok::<_, StoreError>(None);
        let revised = bench.store.revise_support(known, nothing, || NOW, token).await;
        assert_eq!(revised, Ok(ReviseSupportOutcome::Unchanged));
        let revised = bench.store.revise_support(number(), nothing, || NOW, token).await;
        assert_eq!(revised, Ok(ReviseSupportOutcome::NoDispute));
        let refusal = || StoreError::InvariantViolated { what: "refused", key: String::new() };
        let refused = async |_: &SupportSnapshot, _| Err::<Option<SupportCommit>, _>(refusal());
        assert_eq!(bench.store.revise_support(known, refused, || NOW, token).await, Err(refusal()));
        assert_eq!(bench.everything().await, everything);
    });
}

#[test]
fn many_writers_at_once_make_one_thread() {
    run_alone(async {
        const WRITERS: i64 = 6;
        let bench = Arc::new(Bench::start().await);
        let number = bench.case("50001").await;
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let bench = Arc::clone(&bench);
                tokio::task::spawn_blocking(move || {
                    // Their clocks differ by seconds.
                    let clock = || NOW.plus(-1000 * writer);
                    let text = format!("message of {writer}");
                    let decide = async |snapshot: &SupportSnapshot, now| Ok(Some(noted(snapshot, &text, now)));
                    let revised = bench.store.revise_support::<StoreError>(number, decide, clock, token);
                    Handle::current().block_on(revised).unwrap()
                })
            })
            .collect();
        for writer in writers {
            let outcome = writer.await.unwrap();
            assert!(matches!(outcome, ReviseSupportOutcome::Written(_)), "{outcome:?}");
        }
        let record = bench.store.case_record(number).await.unwrap().unwrap();
        let places: Vec<_> = record.messages.iter().map(|message| message.seq).collect();
        assert_eq!(places, (1..=WRITERS.unsigned_abs()).collect::<Vec<_>>());
        assert!(record.messages.is_sorted_by(|one, next| one.at < next.at), "{:?}", record.messages);
        let mut texts: Vec<_> = record.messages.into_iter().map(|message| message.text).collect();
        texts.sort();
        assert_eq!(texts, (0..WRITERS).map(|writer| format!("message of {writer}")).collect::<Vec<_>>());
    });
}

#[test]
fn a_case_without_the_process_keeps_its_messages_and_is_never_due() {
    run(async {
        let bench = Bench::start().await;
        let paid = transaction("50001", Status::Succesful);
        bench.upsert(&paid).await;
        let mut opening = opening(&paid);
        opening.dispute.channel = Channel::Connect;
        (opening.dispute.state, opening.guard) = (DisputeState::Draft, nonce());
        bench.open(&opening).await;
        let number = opening.dispute.number;
        let snapshot = bench.snapshot(number).await;
        assert_eq!(snapshot.case, None);
        let written = bench.written(&noted(&snapshot, "hello", NOW)).await;
        assert_eq!((written.version, written.messages, written.support.as_ref()), (1, 1, None));
        assert_eq!((written.effective(&snapshot.dispute), written.due()), (None, None));
        let again = bench.written(&noted(&bench.snapshot(number).await, "again", NOW)).await;
        assert_eq!((again.version, again.messages), (2, 2));
        for (key, item) in bench.disputes().await {
            assert!(!key.1.starts_with("SUP") || item.get("deadline_shard").is_none(), "{key:?}");
        }
    });
}

/// However many mails somebody writes, a party's view costs what it did.
#[test]
fn a_disputes_own_record_does_not_read_its_messages() {
    run(async {
        let bench = Bench::start().await;
        let number = bench.case("50001").await;
        let before = bench.store.record_of(number).await.unwrap().unwrap();
        let mut commit = noted(&bench.snapshot(number).await, "hello", NOW);
        commit.received = Some(received("a", "<1@customer.example>"));
        bench.written(&commit).await;
        // This release could not read it.
        let unreadable = serde_json::json!({ "PK": { "S": format!("DSP#{number}") }, "SK": { "S": "MSG#0000000002" } });
        bench.put(&unreadable).await;
        let after = bench.store.record_of(number).await.unwrap().unwrap();
        assert_eq!((after.dispute, after.events.len(), after.mails.len()), (before.dispute, 1, 1));
        assert!(after.unread.is_empty());
        let record = bench.store.case_record(number).await.unwrap().unwrap();
        assert_eq!((record.messages.len(), record.record.unread), (1, vec!["MSG#0000000002".to_owned()]));
    });
}

#[test]
fn agents_and_every_kind_of_state_are_read_as_they_were_written() {
    run(async {
        let bench = Bench::start().await;
        let number = bench.case("50001").await;
        let agent = AgentName::parse("Aisyah R.").unwrap();
        let events = [
            Event::Opened,
            Event::AgentTook(agent.clone()),
            Event::AgentReplied(agent.clone()),
            Event::AgentAssigned { by: agent, to: None },
            Event::ThirdPartyWrote,
            Event::TransactionRefunded,
        ];
        for (event, seconds) in events.iter().zip(1..) {
            let now = NOW.plus(seconds * 1000);
            let snapshot = bench.snapshot(number).await;
            let commit = stepped(&snapshot, event, now);
            let written = bench.written(&commit).await;
            assert_eq!(bench.snapshot(number).await.case, Some(written), "{event:?}");
        }
        let record = bench.store.case_record(number).await.unwrap().unwrap();
        assert_eq!(record.history.len(), 1 + events.len());
        assert!(record.history.is_sorted_by_key(|entry| entry.version));
        let case = record.case.unwrap();
        assert_eq!(case.support.as_ref().unwrap().state, State::Resolved);
        assert_ne!(case.work.map(|work| work.kind), Some(WorkKind::Opened));
    });
}
