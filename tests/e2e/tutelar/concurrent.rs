//! Many updates of one dispute at once: each is answered as done, and each is in the dispute.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::samples::day;
use super::{dispute, put, success, update, view};
use crate::harness::{Stack, options, run_alone};

const CLIENTS: usize = 64;

/// Every member that can be updated: its name in the view, and the nth body and value of it. The
/// charges never exceed the disputed amount.
type Member = (&'static str, fn(usize) -> (Value, Value));

const MEMBERS: [Member; 16] = [
    ("customerName", |n| {
        (json!({"transactionDetails": {"customerName": format!("name {n}")}}), json!(format!("name {n}")))
    }),
    ("customerEmail", |n| {
        (json!({"transactionDetails": {"customerEmail": format!("{n}@x.example")}}), json!(format!("{n}@x.example")))
    }),
    ("customerMobile", |n| (json!({"transactionDetails": {"customerMobile": n}}), json!(n.to_string()))),
    ("amount", |n| (json!({"transactionDetails": {"amount": n.to_string()}}), json!(n))),
    ("merchantName", |n| (json!({"merchantDetails": {"name": format!("name {n}")}}), json!(format!("name {n}")))),
    ("businessName", |n| (json!({"merchantDetails": {"businessName": format!("{n}")}}), json!(format!("{n}")))),
    ("merchantEmail", |n| {
        (json!({"merchantDetails": {"chargebackEmail": format!("{n}@y.example")}}), json!(format!("{n}@y.example")))
    }),
    ("disputeAmount", |n| (json!({"disputeAmount": 100 + n}), json!(100 + n))),
    ("disputeAmountTdrDetails", |n| {
        let tdr = json!({"type": "include", "amountType": "price", "amount": n % 50});
        (json!({"disputeAmountTdrDetails": tdr}), tdr)
    }),
    ("disputeAmountTaxDetails", |n| {
        let tax = json!({"type": "exclude", "amountType": "percentage", "amount": n % 50});
        (json!({"disputeAmountTaxDetails": tax}), tax)
    }),
    ("disputeType", |n| {
        let kind = ["fraud", "chargeback", "BO", "complaint"][n % 4];
        (json!({"disputeType": kind}), json!(kind))
    }),
    ("internalDueDate", |n| {
        let due = day(i64::try_from(n).unwrap() + 1);
        (json!({"internalDueDate": due}), json!(due))
    }),
    ("dueDate", |n| (json!({"dueDate": n}), json!(n))),
    ("gatewayOrderId", |n| (json!({"gatewayOrderId": format!("ORD_{n}")}), json!(format!("ORD_{n}")))),
    ("remitterBank", |n| (json!({"remitterBank": format!("Bank {n} ")}), json!(format!("Bank {n} ")))),
    ("comments", |n| (json!({"comments": format!(" comment {n} ")}), json!(format!(" comment {n} ")))),
];

#[test]
fn of_64_updates_at_once_none_is_lost() {
    run_alone(async {
        let stack = Arc::new(Stack::start(options()).await);
        let (_, warm) = dispute(&stack).await;
        let all = async |id: &str, body: fn(usize) -> Value| {
            let mut updates = JoinSet::new();
            for n in 1..=CLIENTS {
                let (stack, id) = (Arc::clone(&stack), id.to_owned());
                updates.spawn(async move { update(&stack, &id, &body(n)).await });
            }
            updates.join_all().await
        };
        // So many processes take a while to start, which is no part of it.
        all(&warm, |_| json!({})).await;
        let (transaction, id) = dispute(&stack).await;
        let since = std::time::Instant::now();
        let answers = all(&id, |n| (MEMBERS[n % MEMBERS.len()].1)(n).0).await;
        let faults: Vec<_> = stack.log().into_iter().filter(|line| line.text.contains("\"fault\"")).collect();
        let done = success("Dispute Details updated successfully");
        assert!(answers.iter().all(|answer| (answer.status, &answer.text) == (200, &done)), "{answers:?} {faults:?}");
        println!("{CLIENTS} updates in {:.1?}", since.elapsed());
        let shown = view(&stack, &id).await;
        for (place, (name, of)) in MEMBERS.iter().enumerate() {
            let sent: Vec<_> = (1..=CLIENTS).filter(|n| n % MEMBERS.len() == place).map(|n| of(n).1).collect();
            assert!(sent.contains(&shown[name]), "{name}: {} is none of {sent:?}", shown[name]);
        }
        // Each is a change of its own, on top of the one before it, with its line in the history.
        let record = stack.dispute(&transaction.trxid).await;
        let versions: Vec<_> = record.events.iter().map(|event| event.version).collect();
        assert_eq!(versions, (1..=record.dispute.version).collect::<Vec<_>>());
        let noted: BTreeSet<_> = record.events.iter().filter_map(|event| event.note.as_deref()).collect();
        assert_eq!(noted.len(), MEMBERS.len(), "{noted:?}");
        assert!(record.dispute.version > u64::try_from(MEMBERS.len()).unwrap());
    });
}

#[test]
fn of_many_verdicts_at_once_one_is_given() {
    run_alone(async {
        let stack = Arc::new(Stack::start(options()).await);
        let (transaction, id) = dispute(&stack).await;
        let mut verdicts = JoinSet::new();
        for n in 0..16 {
            let (stack, id) = (Arc::clone(&stack), id.clone());
            let path = if n % 2 == 0 { "merchant-won" } else { "merchant-loss" };
            verdicts.spawn(async move { (put(&stack, path, &id, &Value::Null).await, path) });
        }
        let answers = verdicts.join_all().await;
        let given: Vec<_> = answers.iter().filter(|(answer, _)| answer.status == 200).collect();
        assert_eq!(given.len(), 1, "{answers:?}");
        let refused = super::failure("Already reacted to this dispute");
        assert_eq!(answers.iter().filter(|(answer, _)| answer.text == refused).count(), 15);
        let verdict = if given[0].1 == "merchant-won" { "won" } else { "lost" };
        assert_eq!(view(&stack, &id).await["verdict"], verdict);
        assert_eq!(stack.dispute(&transaction.trxid).await.events.len(), 2);
    });
}

/// The active dispute that the later requests run into is their own, which was reopened. No other
/// one was opened.
#[test]
fn of_many_reopenings_at_once_one_succeeds_and_the_others_find_the_dispute_open() {
    run_alone(async {
        let stack = Arc::new(Stack::start(options()).await);
        for _ in 0..4 {
            let (transaction, id) = dispute(&stack).await;
            assert_eq!(put(&stack, "merchant-loss", &id, &Value::Null).await.status, 200);
            let mut reopenings = JoinSet::new();
            for _ in 0..8 {
                let (stack, id) = (Arc::clone(&stack), id.clone());
                reopenings.spawn(async move { put(&stack, "reopen", &id, &json!({})).await });
            }
            let answers = reopenings.join_all().await;
            assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
            let open = super::failure("Dispute already in open status");
            assert_eq!(answers.iter().filter(|answer| answer.text == open).count(), 7, "{answers:?}");
            assert_eq!(stack.dispute(&transaction.trxid).await.events.len(), 3);
        }
    });
}
