//! A mail counts once, however often it comes, and whatever happens to the worker's writes.

use recourse_local::dynamodb::Fault;
use recourse_store::{Direction, MessageRole};
use serde_json::json;

use super::case::{Case, mailed, outcome, receive, unhurried, voucher_case, writes};
use super::eml::photo;
use crate::harness::{EVIDENCE, INBOUND, Stack, run, until};

/// The event of an object that came into the bucket.
pub(super) fn event(object: &str) -> Vec<u8> {
    let detail = json!({ "bucket": { "name": EVIDENCE }, "object": { "key": object, "size": 1000 } });
    let event = json!({
        "version": "0", "source": "aws.s3", "detail-type": "Object Created", "account": "000000000000",
        "region": "us-east-1", "time": "2026-11-30T00:00:00Z", "detail": detail,
    });
    event.to_string().into_bytes()
}

/// Calls the worker with the event of an object, which it has to take.
async fn hand(stack: &Stack, object: &str) {
    stack.cloud().lambda.invoke(INBOUND, event(object)).await.unwrap();
}

/// A case that waits for the customer, in a stack of its own.
async fn asked() -> (Stack, Case) {
    let stack = Stack::start(unhurried()).await;
    let case = voucher_case(&stack).await;
    case.is(&stack, "waiting_for_customer", "question_asked").await;
    mailed(&stack, case.number).await;
    (stack, case)
}

/// The texts of the mails that came in, oldest first.
async fn texts(stack: &Stack, case: &Case) -> Vec<String> {
    let messages = case.record(stack).await.messages.into_iter();
    messages.filter(|message| message.direction == Direction::In).map(|message| message.text).collect()
}

#[test]
fn the_same_object_again_changes_nothing() {
    run(async {
        let (stack, case) = asked().await;
        let object = receive(&stack, &case.mail("Here it is.").file("a.png", "image/png", &photo()), "").await;
        let before = stack.items("DISPUTES_TABLE").await;
        let event = object.as_str();
        tokio::join!(hand(&stack, event), hand(&stack, event), hand(&stack, event));
        hand(&stack, event).await;
        assert_eq!(stack.items("DISPUTES_TABLE").await, before);
        assert_eq!(texts(&stack, &case).await, ["Here it is."]);
        let evidence = case.record(&stack).await.record.dispute.claim.evidence;
        assert_eq!(evidence.len(), 1, "{evidence:?}");
    });
}

#[test]
fn the_same_mail_in_two_objects_counts_once() {
    run(async {
        let (stack, case) = asked().await;
        let mail = case.mail("Here it is.").file("a.png", "image/png", &photo());
        receive(&stack, &mail, "").await;
        let (state, before) = (case.state(&stack).await, case.record(&stack).await);
        let again = receive(&stack, &mail, "").await;
        assert_eq!(outcome(&stack, &again).await.outcome, "duplicate_message");
        let after = case.record(&stack).await;
        assert_eq!((after.messages.len(), after.history.len()), (before.messages.len(), before.history.len()));
        assert_eq!((case.state(&stack).await, after.record.dispute.version), (state, before.record.dispute.version));

        // The Message-ID is the sender's own: somebody else's mail with the same one is another.
        let other = mail.with("From", "mallory@evil.example");
        receive(&stack, &other, "").await;
        let roles: Vec<_> = case.record(&stack).await.messages.iter().map(|message| message.role).collect();
        assert_eq!(roles.last(), Some(&MessageRole::ThirdParty), "{roles:?}");
    });
}

#[test]
fn events_that_come_out_of_order_lose_no_mail() {
    run(async {
        let (stack, case) = asked().await;
        // The later mail is read first: the event of the first is held back by hand.
        let second = case.mail("And here is another one.");
        let first = case.mail("Here is one.");
        receive(&stack, &second, "").await;
        receive(&stack, &first, "").await;
        assert_eq!(texts(&stack, &case).await, ["And here is another one.", "Here is one."], "in the order they came");
        let record = case.record(&stack).await;
        let places: Vec<u64> = record.messages.iter().map(|message| message.seq).collect();
        assert_eq!(places, (1..=places.len() as u64).collect::<Vec<_>>());
        assert!(record.messages.windows(2).all(|pair| pair[0].at < pair[1].at), "{:?}", record.messages);
    });
}

#[test]
fn a_write_whose_answer_is_lost_and_one_that_conflicts_count_once() {
    run(async {
        let (stack, case) = asked().await;
        writes(&stack, &case, "First.").await;
        for (text, fault) in [
            ("Lost once.", Fault::LoseAnswer { times: 1 }),
            ("Lost always.", Fault::LoseAnswer { times: 3 }),
            ("Conflict.", Fault::Conflict { times: 3 }),
            ("Throttled.", Fault::Throttle { times: 2 }),
        ] {
            stack.cloud().dynamodb.set_fault_of(INBOUND, fault);
            writes(&stack, &case, text).await;
            stack.cloud().dynamodb.set_fault(Fault::None);
        }
        let expected = ["First.", "Lost once.", "Lost always.", "Conflict.", "Throttled."];
        until("each of them is on record", async || (texts(&stack, &case).await.len() >= expected.len()).then_some(()))
            .await;
        assert_eq!(texts(&stack, &case).await, expected);
    });
}

#[test]
fn while_dynamodb_is_away_a_mail_waits_and_is_not_lost() {
    run(async {
        let (stack, case) = asked().await;
        writes(&stack, &case, "First.").await;
        stack.cloud().dynamodb.set_fault_of(INBOUND, Fault::ServerError);
        let object = stack.receive(&case.mail("Second.").bytes(), "").await.unwrap();
        // The bus calls the worker again; an event that it gave up is replayed by hand, as the
        // runbook says.
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        stack.cloud().dynamodb.set_fault(Fault::None);
        until("the second is there", async || {
            if stack.store().inbound_outcome(&object).await.unwrap().is_none() {
                let _ = stack.cloud().lambda.invoke(INBOUND, event(&object)).await;
            }
            (texts(&stack, &case).await == ["First.", "Second."]).then_some(())
        })
        .await;
    });
}

#[test]
fn objects_that_are_no_mails_change_nothing() {
    run(async {
        let (stack, _) = asked().await;
        let before = stack.items("DISPUTES_TABLE").await;
        let long = format!("inbound/{}", "x".repeat(600));
        for key in ["inbound/AMAZON_SES_SETUP_NOTIFICATION", "inbound/", "evidence/1-2", "inbound/a%20b", &long] {
            hand(&stack, key).await;
        }
        assert_eq!(stack.items("DISPUTES_TABLE").await, before);
        assert!(stack.mails_to("support@recourse.example").is_empty());
    });
}
