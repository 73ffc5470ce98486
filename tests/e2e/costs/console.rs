//! A page of each function of the console.

use super::{Counter, is};
use crate::support::case::reported_many;

/// How many cases a full page of the queue lists.
const CASES: usize = 50;
/// A list of the queue.
const QUEUE: &str = "/console/queue?list=waiting_for_customer";
/// How often the worker may have to run until all cases wait for their customers.
const SWEEPS: usize = 20;

pub(super) async fn count(counter: &mut Counter<'_>) {
    let stack = counter.stack;
    let cases = reported_many(stack, "voucher", CASES).await;
    let (supervisor, auditor) = (stack.sign_in("supervisor").await, stack.sign_in("auditor").await);
    let admin = stack.sign_in("admin").await;
    let listed = async || supervisor.get(QUEUE).await.text.matches("<td><a href=\"/console/cases/").count();
    for _ in 0..SWEEPS {
        if listed().await < CASES {
            stack.sweep().await;
        }
    }
    assert_eq!(listed().await, CASES, "all cases wait for their customers");
    let nobody = stack.browser();
    let case = format!("/console/cases/{}", cases[0].id);
    let search = format!("/console/search?q={}", cases[0].transaction.refid);
    for (function, call, browser, path) in [
        ("ConsoleSignIn", "the form", &nobody, "/console/sign-in"),
        ("ConsoleQueue", "a full page", &supervisor, QUEUE),
        ("ConsoleCase", "a case", &supervisor, case.as_str()),
        ("ConsoleSearch", "a refid", &supervisor, search.as_str()),
        ("ConsoleNumbers", "thirty days", &supervisor, "/console/numbers"),
        ("ConsoleAudit", "the newest entries", &auditor, "/console/audit"),
        ("ConsoleSettings", "the accounts", &admin, "/console/settings/accounts"),
    ] {
        counter.call(function, call, async || (), async |()| is(&browser.get(path).await, 200)).await;
    }
    // How many bytes the counters have depends on how long things took: each length has a bucket.
    for row in counter.rows.iter_mut().filter(|row| row.function == "ConsoleNumbers") {
        row.received = 0;
    }
}
