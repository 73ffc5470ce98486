//! A deadline of five seconds, expired by the real worker, over HTTP from the log to the end.

use std::time::Duration;

use serde_json::json;

use super::bank::{FBN, GTB, code_of, log_of, paid};
use crate::deadlines;
use crate::harness::{Stack, options, run, shared};

/// Between the end and the worker's next round nobody is quicker than the clock.
#[test]
fn after_the_deadline_no_action_is_offered_or_accepted_even_before_the_worker_ran() {
    run(async {
        let stack = shared().await;
        let gtb = GTB.sign_in(&stack).await;
        let dispute = deadlines::opened(&stack, "GTB", 21).await;
        let code = format!("FBN00II{}", dispute.number);
        let shown = gtb.get(&stack, &format!("/disputes/{code}")).await.json();
        assert_eq!(shown["status"], "Chargeback");
        assert_eq!(shown["statusActions"], json!([{ "action": "COMMENT", "required": ["comment"] }]));
        for action in ["REPRESENTMENT", "DECLINE", "ACCEPT"] {
            assert_eq!(gtb.put(&stack, &code, action).await.status, 400, "{action}");
        }
        assert_eq!(gtb.put(&stack, &code, "COMMENT").await.status, 200);
        deadlines::sweep(&stack).await;
        let ended = gtb.get(&stack, &format!("/disputes/{code}")).await.json();
        assert_eq!(
            (&ended["status"], &ended["journal"][2]["detail"]),
            (&json!("Accepted"), &json!("Time ran out: Accepted"))
        );
    });
}

#[test]
fn a_status_of_five_seconds_is_reminded_of_and_ends_by_itself() {
    run(async {
        let mut options = options();
        let deadlines = json!({
            "remind": "PT3S",
            "categories": { "Chargeback": { "Chargeback": { "length": "PT5S" }, "Representment": { "length": "PT5S" } } }
        });
        options.parameters.insert("Deadlines".to_owned(), deadlines.to_string());
        let stack = Stack::start(options).await;
        let (fbn, gtb) = (FBN.sign_in(&stack).await, GTB.sign_in(&stack).await);
        let code = code_of(&fbn.log(&stack, &log_of(&paid(&stack).await, "Chargeback")).await);
        let read = async || fbn.get(&stack, &format!("/disputes/{code}")).await.json();
        deadlines::sweep(&stack).await;
        assert_eq!(read().await["status"], "Chargeback");
        // Answered in time: the next status has a time of its own.
        assert_eq!(gtb.put(&stack, &code, "REPRESENTMENT").await.json()["status"], "Representment");
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        for _ in 0..2 {
            deadlines::sweep(&stack).await;
        }
        let reminded = read().await;
        assert_eq!(reminded["status"], "Representment");
        let mails = stack.inbox("disputes@fbn.example", 1).await;
        assert_eq!(mails.len(), 1, "only the reminder has the issuer in To");
        assert!(mails[0].text.as_ref().unwrap().contains("It is your turn in this dispute"));
        tokio::time::sleep(Duration::from_millis(3_000)).await;
        for _ in 0..3 {
            deadlines::sweep(&stack).await;
        }
        let ended = read().await;
        assert_eq!(
            (&ended["status"], &ended["statusActions"]),
            (&json!("Declined"), &json!([])),
            "the issuer let it pass"
        );
        let journal: Vec<_> =
            ended["journal"].as_array().unwrap().iter().map(|entry| entry["detail"].clone()).collect();
        assert_eq!(journal[2..], ["Reminded of the scheduled end", "Time ran out: Declined"]);
        assert_eq!(ended["journal"][3]["addedBy"], "scheduled end");
    });
}
