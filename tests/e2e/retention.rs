//! What a closed case has of people is erased by the minute's sweep, once the parameter Retention
//! says so; a case that goes on keeps all of it.

use std::time::Duration;

use recourse_dispute::lifecycle::Closing;

use crate::cli::folder;
use crate::harness::{DEADLINES, EVIDENCE, Stack, run, until};
use crate::support::case::{Case, and, later, mailed, printed, receive, unhurried, voucher_case};
use crate::support::eml::photo;

/// What the tests of policies set, too.
pub(crate) const RETENTION: &str = r#"{"messages":30,"evidence":30}"#;
const DAY: u64 = 24 * 60 * 60;
const TEXT: &str = "The voucher never came to my phone.";

/// A case in which the customer sent a picture.
async fn with_picture(stack: &Stack) -> Case {
    let case = voucher_case(stack).await;
    receive(stack, &case.mail(TEXT).file("ada.png", "image/png", &photo()), "").await;
    stack.sweep().await;
    mailed(stack, case.number).await;
    case
}

async fn closed(stack: &Stack) -> Case {
    let (case, folder) = (with_picture(stack).await, folder());
    let close = ["dispute", "close", &case.id, "--for", "customer", "--why", "it never came"];
    printed(stack, folder.path(), &close).await;
    stack.sweep().await;
    mailed(stack, case.number).await;
    case
}

/// The objects of the bucket that a case names.
async fn named(stack: &Stack, case: &Case) -> Vec<String> {
    let record = case.record(stack).await;
    let files = record.record.dispute.claim.evidence.iter().map(|file| file.object.to_string());
    let attached = record.messages.iter().flat_map(|message| &message.attachments);
    let attached = attached.filter_map(|file| file.object.as_ref()).map(ToString::to_string);
    let received = record.messages.iter().filter_map(|message| message.object.clone());
    files.chain(attached).map(|object| format!("evidence/{object}")).chain(received).collect()
}

/// Makes the worker erase a closed case. It moves the clock by a month.
pub(crate) async fn everything(stack: &Stack) {
    let case = closed(stack).await;
    let objects = named(stack, &case).await;
    assert!(objects.iter().any(|key| key.starts_with("evidence/")), "{objects:?}");
    assert!(objects.iter().any(|key| key.starts_with("inbound/")), "{objects:?}");
    later(stack, 31 * DAY).await;
    until("nothing is left of it", async || {
        stack.cloud().run_schedule(DEADLINES).await.unwrap();
        let left = stack.cloud().s3.objects(EVIDENCE).unwrap();
        (named(stack, &case).await.is_empty() && !objects.iter().any(|key| left.contains_key(key))).then_some(())
    })
    .await;
}

#[test]
fn a_closed_case_loses_its_texts_and_files_and_keeps_its_facts() {
    run(async {
        let (stack, folder) = (Stack::start(and(unhurried(), "Retention", RETENTION)).await, folder());
        let open = with_picture(&stack).await;
        let case = closed(&stack).await;
        let (before, of_open) = (case.record(&stack).await, named(&stack, &open).await);
        let objects = named(&stack, &case).await;
        assert_eq!(objects.len(), 3, "{objects:?}");
        later(&stack, 29 * DAY).await;
        assert_eq!(named(&stack, &case).await, objects, "not yet");

        // Two workers at once, and the clock is past the time.
        stack.cloud().clock.advance(Duration::from_secs(DAY + 60)).unwrap();
        let (one, two) = tokio::join!(stack.cloud().run_schedule(DEADLINES), stack.cloud().run_schedule(DEADLINES));
        assert!(one.is_ok() && two.is_ok());
        until("its objects are gone", async || {
            stack.cloud().run_schedule(DEADLINES).await.unwrap();
            let left = stack.cloud().s3.objects(EVIDENCE).unwrap();
            (!objects.iter().any(|key| left.contains_key(key))).then_some(())
        })
        .await;
        let after = case.record(&stack).await;
        assert!(named(&stack, &case).await.is_empty());
        assert!(after.messages.iter().all(|message| message.text == "[erased]"), "{:?}", after.messages.len());
        let (dispute, was) = (&after.record.dispute, &before.record.dispute);
        assert_eq!(dispute.state.closing(), Some(Closing::Customer));
        assert_eq!((&dispute.facts, dispute.amount, &dispute.recipients), (&was.facts, was.amount, &was.recipients));
        assert_eq!((after.record.events, after.messages.len()), (before.record.events, before.messages.len()));
        // Of the case that goes on, nothing is touched.
        let left = stack.cloud().s3.objects(EVIDENCE).unwrap();
        assert!(of_open.iter().all(|key| left.contains_key(key)), "{of_open:?}");
        assert_eq!(named(&stack, &open).await, of_open);
        assert!(open.record(&stack).await.messages.iter().any(|message| message.text.contains(TEXT)));

        let shown = printed(&stack, folder.path(), &["case", "show", &case.id]).await;
        assert!(shown.contains("[erased]") && !shown.contains(TEXT), "{shown}");
        printed(&stack, folder.path(), &["dispute", "show", &case.id]).await;
        let line = stack.log().into_iter().rfind(|line| line.from == DEADLINES && line.text.contains("closed_erased"));
        let line = line.unwrap().text;
        assert!(line.contains("\"closed_failed\":0"), "{line}");
        stack.stop().await;
    });
}
