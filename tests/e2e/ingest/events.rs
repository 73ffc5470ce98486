//! Events of a bus of EventBridge fill the queue.

use serde_json::{Value, json};

use super::{QUEUE, known, stored, with_queue};
use crate::harness::{Stack, Transaction, run};

fn event(source: &str, kind: &str, detail: &Value) -> Value {
    json!({
        "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": kind, "source": source,
        "account": "111122223333", "time": "2026-01-16T02:00:03Z", "region": "us-east-1", "resources": [],
        "detail": detail,
    })
}

#[test]
fn the_detail_of_an_event_is_a_message() {
    run(async {
        let mut options = with_queue();
        for (name, value) in [("IngestEventBus", "payments-bus"), ("IngestEventSource", "com.example.payments")] {
            options.parameters.insert(name.to_owned(), value.to_owned());
        }
        let stack = Stack::start(options).await;
        let bus = &stack.cloud().bus;
        let (alone, listed) = (Transaction::new("acct_demo", "Succesful"), Transaction::new("acct_demo", "Succesful"));
        let put = |on: &str, source: &str, kind: &str, detail: &Value| bus.put_on(on, &event(source, kind, detail));
        // None of these is for the queue: another bus, another source, another type.
        let foreign = Transaction::new("acct_demo", "Succesful");
        put("default", "com.example.payments", "Transaction Updated", &foreign.body);
        put("payments-bus", "com.example.other", "Transaction Updated", &foreign.body);
        put("payments-bus", "com.example.payments", "Account Updated", &foreign.body);
        assert!(stack.cloud().sqs.bodies(QUEUE).is_empty());
        put("payments-bus", "com.example.payments", "Transaction Updated", &alone.body);
        let list = json!({ "transactions": [listed.body] });
        put("payments-bus", "com.example.payments", "Transaction Updated", &list);
        stored(&stack).await;
        for transaction in [&alone, &listed] {
            assert!(known(&stack, &transaction.trxid).await.is_some(), "{}", transaction.trxid);
        }
        assert!(known(&stack, &foreign.trxid).await.is_none());
    });
}
