//! Nothing is delivered to an address that is not public.

use recourse_store::WriteToken;

use super::receiver::{Receiver, Reply};
use super::{add, command, deliveries, reported};
use crate::cli::{folder, recourse};
use crate::harness::{Stack, options, run, until};
use crate::raw;

/// Ways of writing this machine or a private network, and what a metadata service would be.
const FORMS: [&str; 44] = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0X7F.1",
    "0x7f.0.0.0x1",
    "0177.0.0.1",
    "017700000001",
    "0177.0x0.0.01",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "１２７.0.0.1",
    "127。0。0。1",
    "127.255.255.254",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "0",
    "0.0.0.0",
    "0x0",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:169.254.169.254]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::1]",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "169.254.170.2",
    "[fd00:ec2::254]",
    "10.0.0.1",
    "012.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "224.0.0.1",
    "[fc00::1]",
    "[fe80::1]",
];

#[test]
fn no_form_of_a_private_address_gets_an_event() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let listener = Receiver::start(|_| Reply::status(200)).await;
        let hook = add(&stack, folder.path(), "acct_demo", &listener.url(), &[]).await;
        // The command line refuses what it can see; the worker gets each form past it.
        for form in FORMS {
            let url = format!("https://{form}:{}/hooks", listener.port());
            let refused = recourse(&stack, folder.path(), &["webhook", "add", "acct_demo", &url]).await;
            let is_name = form.to_lowercase().starts_with("localhost");
            assert_eq!(refused.code, if is_name { 0 } else { 2 }, "{form}: {}{}", refused.out, refused.err);
            if is_name {
                command(&stack, folder.path(), &["disable", super::line(&refused.out, "WEBHOOK_ID")]).await;
            }
            let key = serde_json::json!({ "PK": { "S": "LIST#webhooks" }, "SK": { "S": hook.id } });
            let update = serde_json::json!({
                "TableName": raw::table(stack.cloud(), "DISPUTES_TABLE"), "Key": key,
                "UpdateExpression": "SET address = :url REMOVE failing_since",
                "ExpressionAttributeValues": { ":url": { "S": url } },
            });
            raw::call(&stack.cloud().dynamodb.endpoint(), "UpdateItem", &update).await;
            let endpoint =
                stack.store().webhooks().await.unwrap().into_iter().find(|known| known.id.as_str() == hook.id);
            let event = format!("evt_test_{:032x}", rand(form));
            let token = WriteToken::new(rand(form).to_be_bytes());
            let now = stack.cloud().clock.now_millis();
            let id = stack.store().test_webhook(&endpoint.unwrap(), &event, now, &token).await.unwrap();
            let delivery = until("it is tried", async || {
                let delivery = stack.store().delivery(&id).await.unwrap().unwrap();
                (!delivery.attempt_log.is_empty()).then_some(delivery)
            })
            .await;
            let error = delivery.attempt_log[0].error.as_deref();
            assert!(matches!(error, Some("private_address" | "no_such_host")), "{form}: {error:?}");
        }
        assert_eq!(listener.connections(), 0);
        reported(&stack).await;
        until("a real event is refused, too", async || {
            let listed = deliveries(&stack, folder.path(), &hook.id).await;
            listed
                .iter()
                .any(|delivery| delivery["type"] == "dispute.opened" && !delivery["attempts"][0].is_null())
                .then_some(())
        })
        .await;
        assert_eq!(listener.connections(), 0);
    });
}

/// Something of its own for each form.
fn rand(form: &str) -> u128 {
    form.bytes().fold(7, |sum: u128, byte| sum.wrapping_mul(131).wrapping_add(byte.into()))
}
