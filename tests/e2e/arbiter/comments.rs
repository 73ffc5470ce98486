//! What parties say: how often, in how many lines, and how many of them at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;
use tokio::task::JoinSet;

use super::bank::{FBN, GTB, User, call, code_of, log_of, paid};
use crate::harness::{HttpResponse, Stack, options, run, run_alone, shared};

async fn say(stack: &Stack, user: &User, code: &str, comment: &str) -> HttpResponse {
    let body = json!({ "action": "COMMENT", "comment": comment });
    stack.raw(call(&user.token, "PUT", &format!("/disputes/{code}"), &body.to_string())).await
}

#[test]
fn a_party_comments_a_hundred_times_and_blocks_nobody() {
    run(async {
        let stack = shared().await;
        let (fbn, gtb) = (FBN.sign_in(&stack).await, GTB.sign_in(&stack).await);
        let code = code_of(&fbn.log(&stack, &log_of(&paid(&stack).await, "Chargeback")).await);
        for n in 0..100 {
            let said = say(&stack, &gtb, &code, &"\u{1f9fe}".repeat(1_000)).await;
            assert_eq!(said.status, 200, "{n}: {}", said.status);
        }
        let refused = say(&stack, &gtb, &code, "once more").await;
        let expected = json!([{
            "field": "action", "message": "has been done 100 times by your domain, and may not be more often."
        }]);
        assert_eq!((refused.status, &refused.json()["errors"]), (400, &expected));
        assert_eq!(say(&stack, &fbn, &code, "and we?").await.status, 200, "the other party's count is its own");
        let shown = fbn.get(&stack, &format!("/disputes/{code}")).await;
        assert_eq!((shown.status, shown.json()["journal"].as_array().unwrap().len()), (200, 102));
        let done = gtb.put(&stack, &code, "REPRESENTMENT").await;
        assert_eq!((done.status, &done.json()["status"]), (200, &json!("Representment")));
    });
}

#[test]
fn a_comment_may_have_lines_and_tabs_and_is_not_blank() {
    run(async {
        let stack = shared().await;
        let fbn = FBN.sign_in(&stack).await;
        let code = code_of(&fbn.log(&stack, &log_of(&paid(&stack).await, "Refund")).await);
        let said = say(&stack, &fbn, &code, "Two lines:\r\n\tthis one is indented.\n").await;
        let detail = "Comment: Two lines:\r\n\tthis one is indented.\n";
        assert_eq!((said.status, &said.json()["journal"][1]["detail"]), (200, &json!(detail)));
        for (comment, rule) in [
            (" \n\t ", "must not be blank."),
            ("a bell\u{7}", "must be at most 1000 characters without control characters but line breaks and tabs."),
        ] {
            let refused = say(&stack, &fbn, &code, comment).await;
            let expected = json!([{ "field": "comment", "message": rule }]);
            assert_eq!((refused.status, &refused.json()["errors"]), (400, &expected), "{comment:?}");
        }
    });
}

#[test]
fn of_32_comments_at_once_each_is_stored() {
    run_alone(async {
        let stack = Arc::new(Stack::start(options()).await);
        let user = FBN.sign_in(&stack).await;
        let all = async |code: &str| {
            let mut comments = JoinSet::new();
            for n in 0..32 {
                let (stack, user, code) = (Arc::clone(&stack), user.clone(), code.to_owned());
                comments.spawn(async move { say(&stack, &user, &code, &format!("number {n}")).await });
            }
            comments.join_all().await
        };
        // So many processes take a while to start, which is no part of it.
        all("FBN00II551").await;
        let transaction = paid(&stack).await;
        let code = code_of(&user.log(&stack, &log_of(&transaction, "Refund")).await);
        let since = std::time::Instant::now();
        let answers = all(&code).await;
        assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
        println!("32 comments in {:.1?}", since.elapsed());
        let record = stack.dispute(&transaction.trxid).await;
        let said: BTreeSet<_> = record.events.iter().filter_map(|event| event.note.clone()).collect();
        assert_eq!((said.len(), record.dispute.version), (32, 33));
    });
}
