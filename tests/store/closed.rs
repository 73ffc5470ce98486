//! What a closed case has of people is erased once its time is over, and its facts stay.

use std::collections::BTreeSet;

use recourse_dispute::dispute::Change;
use recourse_dispute::lifecycle::{Action, Actor, Stage, State};
use recourse_dispute::notification::Audience;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_local::dynamodb::Fault;
use recourse_store::{
    ChangeOutcome, ClaimOutcome, CommitOutcome, Cursor, DisputeRecord, ExpireOutcome, MailId, MailState, NoGuard,
    ObjectsToErase, RecountOutcome, Retention, Store, SupportCommit,
};
use recourse_support::Event;
use recourse_test_harness::{run, run_alone, until};

use crate::bench::Bench;
use crate::cases::{noted, stepped};
use crate::forget::{ADA, case, close};
use crate::things::{NOW, token};

const DAY: i64 = 86_400_000;

fn keeping(bench: &Bench, json: &str) -> Store {
    bench.store.clone().with_retention(Retention::parse(json).unwrap())
}

/// After so many days, and an hour: the last message is a moment after the end.
fn days(count: i64) -> UnixMillis {
    NOW.plus(count * DAY + 3_600_000)
}

async fn expire(store: &Store, number: DisputeNumber, now: UnixMillis) -> ExpireOutcome {
    store.expire_case(number, now, token).await.unwrap()
}

/// The cases that a sweep finds, one of each partition at a time.
async fn expired(store: &Store, now: UnixMillis) -> Vec<DisputeNumber> {
    let (mut cursor, mut found) = (Cursor::closed(now, store.retention()), Vec::new());
    while !cursor.is_over() {
        let page = store.overdue(&mut cursor, 1).await.unwrap();
        found.extend(page.into_iter().map(|case| case.number));
    }
    found.sort();
    found
}

/// The cases that a sweep finds, once the index, which may lag behind the table, has them.
async fn found(store: &Store, now: UnixMillis, expected: &[DisputeNumber]) {
    until(&format!("{expected:?} are found"), async || (expired(store, now).await == expected).then_some(())).await;
}

/// What is written down as objects to be erased, one entry of each partition at a time.
async fn objects_to_erase(store: &Store, now: UnixMillis) -> Vec<ObjectsToErase> {
    let (mut cursor, mut found) = (Cursor::objects(now), Vec::new());
    while !cursor.is_over() {
        let page = store.objects_to_erase(&mut cursor, 1).await.unwrap();
        assert!(page.unread.is_empty(), "{:?}", page.unread);
        found.extend(page.objects);
    }
    found
}

async fn commit(store: &Store, commit: &SupportCommit, now: UnixMillis) {
    let done = store.commit_support(commit, &token(), now).await.unwrap();
    assert!(matches!(done, CommitOutcome::Done(_)), "{done:?}");
}

async fn record(bench: &Bench, number: DisputeNumber) -> DisputeRecord {
    bench.store.case_record(number).await.unwrap().unwrap().record
}

#[test]
fn files_go_first_then_messages_and_nothing_else() {
    run(async {
        let bench = Bench::start().await;
        let number = case(&bench, "50001", &[ADA]).await;
        let store = keeping(&bench, r#"{"messages":60,"evidence":30}"#);
        assert_eq!(expire(&store, number, days(900)).await, ExpireOutcome::NotDue, "it is open");
        close(&bench, number).await;
        let before = record(&bench, number).await;
        found(&store, days(29), &[]).await;
        found(&store, days(30), &[number]).await;

        assert!(matches!(expire(&store, number, days(30)).await, ExpireOutcome::Erased(_)));
        let case_now = bench.store.case_record(number).await.unwrap().unwrap();
        let dispute = &case_now.record.dispute;
        assert!(dispute.claim.evidence.is_empty() && dispute.claim.message == before.dispute.claim.message);
        assert_eq!((dispute.version, dispute.state), (before.dispute.version + 1, before.dispute.state));
        assert_eq!((&dispute.facts, dispute.amount), (&before.dispute.facts, before.dispute.amount));
        let hers = &case_now.messages[0];
        assert_eq!((&hers.attachments[0].object, &hers.attachments[0].file, &hers.object), (&None, &None, &None));
        assert!(hers.text.contains("never came") && hers.from.is_some(), "messages are kept longer");
        let objects = until("the objects are written down", async || {
            let objects = objects_to_erase(&store, days(30)).await;
            (objects.len() == 2).then_some(objects)
        })
        .await;
        let evidence: BTreeSet<_> = objects.iter().flat_map(|objects| objects.evidence.clone()).collect();
        let received: BTreeSet<_> = objects.iter().flat_map(|objects| objects.received.clone()).collect();
        assert_eq!((evidence.len(), received.len()), (1, 2), "{objects:?}");
        assert!(objects.iter().all(|objects| (objects.case.number, objects.case.since) == (number, days(30))));
        for objects in &objects {
            store.note_objects_erased(objects, &token(), days(30)).await.unwrap();
            store.note_objects_erased(objects, &token(), days(31)).await.unwrap();
        }
        until("no object is left", async || objects_to_erase(&store, days(99)).await.is_empty().then_some(())).await;
        found(&store, days(59), &[]).await;
        assert_eq!(expire(&store, number, days(59)).await, ExpireOutcome::NotDue);

        found(&store, days(60), &[number]).await;
        assert!(matches!(expire(&store, number, days(60)).await, ExpireOutcome::Erased(_)));
        let case_now = bench.store.case_record(number).await.unwrap().unwrap();
        assert!(case_now.messages.iter().all(|message| message.text == "[erased]"));
        assert!(case_now.history.iter().filter_map(|event| event.note.as_ref()).all(|note| note == "[erased]"));
        let reply = case_now.record.mails.iter().find(|mail| mail.id.is_support()).unwrap();
        let words = reply.notification.support.as_ref().unwrap();
        assert_eq!((words.subject.as_str(), &words.paragraphs), ("[erased]", &vec!["[erased]".to_owned(); 2]));
        assert_eq!(reply.mail_state, MailState::Dead, "nobody gets a mail without words");
        assert_eq!(case_now.record.dispute.recipients, before.dispute.recipients);
        assert_eq!(case_now.record.events, before.events, "the history stays");
        found(&store, days(900), &[]).await;
        assert_eq!(expire(&store, number, days(900)).await, ExpireOutcome::NotDue);
    });
}

#[test]
fn a_kind_that_is_not_named_is_kept_and_found_once_it_is_named() {
    run(async {
        let bench = Bench::start().await;
        let number = case(&bench, "50001", &[ADA]).await;
        close(&bench, number).await;
        for json in ["{}", r#"{"audit_log":30,"mails_without_case":30}"#] {
            let store = keeping(&bench, json);
            assert!(expired(&store, days(9_000)).await.is_empty());
            assert_eq!(expire(&store, number, days(9_000)).await, ExpireOutcome::NotDue);
        }
        let messages = keeping(&bench, r#"{"messages":90}"#);
        found(&messages, days(90), &[number]).await;
        assert!(matches!(expire(&messages, number, days(90)).await, ExpireOutcome::Erased(_)));
        assert_eq!(record(&bench, number).await.dispute.claim.evidence.len(), 2, "files are kept");
        found(&messages, days(9_000), &[]).await;
        // The deployment changes its mind: at once, with a shorter time.
        let both = keeping(&bench, r#"{"messages":90,"evidence":30}"#);
        found(&both, days(90), &[number]).await;
        assert!(matches!(expire(&both, number, days(90)).await, ExpireOutcome::Erased(_)));
        assert!(record(&bench, number).await.dispute.claim.evidence.is_empty());
    });
}

#[test]
fn a_dispute_that_is_reopened_is_out_of_reach_and_begins_anew_when_it_closes() {
    run(async {
        let bench = Bench::start().await;
        let number = case(&bench, "50001", &[ADA]).await;
        close(&bench, number).await;
        let store = keeping(&bench, r#"{"evidence":30}"#);
        found(&store, days(30), &[number]).await;
        let before = record(&bench, number).await.dispute;
        let (action, state) = (Action::Reopen(recourse_dispute::lifecycle::Level::One), State::Live(Stage::First));
        let by = recourse_dispute::event::PerformedBy { actor: Actor::Account, name: "somebody".to_owned() };
        let reopened: Change = before.moved(action, state, by, None, days(30));
        let done = store.change(&before, &reopened, &NoGuard, &token(), days(30)).await.unwrap();
        assert!(matches!(done, ChangeOutcome::Changed(_)), "{done:?}");
        assert_eq!(expire(&store, number, days(900)).await, ExpireOutcome::NotDue);
        assert_eq!(record(&bench, number).await.dispute.claim.evidence.len(), 2);
        found(&store, days(900), &[]).await;
        let before = record(&bench, number).await.dispute;
        let closed =
            before.decided(Action::CloseForCustomer, "carol".to_owned(), "again".to_owned(), days(100)).unwrap();
        store.change(&before, &closed, &NoGuard, &token(), days(100)).await.unwrap();
        found(&store, days(129), &[]).await;
        found(&store, days(130), &[number]).await;
    });
}

/// A worker that notes late that the dispute closed resolves the case then. If that counted, the
/// case would leave the reach of both workers for as long again.
#[test]
fn a_case_that_is_resolved_late_is_over_since_its_dispute_closed() {
    run(async {
        for noted_at in [days(29), days(30)] {
            let bench = Bench::start().await;
            let number = case(&bench, "50001", &[ADA]).await;
            close(&bench, number).await;
            let store = keeping(&bench, r#"{"messages":30,"evidence":30}"#);
            commit(&store, &stepped(&bench.snapshot(number).await, &Event::DisputeEnded, noted_at), noted_at).await;
            assert_eq!(bench.snapshot(number).await.case.unwrap().resolved_at, Some(noted_at));
            found(&store, days(30), &[number]).await;
            // Two workers at once: whatever the order of their writes, one of them erases it all.
            let (one, two) = tokio::join!(expire(&store, number, days(30)), expire(&store, number, days(30)));
            let erased = [one, two].iter().filter(|done| matches!(done, ExpireOutcome::Erased(_))).count();
            assert!(erased <= 1, "{one:?} {two:?}");
            if erased == 0 {
                assert!(matches!(expire(&store, number, days(30)).await, ExpireOutcome::Erased(_)));
            }
            let messages = bench.store.case_record(number).await.unwrap().unwrap().messages;
            assert!(messages.iter().all(|message| message.text == "[erased]" && message.object.is_none()));
            assert!(record(&bench, number).await.dispute.claim.evidence.is_empty());
            found(&store, days(900), &[]).await;
            until("its objects are written down", async || {
                let objects = objects_to_erase(&store, days(30)).await;
                let count: usize = objects.iter().map(|one| one.evidence.len() + one.received.len()).sum();
                (count == 3).then_some(())
            })
            .await;
        }
    });
}

#[test]
fn what_is_added_to_a_closed_case_is_erased_too() {
    run(async {
        let bench = Bench::start().await;
        let number = case(&bench, "50001", &[ADA]).await;
        close(&bench, number).await;
        let store = keeping(&bench, r#"{"messages":30,"evidence":30}"#);
        assert!(matches!(expire(&store, number, days(30)).await, ExpireOutcome::Erased(_)));
        found(&store, days(900), &[]).await;
        let before = record(&bench, number).await.dispute;
        commit(&store, &noted(&bench.snapshot(number).await, "And now?", days(40)), days(40)).await;
        assert_eq!(record(&bench, number).await.dispute, before);
        found(&store, days(40), &[number]).await;
        assert_eq!(expire(&store, number, days(69)).await, ExpireOutcome::NotDue, "it counts from the message");
        found(&store, days(69), &[]).await;
        found(&store, days(70), &[number]).await;
        assert_eq!(expire(&store, number, days(70)).await, ExpireOutcome::Erased(1));
        let messages = bench.store.case_record(number).await.unwrap().unwrap().messages;
        assert!(messages.iter().all(|message| message.text == "[erased]"));
        found(&store, days(900), &[]).await;
    });
}

#[test]
fn a_case_without_anything_to_erase_does_not_count() {
    run(async {
        let bench = Bench::start().await;
        let number = bench.case("50001").await;
        close(&bench, number).await;
        let store = keeping(&bench, r#"{"evidence":30}"#);
        found(&store, days(30), &[number]).await;
        assert_eq!(expire(&store, number, days(30)).await, ExpireOutcome::NotDue);
        found(&store, days(900), &[]).await;
    });
}

/// A message and the dispute name the same file. The worker dies between their transactions, and
/// somebody may reopen the dispute before the next sweep.
#[test]
fn a_file_that_the_dispute_still_names_is_not_erased() {
    run_alone(async {
        let bench = Bench::alone().await;
        let number = case(&bench, "50001", &[ADA]).await;
        close(&bench, number).await;
        let store = keeping(&bench, r#"{"evidence":30}"#);
        let mut writes = 0;
        let dies = || {
            writes += 1;
            if writes == 2 {
                bench.db.set_fault(Fault::Unreachable);
            }
            token()
        };
        let broken = store.expire_case(number, days(30), dies).await;
        bench.db.set_fault(Fault::None);
        assert!(broken.is_err(), "{broken:?}");
        let evidence = async || {
            let objects = objects_to_erase(&store, days(30)).await;
            objects.into_iter().flat_map(|objects| objects.evidence).collect::<Vec<_>>()
        };
        assert_eq!(record(&bench, number).await.dispute.claim.evidence.len(), 2);
        until("what came in is written down", async || {
            (!objects_to_erase(&store, days(30)).await.is_empty()).then_some(())
        })
        .await;
        assert_eq!(evidence().await, Vec::<String>::new(), "the dispute names it");
        assert!(matches!(expire(&store, number, days(30)).await, ExpireOutcome::Erased(_)));
        until("it is written down", async || (evidence().await.len() == 1).then_some(())).await;
    });
}

#[test]
fn objects_that_cannot_be_read_are_named_and_do_not_hold_up_the_others() {
    run(async {
        let bench = Bench::start().await;
        let number = case(&bench, "50001", &[ADA]).await;
        close(&bench, number).await;
        let unreadable = serde_json::json!({
            "PK": { "S": format!("DSP#{number}") }, "SK": { "S": "GONE#0" }, "evidence": { "N": "1" },
            "deadline_shard": { "S": format!("objects-{}", number.get() % 8) },
            "deadline_due": { "N": NOW.0.to_string() },
        });
        bench.put(&unreadable).await;
        let store = keeping(&bench, r#"{"evidence":30}"#);
        assert!(matches!(expire(&store, number, days(30)).await, ExpireOutcome::Erased(_)));
        until("both entries that can be read, and the other one", async || {
            let (mut cursor, mut read, mut unread) = (Cursor::objects(days(30)), 0, Vec::new());
            while !cursor.is_over() {
                let page = store.objects_to_erase(&mut cursor, 1).await.unwrap();
                read += page.objects.len();
                unread.extend(page.unread.into_iter().map(|(case, _)| (case.number, case.since)));
            }
            (read == 2 && unread == [(number, NOW)]).then_some(())
        })
        .await;
    });
}

#[test]
fn a_mail_that_is_being_sent_is_waited_for() {
    run(async {
        let bench = Bench::start().await;
        let number = case(&bench, "50001", &[ADA]).await;
        close(&bench, number).await;
        let store = keeping(&bench, r#"{"messages":30}"#);
        let first = MailId { number, version: 1, audience: Audience::Case };
        let claimed = store.claim(first, &token(), days(30), 60_000).await.unwrap();
        let ClaimOutcome::Claimed(claimed) = claimed else { panic!("{claimed:?}") };
        assert_eq!(expire(&store, number, days(30)).await, ExpireOutcome::Busy);
        let messages = bench.store.case_record(number).await.unwrap().unwrap().messages;
        assert!(messages.iter().all(|message| message.text != "[erased]"), "it waits for it");
        store.sent(&claimed, "0100-1", days(30)).await.unwrap();
        assert!(matches!(expire(&store, number, days(30)).await, ExpireOutcome::Erased(_)));
        let sent = record(&bench, number).await.mails.into_iter().find(|mail| mail.id == first).unwrap();
        assert_eq!(sent.mail_state, MailState::Sent);
    });
}

#[test]
fn an_item_that_this_release_cannot_read_stops_the_erasure_and_is_named() {
    run(async {
        let bench = Bench::start().await;
        let number = case(&bench, "50001", &[ADA]).await;
        close(&bench, number).await;
        let store = keeping(&bench, r#"{"messages":30}"#);
        let (pk, sk) = (format!("DSP#{number}"), "MSG#0000000009");
        bench.put(&serde_json::json!({ "PK": { "S": pk }, "SK": { "S": sk }, "text": { "N": "1" } })).await;
        let error = store.expire_case(number, days(30), token).await.unwrap_err().to_string();
        assert!(error.contains(&format!("{pk} {sk}")), "{error}");
        let messages = bench.store.case_record(number).await.unwrap().unwrap().messages;
        assert!(messages.iter().all(|message| message.text != "[erased]"));
    });
}

/// Nothing else of the case changes: the deadline worker writes down why it ended.
#[test]
fn a_case_whose_dispute_was_closed_is_due_once_the_stream_has_said_so() {
    run(async {
        let bench = Bench::start().await;
        let number = bench.case("50001").await;
        bench.written(&stepped(&bench.snapshot(number).await, &Event::Opened, NOW)).await;
        bench.store.recount(number, token).await.unwrap();
        let before = bench.snapshot(number).await.case;
        let due = async || {
            let cases = bench.store.overdue(&mut Cursor::support(NOW), 25).await.unwrap();
            cases.into_iter().map(|case| case.number).collect::<Vec<_>>()
        };
        until("the step has left the index", async || due().await.is_empty().then_some(())).await;
        close(&bench, number).await;
        until("the case is due", async || (due().await == [number]).then_some(())).await;
        assert_eq!(bench.snapshot(number).await.case, before);
        assert_eq!(bench.store.recount(number, token).await.unwrap(), RecountOutcome::Already);
    });
}
