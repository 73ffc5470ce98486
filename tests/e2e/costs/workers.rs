//! One item of work of every worker.

use recourse_store::MailState;
use serde_json::json;

use super::{Counter, report, sent, unsent};
use crate::harness::{COUNTERS, DEADLINES, FEEDBACK, INBOUND, INGEST, OUTBOX, REPORT, Stack, Transaction, until};
use crate::raw;
use crate::support::case::{Case, receive, reported};
use crate::{deadlines, ingest};

/// Returns when the mails of a transaction's dispute are sent.
pub(super) async fn mailed(stack: &Stack, transaction: &Transaction) {
    until("the mails are sent", async || {
        let mails = stack.dispute(&transaction.trxid).await.mails;
        (!mails.is_empty() && mails.iter().all(|mail| mail.mail_state == MailState::Sent)).then_some(())
    })
    .await;
}

/// Returns when the search finds a transaction's dispute and the numbers have it.
pub(super) async fn entered(stack: &Stack, transaction: &Transaction) {
    let partition = format!("DSP#{}", stack.dispute(&transaction.trxid).await.dispute.number);
    let table = raw::table(stack.cloud(), "DISPUTES_TABLE");
    let endpoint = stack.cloud().dynamodb.endpoint();
    until("the dispute is counted", async || {
        for sk in ["FND", "NUM"] {
            let key = json!({ "PK": { "S": partition }, "SK": { "S": sk } });
            let get = json!({ "TableName": table, "Key": key, "ConsistentRead": true });
            raw::call(&endpoint, "GetItem", &get).await.get("Item")?;
        }
        Some(())
    })
    .await;
}

/// SES's report that a mail came back from an address.
fn bounce(mail: &str, address: &str) -> Vec<u8> {
    let event = json!({
        "source": "aws.ses", "detail-type": "Email Bounced",
        "detail": {
            "eventType": "Bounce", "mail": { "tags": { "outbox_id": [mail] } },
            "bounce": {
                "bounceType": "Permanent", "timestamp": "2026-01-16T02:00:00Z",
                "bouncedRecipients": [{ "emailAddress": address }],
            },
        },
    });
    event.to_string().into_bytes()
}

pub(super) async fn count(counter: &mut Counter<'_>) {
    let stack = counter.stack;
    let known = async || sent(stack, unsent()).await;
    let reported_and_sent = async |transaction: Transaction| {
        report(stack, &transaction).await;
        mailed(stack, &transaction).await;
        entered(stack, &transaction).await;
    };
    let rows = [(REPORT, "a report"), (OUTBOX, "a mail"), (COUNTERS, "a report")];
    counter.work(&rows, &known, reported_and_sent).await;

    let mailed_case = async || {
        let transaction = known().await;
        let user = report(stack, &transaction).await;
        mailed(stack, &transaction).await;
        let mail = stack.dispute(&transaction.trxid).await.mails.remove(0).id.to_string();
        (mail, user)
    };
    let bounces = async |(mail, user): (String, String)| {
        stack.cloud().lambda.invoke(FEEDBACK, bounce(&mail, &user)).await.unwrap();
    };
    counter.call(FEEDBACK, "a bounce", mailed_case, bounces).await;

    let asked = async || {
        let case = reported(stack, "voucher").await;
        stack.sweep().await;
        case
    };
    let answers = async |case: Case| {
        receive(stack, &case.mail("Here is my voucher."), "").await;
    };
    counter.call(INBOUND, "a mail", asked, answers).await;

    // What earlier calls left is done before.
    let rested = async || stack.sweep().await;
    counter.call(DEADLINES, "nothing is due", rested, async |()| deadlines::sweep(stack).await).await;
    let overdue = async || {
        stack.sweep().await;
        deadlines::opened(stack, "GTB", 21).await;
    };
    counter.call(DEADLINES, "a dispute expires", overdue, async |()| deadlines::sweep(stack).await).await;

    let ten = async || json!({ "transactions": (0..10).map(|_| unsent().body).collect::<Vec<_>>() }).to_string();
    let comes_in = async |message: String| {
        ingest::send(stack, &[message]).await;
        ingest::stored(stack).await;
    };
    counter.call(INGEST, "ten transactions", ten, comes_in).await;
}
