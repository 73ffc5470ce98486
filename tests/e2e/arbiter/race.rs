//! Reports and logs of one transaction at once: one dispute is left, and everybody else gets the own door's duplicate.

use std::sync::Arc;

use serde_json::json;
use tokio::task::JoinSet;

use super::bank::{FBN, GTB, log_of, paid};
use crate::harness::{Answer, CLIENT, Stack, options, run};
use crate::seed::{DUPLICATE, SUCCESS, about};

#[test]
fn a_report_and_logs_of_two_banks_leave_one_dispute() {
    run(async {
        let stack = Arc::new(Stack::start(options()).await);
        let users = [FBN.sign_in(&stack).await, GTB.sign_in(&stack).await];
        for _ in 0..12 {
            let transaction = paid(&stack).await;
            let mut race: JoinSet<(bool, Answer)> = JoinSet::new();
            for n in 0..12 {
                let (stack, body) = (Arc::clone(&stack), json!({ "refid": transaction.refid }));
                let (user, log) = (users[n % 2].clone(), log_of(&transaction, "Chargeback"));
                race.spawn(async move {
                    if n % 3 == 0 {
                        (true, stack.report(&CLIENT, &body).await)
                    } else {
                        (false, user.log(&stack, &log).await)
                    }
                });
            }
            let answers = race.join_all().await;
            let case = stack.dispute(&transaction.trxid).await;
            let mut opened = 0;
            for (reported, answer) in &answers {
                match (reported, answer.status) {
                    (true, 200) if answer.text == about(SUCCESS, &transaction.refid) => opened += 1,
                    (true, 200) => assert_eq!(answer.text, about(DUPLICATE, &transaction.refid)),
                    (false, 201) => opened += 1,
                    (false, 409) => assert!(
                        answer.text.contains(&format!("FBN00II{}", case.dispute.number))
                            || answer.text.contains(&format!("GTB00II{}", case.dispute.number)),
                        "{answer:?}"
                    ),
                    other => panic!("{other:?} {answer:?}"),
                }
            }
            assert_eq!((opened, case.events.len()), (1, 1));
        }
    });
}
