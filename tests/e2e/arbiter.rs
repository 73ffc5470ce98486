//! The Arbiter API, by two banks over HTTP.

pub(crate) mod bank;
mod bench;
mod comments;
mod evidence;
mod find;
mod flows;
mod foreign;
mod mails;
mod race;
mod reference;
mod samples;
mod tokens;
mod worker;

use crate::deadlines;
use crate::harness::{Stack, until};
pub(crate) use bank::{FBN, GTB, User, call, code_of, log_of, paid, token_request};

/// Everything that the API's functions are there for, at least once, for what watches them.
pub(crate) async fn everything(stack: &Stack) {
    let client = stack.raw(token_request(&FBN.key, "grant_type=client_credentials")).await;
    assert_eq!(client.status, 200);
    let (fbn, gtb) = (FBN.sign_in(stack).await, GTB.sign_in(stack).await);
    let transaction = paid(stack).await;
    let code = code_of(&fbn.log(stack, &log_of(&transaction, "Chargeback")).await);
    assert_eq!(fbn.log(stack, &log_of(&transaction, "Chargeback")).await.status, 409);
    for action in ["REPRESENTMENT", "COMMENT"] {
        assert_eq!(gtb.put(stack, &code, action).await.status, 200);
    }
    assert_eq!(fbn.put(stack, &code, "WITHDRAW").await.status, 200);
    let raised = deadlines::raised(stack).await;
    assert_eq!(gtb.put(stack, &format!("FBN00II{}", raised.number), "REPRESENTMENT").await.status, 200);
    let logged = code_of(&fbn.log(stack, &log_of(&paid(stack).await, "Chargeback")).await);
    let reference = transaction.body["details"]["reference"].as_str().unwrap();
    for path in [
        "/disputes".to_owned(),
        format!("/disputes?logCode={logged}"),
        format!("/disputes/{logged}"),
        "/disputes/categories".to_owned(),
        "/disputes/categories/Refund/reasons".to_owned(),
        format!("/transactions/types/BillPayment/references/{reference}"),
    ] {
        assert_eq!(fbn.get(stack, &path).await.status, 200, "{path}");
    }
    evidence::everything(stack, &gtb).await;
    until("the counters know of it", async || {
        let listed = fbn.get(stack, "/disputes?status=Declined").await.json();
        (listed["count"].as_u64() > Some(0)).then_some(())
    })
    .await;
}
