//! The creates of all doors at once on one transaction: one dispute is left, and everybody else gets the own door's duplicate.

use std::sync::Arc;

use recourse_dispute::lifecycle::State;
use serde_json::json;
use tokio::task::JoinSet;

use super::bank::{FBN, GTB, User, log_of, paid};
use crate::harness::{Answer, CLIENT, Call, Connect, Stack, Transaction, options, run_alone};
use crate::seed::{DUPLICATE, SUCCESS, about};
use crate::tutelar::least;

/// A door's create about the transaction, by somebody who may: whether it opened a dispute, or what makes a duplicate of it.
async fn create(stack: &Stack, door: usize, users: &[User; 2], transaction: &Transaction) -> (bool, Answer) {
    match door {
        0 => {
            let answer = stack.report(&CLIENT, &json!({ "refid": transaction.refid })).await;
            let opened = answer.text == about(SUCCESS, &transaction.refid);
            assert!(opened || answer.text == about(DUPLICATE, &transaction.refid), "{answer:?}");
            (opened, answer)
        }
        1 | 2 => {
            let answer = users[door - 1].log(stack, &log_of(transaction, "Chargeback")).await;
            assert!(matches!(answer.status, 201 | 409), "{answer:?}");
            (answer.status == 201, answer)
        }
        3 => {
            let body = least(&transaction.trxid, "1001").to_string();
            let answer = stack.raw(Call::new(&CLIENT, "POST", "/api/v1/dispute/create", body).basic()).await;
            let refused = answer.text.contains("Dispute already raised for this transaction");
            assert!(if refused { answer.status == 422 } else { answer.status == 201 }, "{answer:?}");
            (answer.status == 201, answer)
        }
        _ => {
            let contact = json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" });
            let answer = stack.connect(Connect::create(&transaction.trxid, &contact)).await;
            assert!(answer.status == 201 || answer.text.contains("DUPLICATE_DISPUTE"), "{answer:?}");
            (answer.status == 201, answer)
        }
    }
}

#[test]
fn the_creates_of_all_doors_leave_one_dispute() {
    run_alone(async {
        let stack = Arc::new(Stack::start(options()).await);
        let users = [FBN.sign_in(&stack).await, GTB.sign_in(&stack).await];
        let mut winners = [0; 5];
        for _ in 0..20 {
            let transaction = Arc::new(paid(&stack).await);
            let mut race = JoinSet::new();
            for n in 0..15 {
                let (stack, users, transaction) = (Arc::clone(&stack), users.clone(), Arc::clone(&transaction));
                race.spawn(async move { (n % 5, create(&stack, n % 5, &users, &transaction).await) });
            }
            let answers = race.join_all().await;
            let case = stack.dispute(&transaction.trxid).await;
            let opened: Vec<_> = answers.iter().filter(|(_, (opened, _))| *opened).map(|(door, _)| *door).collect();
            assert_eq!((opened.len(), case.events.len()), (1, 1), "{answers:?}");
            winners[opened[0]] += 1;
            // Banks see who was quicker, unless it is a draft, which is not shown to them.
            let codes = ["FBN", "GTB"].map(|bank| case.dispute.number.log_code(bank));
            for (door, (opened, answer)) in &answers {
                if matches!(door, 1 | 2) && !opened {
                    let named = codes.iter().any(|code| answer.text.contains(code));
                    assert_eq!(named, case.dispute.state != State::Draft, "{answer:?}");
                }
            }
        }
        println!("won by report, either bank's log, Tutelar, Connect: {winners:?}");
    });
}
