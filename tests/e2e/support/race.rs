//! Two workers with one object, another mail of the customer, an agent's reply and the platform's
//! refund, all at once: nothing is lost, and the thread has one order.
//!
//! `ROUNDS` says how often; with `FULL=1` it is 60 times.

use std::sync::Arc;

use recourse_dispute::lifecycle::Closing;
use recourse_local::lambda::Lambda;
use recourse_store::{Direction, MessageRole};

use super::case::{Case, all_mailed, later, outcome, reported_many, today, unhurried};
use super::exactly_once::event;
use crate::cli::{folder, recourse};
use crate::harness::{Call, INBOUND, PLATFORM, Stack, run};

fn rounds() -> usize {
    let by_default = if std::env::var("FULL").is_ok_and(|full| full == "1") { 60 } else { 8 };
    std::env::var("ROUNDS").map_or(by_default, |rounds| rounds.parse().expect("ROUNDS must be a whole number"))
}

async fn invoke(lambda: &Lambda, object: &str) {
    lambda.invoke(INBOUND, event(object)).await.unwrap();
}

/// What the round did to a case.
struct Round {
    replied: bool,
    refunded: bool,
}

async fn race(stack: &Stack, folder: &std::path::Path, case: &Case, refunds: bool) -> Round {
    // The object is there before its event is handed to two more workers.
    let object = stack.receive(&case.mail("Here is what I see.").bytes(), "").await.unwrap();
    let lambda = &stack.cloud().lambda;
    let second = case.mail("And one more thing.").bytes();
    let reply = ["case", "reply", &case.id, "--text", "One moment, please.", "--by", "Bola"];
    let refund = async {
        if !refunds {
            return 0;
        }
        stack.send(&today(stack, Call::put(&PLATFORM, &case.transaction.later("Refund", 1)))).await.status
    };
    let (_, _, second, replied, refunded) = tokio::join!(
        invoke(lambda, &object),
        invoke(lambda, &object),
        stack.receive(&second, ""),
        recourse(stack, folder, &reply),
        refund,
    );
    let second = second.unwrap();
    for object in [&object, &second] {
        let done = outcome(stack, object).await;
        assert_eq!((done.outcome.as_str(), done.number), ("recorded", Some(case.number)), "{done:?}");
    }
    assert!([0, 200].contains(&refunded), "{refunded}");
    assert!([0, 2].contains(&replied.code), "{}{}", replied.out, replied.err);
    Round { replied: replied.code == 0, refunded: refunded == 200 }
}

#[test]
fn all_at_once_nothing_is_lost_and_the_thread_has_one_order() {
    run(async {
        let (stack, folder) = (Arc::new(Stack::start(unhurried()).await), folder());
        let cases = reported_many(&stack, "voucher", rounds()).await;
        stack.sweep().await;
        let (mut replies, mut refunds) = (0, 0);
        for (at, case) in cases.iter().enumerate() {
            let round = race(&stack, folder.path(), case, at % 2 == 0).await;
            (replies, refunds) = (replies + usize::from(round.replied), refunds + usize::from(round.refunded));
            stack.sweep().await;

            let record = case.record(&stack).await;
            let places: Vec<u64> = record.messages.iter().map(|message| message.seq).collect();
            assert_eq!(places, (1..=places.len() as u64).collect::<Vec<_>>(), "{}", case.id);
            assert!(record.messages.windows(2).all(|pair| pair[0].at < pair[1].at), "{:?}", record.messages);
            let mut inward: Vec<_> =
                record.messages.iter().filter(|message| message.direction == Direction::In).collect();
            inward.sort_by(|one, other| one.text.cmp(&other.text));
            let texts: Vec<_> = inward.iter().map(|message| message.text.as_str()).collect();
            assert_eq!(texts, ["And one more thing.", "Here is what I see."]);
            let by_agent = record.messages.iter().filter(|message| message.role == MessageRole::Agent).count();
            assert_eq!(by_agent, usize::from(round.replied));

            let dispute = &record.record.dispute;
            assert_eq!(dispute.state.closing(), round.refunded.then_some(Closing::Refunded), "{}", case.id);
            let effective = record.case.as_ref().unwrap().effective(dispute).unwrap().name();
            // A mail that came after the refund is an agent's to read, and the agent replied to it.
            let expected: &[_] = match (round.refunded, round.replied) {
                (true, false) => &["resolved", "waiting_for_agent"],
                (true, true) => &["resolved", "waiting_for_agent", "waiting_for_customer"],
                (false, _) => &["waiting_for_agent", "waiting_for_customer"],
            };
            assert!(expected.contains(&effective), "{effective}: {:?}", case.reasons(&stack).await);
            if round.refunded {
                let closed = record.record.events.last().unwrap().at;
                let automatic = record.messages.iter().filter(|message| message.role == MessageRole::Automation);
                let handed =
                    |message: &&recourse_store::Message| message.at > closed && !message.text.contains("support team");
                assert_eq!(automatic.filter(handed).count(), 0, "no automatic mail after the close but one");
            }
        }
        // A mail behind another one that was under way is looked at a minute later.
        for _ in 0..3 {
            later(&stack, 61).await;
        }
        all_mailed(&stack, &cases).await;
        println!("{} rounds, {replies} replies, {refunds} refunds", cases.len());
        assert!(replies > 0 && refunds > 0);
    });
}
