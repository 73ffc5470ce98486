//! Each mail once, whatever comes twice, is lost or fails.

use super::*;
use crate::inbound::testing::event;
use crate::testing::cloud::Fault;

/// Whether a call writes a step of a case.
fn is_commit(operation: &str) -> bool {
    operation == "TransactWriteItems"
}

#[tokio::test]
async fn the_same_event_and_the_same_mail_change_nothing_the_second_time() {
    let bench = Bench::new().await;
    let mail = bench.reply("Hello?").await.with_file("voucher.png", "image/png", PNG);
    bench.receive("a", &mail).await;
    let first = bench.record(551).await;
    bench.event("a").await.unwrap();
    assert!(bench.line().contains("outcome=already") && bench.line().contains("received=0"), "{}", bench.line());
    bench.receive("b", &mail).await;
    assert!(bench.line().contains("outcome=duplicate_message"), "{}", bench.line());
    bench.event("b").await.unwrap();
    assert!(bench.line().contains("outcome=already"), "{}", bench.line());
    let again = bench.record(551).await;
    assert_eq!((again.case, again.messages), (first.case, first.messages));
    assert_eq!(again.record.dispute, first.record.dispute);
    assert_eq!(again.record.dispute.claim.evidence.len(), 1);
}

#[tokio::test]
async fn another_sender_may_use_the_same_message_id() {
    let bench = Bench::new().await;
    bench.receive("a", &Draft::new("stranger@x.example", &bench.address(551).await, "first")).await;
    bench.receive("b", &bench.reply("second").await).await;
    assert_eq!(messages(&bench, 551).await.len(), 2, "nobody uses up the id of somebody else's mail");
}

#[tokio::test]
async fn two_workers_with_the_same_object_record_it_once() {
    let bench = Bench::new().await;
    bench.store("a", bench.reply("Hello?").await.with_file("voucher.png", "image/png", PNG).raw());
    let (second, third, event) = (bench.another(), bench.another(), event("a"));
    let (one, two, three) = tokio::join!(bench.event("a"), second.handle(&event), third.handle(&event));
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(messages(&bench, 551).await.len(), 1);
    assert_eq!(dispute(&bench, 551).await.claim.evidence.len(), 1);
    assert_eq!(bench.evidence().len(), 1);
    assert_eq!(log::lines("outcome=recorded").len(), 1);
    assert_eq!(log::lines("outcome=already").len(), 2);
}

#[tokio::test]
async fn mails_at_once_are_all_recorded_in_one_order() {
    let bench = Bench::new().await;
    for id in ["a", "b", "c"] {
        bench.store(id, bench.reply(id).await.with_id(id).raw());
    }
    let (second, third) = (bench.another(), bench.another());
    let (b, c) = (event("b"), event("c"));
    let (one, two, three) = tokio::join!(bench.event("a"), second.handle(&b), third.handle(&c));
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    let record = bench.record(551).await;
    let places: Vec<_> = record.messages.iter().map(|message| message.seq).collect();
    assert_eq!(places, (1..=u64::try_from(places.len()).unwrap()).collect::<Vec<_>>());
    assert!(record.messages.is_sorted_by(|one, next| one.at < next.at));
    let mut texts: Vec<_> = messages(&bench, 551).await.into_iter().map(|(_, text)| text).collect();
    texts.sort();
    assert_eq!(texts, ["a", "b", "c"]);
}

#[tokio::test]
async fn a_worker_that_dies_before_its_commit_is_followed_by_one_that_does_all() {
    let bench = Bench::new().await;
    bench.store("a", bench.reply("Hello?").await.with_file("voucher.png", "image/png", PNG).raw());
    bench.on_call(|operation, _| if is_commit(operation) { Fault::Lost } else { Fault::None });
    bench.event("a").await.unwrap_err();
    assert!(bench.line().contains("outcome=failed") && bench.line().starts_with("ERROR"), "{}", bench.line());
    let objects = bench.evidence();
    assert_eq!((objects.len(), messages(&bench, 551).await.len()), (1, 0));
    bench.on_call(|_, _| Fault::None);
    bench.another().handle(&event("a")).await.unwrap();
    assert_eq!(bench.evidence(), objects, "the same object is written again");
    let [file] = dispute(&bench, 551).await.claim.evidence.try_into().unwrap();
    assert_eq!(objects, [format!("evidence/{}", file.object)]);
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_the_workers_own() {
    let bench = Bench::new().await;
    let mut commits = 0;
    bench.on_call(move |operation, _| {
        commits += u32::from(is_commit(operation));
        if is_commit(operation) && commits == 1 { Fault::AnswerLost } else { Fault::None }
    });
    bench.receive("a", &bench.reply("Hello?").await).await;
    assert!(bench.line().contains("outcome=recorded"), "{}", bench.line());
    assert_eq!(messages(&bench, 551).await.len(), 1);
}

#[tokio::test]
async fn an_object_that_cannot_be_read_yet_is_tried_again() {
    let bench = Bench::new().await;
    bench.event("a").await.unwrap_err();
    assert!(bench.line().contains("outcome=failed"));
    bench.store("a", bench.reply("Hello?").await.with_file("voucher.png", "image/png", PNG).raw());
    *bench.cloud.lost_objects.lock().unwrap() = 9;
    bench.event("a").await.unwrap_err();
    assert_eq!(messages(&bench, 551).await.len(), 0);
    *bench.cloud.lost_objects.lock().unwrap() = 0;
    bench.event("a").await.unwrap();
    assert_eq!(messages(&bench, 551).await.len(), 1);
}

#[tokio::test]
async fn a_mail_to_no_case_is_recorded_once_too() {
    let bench = Bench::new().await;
    bench.store("a", Draft::new("stranger@x.example", OWN, "Hello").raw());
    let (second, event) = (bench.another(), event("a"));
    let (one, two) = tokio::join!(bench.event("a"), second.handle(&event));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(log::lines(" no_case=1").len(), 1, "{:?}", log::lines("message=inbound"));
    assert!(bench.no_case_mail("stranger@x.example").await.is_some());
}
