//! The local cloud's clock: moved on, it is another day for every function.

use std::time::Duration;

use recourse_local::Options;
use serde_json::{Value, json};

use crate::arbiter::{FBN, code_of, log_of, paid};
use crate::harness::{CLIENT, Call, Stack, now, options, run, unique, until};

const DAYS: u64 = 21;

#[test]
fn a_clock_that_is_moved_past_a_deadline_expires_it() {
    run(async {
        // Under AWS's own emulator, functions have the machine's clock.
        let stack = Stack::start(Options { sweep: true, emulator: None, ..options() }).await;
        let user = FBN.sign_in(&stack).await;
        let code = code_of(&user.log(&stack, &log_of(&paid(&stack).await, "Chargeback")).await);
        let path = format!("/disputes/{code}");
        assert_eq!(user.get(&stack, &path).await.json()["status"], "Chargeback");

        stack.cloud().clock.advance(Duration::from_secs(DAYS * 24 * 60 * 60)).unwrap();
        assert_eq!(user.get(&stack, &path).await.status, 401, "a token of three weeks ago");
        let user = FBN.sign_in(&stack).await;
        let ended = async || {
            let dispute = user.get(&stack, &path).await.json();
            (dispute["status"] != "Chargeback").then_some(dispute)
        };
        // The schedules run at once, not in a minute.
        let dispute: Value = until("the deadline is expired", ended).await;
        assert_eq!(dispute["status"], "Accepted", "{dispute}");
        let that_day = now() + (DAYS - 1) * 24 * 60 * 60;
        let is_of_that_day = |mail: &recourse_local::ses::AcceptedMail| mail.at / 1000 > that_day;
        until("the mails are of that day", async || stack.cloud().ses.mails().into_iter().find(is_of_that_day)).await;

        let report = |timestamp: u64| {
            let body = json!({"refid": unique("none")}).to_string();
            Call { timestamp: timestamp.to_string(), ..Call::report_bytes(&CLIENT, body) }
        };
        assert_eq!(stack.send(&report(now())).await.status, 401, "signed three weeks ago");
        assert_eq!(stack.send(&report(now() + DAYS * 24 * 60 * 60)).await.status, 400);
    });
}
