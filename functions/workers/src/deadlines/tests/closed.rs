//! What is past its time of closed cases: erased once, whatever happens on the way, and nothing of
//! a case that goes on.

use std::sync::atomic::{AtomicU32, Ordering};

use recourse_dispute::claim::ObjectId;
use recourse_dispute::number::DisputeNumber;
use recourse_store::{Attachment, CommitOutcome, Direction, Message, MessageRole, Retention, SupportCommit};

use super::*;

const NUMBER: u64 = 551;
/// More messages than one transaction changes.
const MESSAGES: u8 = 25;
const TEXT: &str = "It never came. Ada Lovelace";

fn number() -> DisputeNumber {
    NUMBER.try_into().unwrap()
}

/// A worker of a deployment that keeps files for 30 days and messages for 60.
fn keeping(bench: &Bench) -> Expire {
    let worker = worker(&bench.cloud, true);
    let retention = Retention::parse(r#"{"messages":60,"evidence":30}"#).unwrap();
    let (store, files) = (worker.store.with_retention(retention), Some(testing::files(&bench.cloud)));
    Expire { store, files, ..worker }
}

async fn sweep(worker: &Expire) {
    worker.sweep(now().plus(MINUTE_MS)).await.unwrap();
}

async fn commit(bench: &Bench, commit: &SupportCommit) {
    let done = bench.worker.store.commit_support(commit, &token(), now()).await.unwrap();
    assert!(matches!(done, CommitOutcome::Done(_)), "{done:?}");
}

async fn next_step(bench: &Bench) -> SupportCommit {
    SupportCommit::of(&bench.worker.store.support_snapshot(number()).await.unwrap().unwrap())
}

/// A reported payment about which the customer wrote again and again, each time with a file.
async fn written_to() -> Bench {
    let bench = Bench::new().await;
    bench.report(NUMBER, Kind::Voucher).await;
    bench.sweep().await;
    let mut step = next_step(&bench).await;
    for nth in 0..MESSAGES {
        let (object, mail) = (ObjectId::new(number(), [nth; 16]), format!("inbound/mail-{nth}"));
        let mut objects = bench.cloud.objects.lock().unwrap();
        objects.insert(format!("evidence/{object}"), b"file".to_vec());
        objects.insert(mail.clone(), TEXT.as_bytes().to_vec());
        let attachment = Attachment {
            name: "ada.png".to_owned(),
            media: Some("image/png".to_owned()),
            size: 4,
            accepted: true,
            reason: None,
            object: Some(object),
            file: None,
        };
        let message = Message {
            from: Some(MailAddress::parse("user@customer.example").unwrap()),
            from_name: Some("Ada Lovelace".to_owned()),
            message_id: Some(format!("<{nth}@customer.example>")),
            object: Some(mail),
            attachments: vec![attachment],
            ..Message::new(Direction::In, MessageRole::Customer, TEXT)
        };
        step.add_message(message, now());
    }
    commit(&bench, &step).await;
    bench
}

/// The payment is refunded, which the stream tells, so that the next sweep ends the case.
async fn refunded(bench: &Bench) {
    bench.refund(NUMBER).await;
    bench.worker.store.recount(number(), token).await.unwrap();
    bench.sweep().await;
}

/// The same, and the case is over.
async fn closed() -> Bench {
    let bench = written_to().await;
    pass(1000);
    refunded(&bench).await;
    assert_eq!(bench.support(NUMBER).await.state, State::Resolved);
    bench
}

/// The keys of the objects that messages name.
async fn named(bench: &Bench) -> Vec<String> {
    let messages = bench.record(NUMBER).await.messages;
    let files = messages.iter().flat_map(|message| &message.attachments).filter_map(|file| file.object.as_ref());
    let files = files.map(|object| format!("evidence/{object}"));
    files.chain(messages.iter().filter_map(|message| message.object.clone())).collect()
}

async fn texts(bench: &Bench) -> Vec<String> {
    let record = bench.record(NUMBER).await;
    let mails = record.record.mails.into_iter().filter_map(|mail| mail.notification.support);
    record.messages.into_iter().map(|message| message.text).chain(mails.flat_map(|mail| mail.paragraphs)).collect()
}

fn objects(bench: &Bench) -> usize {
    bench.cloud.objects.lock().unwrap().len()
}

/// All that is not erased, whatever is: where the case is and what happened when.
async fn facts(bench: &Bench) -> String {
    let CaseRecord { record, case, history, messages } = bench.record(NUMBER).await;
    assert!(record.unread.is_empty(), "{:?}", record.unread);
    let (dispute, thread): (_, Vec<_>) =
        (record.dispute, messages.iter().map(|message| (message.seq, message.at, message.role)).collect());
    let mails: Vec<_> = record.mails.iter().map(|mail| (mail.id, mail.enqueued_at)).collect();
    let entries: Vec<_> = history.iter().flat_map(|event| &event.entries).collect();
    format!("{:?} {:?} {:?} {thread:?} {mails:?} {entries:?} {:?}", dispute.facts, dispute.state, case, record.events)
}

#[tokio::test]
async fn each_kind_is_erased_when_its_own_time_is_over_and_the_facts_stay() {
    let bench = closed().await;
    let (worker, before, said) = (keeping(&bench), facts(&bench).await, texts(&bench).await);
    let all = 2 * usize::from(MESSAGES);
    pass(30 * DAY_MS - 1);
    sweep(&worker).await;
    bench.assert_line(&["closed_erased=0", "objects_erased=0", "closed_failed=0"]);
    assert_eq!((named(&bench).await.len(), objects(&bench)), (all, all));

    pass(1);
    sweep(&worker).await;
    bench.assert_line(&["closed_erased=1", "objects_erased=50", "closed_failed=0"]);
    assert_eq!((named(&bench).await.len(), objects(&bench)), (0, 0));
    assert_eq!((texts(&bench).await, facts(&bench).await), (said, before.clone()));
    pass(30 * DAY_MS - 1);
    sweep(&worker).await;
    bench.assert_line(&["closed_erased=0", "objects_erased=0", "closed_failed=0"]);

    pass(1);
    sweep(&worker).await;
    bench.assert_line(&["closed_erased=1", "objects_erased=0", "closed_failed=0"]);
    assert!(texts(&bench).await.iter().all(|text| text == "[erased]"), "{:?}", texts(&bench).await);
    assert_eq!(facts(&bench).await, before);
    let first = bench.record(NUMBER).await.messages.into_iter().find(|message| message.direction == Direction::In);
    let first = first.unwrap();
    assert_eq!((first.from, first.from_name, first.message_id), (None, None, None));
    assert_eq!(first.attachments[0].name, "[erased]");
    for _ in 0..3 {
        pass(1000 * DAY_MS);
        sweep(&worker).await;
        bench.assert_line(&["closed_erased=0", "objects_erased=0", "closed_failed=0"]);
    }
    // Without a retention nothing is looked for, and nothing is said of it.
    bench.sweep().await;
    assert!(!bench.line().contains("closed_erased"), "{}", bench.line());
}

/// The worker dies at each of its writes, before or after it is done.
#[tokio::test]
async fn a_sweep_that_breaks_off_at_any_write_is_carried_on() {
    for last in [Fault::Lost, Fault::AnswerLost, Fault::Panics] {
        let mut ends = Vec::new();
        for breaks_at in 0..10 {
            let bench = closed().await;
            let worker = keeping(&bench);
            pass(60 * DAY_MS);
            let mut writes = 0;
            bench.on_call(move |operation, _| {
                if !is_write(operation) {
                    return Fault::None;
                }
                writes += 1;
                match writes {
                    writes if writes <= breaks_at => Fault::None,
                    writes if writes == breaks_at + 1 => last,
                    _ => Fault::Lost,
                }
            });
            let swept = worker.sweep(now().plus(MINUTE_MS)).await;
            let failed = swept.is_err() || !bench.line().contains("closed_failed=0");
            bench.on_call(|_, _| Fault::None);
            for key in named(&bench).await {
                assert!(bench.cloud.objects.lock().unwrap().contains_key(&key), "{key} is named and gone");
            }
            // Another worker, which starts cold.
            let other = keeping(&bench);
            sweep(&other).await;
            assert_eq!((named(&bench).await.len(), objects(&bench)), (0, 0), "after {breaks_at} writes");
            ends.push((texts(&bench).await, facts(&bench).await));
            sweep(&other).await;
            bench.assert_line(&["closed_erased=0", "objects_erased=0"]);
            if !failed {
                break;
            }
        }
        // Two transactions with messages, one with the dispute, two that note the objects.
        assert!((5..9).contains(&ends.len()), "{}", ends.len());
        assert!(ends.iter().all(|end| *end == ends[0] && end.0.iter().all(|text| text == "[erased]")), "{ends:#?}");
    }
}

#[tokio::test]
async fn an_object_that_s3_does_not_delete_is_deleted_by_a_later_sweep() {
    let bench = closed().await;
    let worker = keeping(&bench);
    pass(30 * DAY_MS);
    *bench.cloud.lost_objects.lock().unwrap() = u32::MAX;
    sweep(&worker).await;
    bench.assert_line(&["closed_erased=1", "objects_erased=0", "closed_failed=2"]);
    assert_eq!((named(&bench).await.len(), objects(&bench)), (0, 2 * usize::from(MESSAGES)));
    *bench.cloud.lost_objects.lock().unwrap() = 0;
    sweep(&worker).await;
    bench.assert_line(&["closed_erased=0", "objects_erased=50", "closed_failed=0"]);
    assert_eq!(objects(&bench), 0);
}

/// Somebody changes the case or its dispute just before each of the writes.
#[tokio::test]
async fn a_case_that_is_changed_at_that_moment_loses_nothing_that_it_names() {
    for sk in ["SUP", "DSP"] {
        for changes_at in 0..3 {
            let bench = closed().await;
            let (worker, said, cloud) = (keeping(&bench), texts(&bench).await, bench.cloud.clone());
            pass(60 * DAY_MS);
            let writes = Arc::new(AtomicU32::new(0));
            let counted = Arc::clone(&writes);
            bench.on_call(move |operation, _| {
                if is_write(operation) && counted.fetch_add(1, Ordering::Relaxed) == changes_at {
                    let key = json!({ "PK": {"S": format!("DSP#{NUMBER}")}, "SK": {"S": sk} });
                    let change = json!({
                        "TableName": "disputes", "Key": key, "UpdateExpression": "SET version = version + :one",
                        "ExpressionAttributeValues": {":one": {"N": "1"}},
                    });
                    cloud.run("UpdateItem", change).unwrap();
                }
                Fault::None
            });
            sweep(&worker).await;
            bench.on_call(|_, _| Fault::None);
            bench.assert_line(&["closed_erased=0", "closed_failed=0"]);
            assert!(writes.load(Ordering::Relaxed) > changes_at);
            let named = named(&bench).await;
            for key in &named {
                assert!(bench.cloud.objects.lock().unwrap().contains_key(key), "{key}");
            }
            if changes_at == 0 {
                assert_eq!((texts(&bench).await, named.len()), (said, 2 * usize::from(MESSAGES)), "nothing is erased");
            }
            sweep(&worker).await;
            assert_eq!(objects(&bench), 0);
            assert!(texts(&bench).await.iter().all(|text| text == "[erased]"));
        }
    }
}

/// More of them than one page of the index has, in one partition of it, and before the others.
#[tokio::test]
async fn cases_that_cannot_be_read_do_not_hold_up_the_others_and_become_late() {
    let bench = Bench::new().await;
    let numbers: Vec<u64> = (0..12).map(|nth| NUMBER + 8 * nth).collect();
    for number in &numbers {
        bench.report(*number, Kind::Voucher).await;
        pass(1000);
        bench.refund(*number).await;
        bench.worker.store.recount((*number).try_into().unwrap(), token).await.unwrap();
    }
    bench.sweep().await;
    let (last, unreadable) = numbers.split_last().unwrap();
    for number in unreadable {
        let item = json!({ "PK": {"S": format!("DSP#{number}")}, "SK": {"S": "MSG#0000000009"}, "text": {"N": "1"} });
        bench.cloud.run("PutItem", json!({ "TableName": "disputes", "Item": item })).unwrap();
    }
    pass(60 * DAY_MS + 20 * MINUTE_MS);
    sweep(&keeping(&bench)).await;
    bench.assert_line(&["closed_erased=1", "closed_failed=11"]);
    let line = bench.line();
    let late_ms = line.split(' ').find_map(|field| field.strip_prefix("late_ms=")).unwrap();
    assert!(late_ms.parse::<i64>().unwrap() >= 30 * DAY_MS + 20 * MINUTE_MS, "since their files were to go: {line}");
    let mails = bench.record(*last).await.record.mails.into_iter().filter_map(|mail| mail.notification.support);
    assert!(mails.flat_map(|mail| mail.paragraphs).all(|text| text == "[erased]"));
}

#[tokio::test]
async fn a_case_that_goes_on_is_left_alone() {
    let bench = written_to().await;
    let worker = keeping(&bench);
    let all = 2 * usize::from(MESSAGES);
    for _ in 0..3 {
        pass(40 * DAY_MS);
        sweep(&worker).await;
        bench.assert_line(&["closed_erased=0", "objects_erased=0", "closed_failed=0"]);
    }
    assert_eq!(named(&bench).await.len(), all, "the dispute is open");

    refunded(&bench).await;
    pass(29 * DAY_MS);
    let mut step = next_step(&bench).await;
    step.add_message(Message::new(Direction::In, MessageRole::Customer, "And now?"), now());
    step.after.announced_at = Some(now());
    commit(&bench, &step).await;
    pass(10 * DAY_MS);
    sweep(&worker).await;
    bench.assert_line(&["closed_erased=0", "objects_erased=0", "closed_failed=0"]);
    assert_eq!(named(&bench).await.len(), all, "somebody has to answer");

    // An agent did. It counts from the last message.
    let mut step = next_step(&bench).await;
    step.after.announced_at = None;
    commit(&bench, &step).await;
    pass(30 * DAY_MS);
    sweep(&worker).await;
    bench.assert_line(&["closed_erased=1", "objects_erased=50", "closed_failed=0"]);
    assert_eq!(texts(&bench).await.iter().filter(|text| *text == "[erased]").count(), 0, "for another 20 days");
    pass(20 * DAY_MS);
    sweep(&worker).await;
    bench.assert_line(&["closed_erased=1"]);
    assert!(texts(&bench).await.iter().all(|text| text == "[erased]"));
}
