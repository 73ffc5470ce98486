//! Every state of the support process to its time limit: whatever nobody does, a case comes to a
//! person or is over in time.

use std::time::Duration;

use recourse_dispute::lifecycle::Closing;
use recourse_dispute::notification::EmailTemplate;
use recourse_local::Options;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::case::{
    Case, all_mailed, and, later, listed, mailed, printed, provider_says, reported, voucher_case, writes,
};
use crate::cli::folder;
use crate::harness::{CLIENT, Call, DEADLINES, Stack, address, run, simulator, support_options, until};

const HOUR: u64 = 60 * 60;
const SUPERVISORS: &str = "supervisors@platform.example";

/// With the default time limits, which are passed by moving the clock.
fn defaults() -> Options {
    // Under AWS's own emulator, functions have the machine's clock.
    let mut options = Options { emulator: None, ..support_options() };
    options.parameters.remove("SupportTimeLimits");
    and(options, "SupervisorAddresses", SUPERVISORS)
}

/// The reminders that the supervisors got about a case.
fn reminders(stack: &Stack, case: &Case) -> usize {
    stack.mails_to(SUPERVISORS).iter().filter(|mail| mail.subject.contains(&case.id)).count()
}

/// What was done with a case before it was left alone.
enum StartingPoint {
    /// Nothing: the playbook asked the customer.
    Asked,
    /// The provider is asked, and answers like this.
    Provider(Value),
    /// The provider was asked after the customer sent the number of the account.
    Bill(Value),
    /// An agent replied.
    Replied,
    /// An agent took it.
    Taken,
    /// The customer has the provider's answer.
    Answered,
    /// The customer objected to it.
    Objected,
    /// The customer wrote that it works, and later that it does not.
    AfterTheEnd,
    /// Somebody wrote whose mail could not be verified.
    Unverified,
}

/// Brings a new case there. Its mails are at their end.
async fn started(stack: &Stack, folder: &std::path::Path, how: &StartingPoint) -> Case {
    let kind = match how {
        StartingPoint::Asked | StartingPoint::Replied | StartingPoint::Taken | StartingPoint::Unverified => "voucher",
        StartingPoint::Bill(_) => "bill",
        StartingPoint::Provider(_) | StartingPoint::Answered | StartingPoint::Objected | StartingPoint::AfterTheEnd => {
            "topup"
        }
    };
    let case = reported(stack, kind).await;
    let delivered = json!({ "state": "delivered", "reference": "REF-1", "evidence": "Sent at noon" });
    match how {
        StartingPoint::Provider(answer) | StartingPoint::Bill(answer) => provider_says(stack, &case, answer).await,
        _ => provider_says(stack, &case, &delivered).await,
    }
    stack.sweep().await;
    match how {
        StartingPoint::Asked | StartingPoint::Provider(_) | StartingPoint::Answered => {}
        StartingPoint::Bill(_) => {
            writes(stack, &case, "My account number is 40012345678.").await;
            stack.sweep().await;
        }
        StartingPoint::Replied => {
            printed(stack, folder, &["case", "reply", &case.id, "--text", "One moment.", "--by", "Bola"]).await;
        }
        StartingPoint::Taken => {
            printed(stack, folder, &["case", "take", &case.id, "--by", "Bola"]).await;
        }
        StartingPoint::Objected => {
            writes(stack, &case, "It still does not work.").await;
        }
        StartingPoint::AfterTheEnd => {
            writes(stack, &case, "It works now, thank you.").await;
            case.is(stack, "resolved", "customer_says_works").await;
            writes(stack, &case, "It still does not work.").await;
        }
        StartingPoint::Unverified => {
            super::case::receive(stack, &case.mail("It works now."), "dmarc=fail").await;
        }
    }
    case
}

#[test]
fn every_state_that_is_left_alone_ends_with_a_person_or_is_over_in_its_time() {
    run(async {
        let folder = folder();
        let folder = folder.path();
        // As make run does: by this file, the command line follows the clock.
        let options = Options { environment_file: Some(folder.join(".recourse.env")), ..defaults() };
        let stack = Stack::start(options).await;
        let failing = |how: &str| json!({ "fail": how });
        // What was done, the state and the reason then, and after so many hours, those at the end.
        let table = [
            (
                StartingPoint::Asked,
                "waiting_for_customer",
                "question_asked",
                7 * 24,
                "waiting_for_agent",
                "customer_silent",
            ),
            (
                StartingPoint::Replied,
                "waiting_for_customer",
                "agent_replied",
                7 * 24,
                "waiting_for_agent",
                "customer_silent",
            ),
            (StartingPoint::Answered, "answered", "provider_delivered", 7 * 24, "resolved", "no_objection"),
            (
                StartingPoint::Provider(failing("500")),
                "waiting_for_provider",
                "provider_unreachable",
                24,
                "waiting_for_agent",
                "provider_late",
            ),
            (
                StartingPoint::Provider(json!({ "state": "pending" })),
                "waiting_for_provider",
                "provider_pending",
                24,
                "waiting_for_agent",
                "provider_late",
            ),
            // The playbook gives the provider four hours, and asks again.
            (
                StartingPoint::Bill(json!({ "state": "unknown" })),
                "waiting_for_provider",
                "waiting",
                4,
                "waiting_for_agent",
                "playbook_escalated",
            ),
            (StartingPoint::Taken, "waiting_for_agent", "agent_took", 0, "waiting_for_agent", "agent_took"),
            (
                StartingPoint::Objected,
                "waiting_for_agent",
                "customer_objected",
                0,
                "waiting_for_agent",
                "customer_objected",
            ),
            (
                StartingPoint::AfterTheEnd,
                "waiting_for_agent",
                "customer_wrote_after_end",
                0,
                "waiting_for_agent",
                "customer_wrote_after_end",
            ),
            (
                StartingPoint::Unverified,
                "waiting_for_agent",
                "sender_not_verified",
                0,
                "waiting_for_agent",
                "sender_not_verified",
            ),
        ];
        let mut cases = Vec::new();
        for (how, state, reason, ..) in &table {
            let case = started(&stack, folder, how).await;
            case.is(&stack, state, reason).await;
            cases.push(case);
        }
        let rows =
            || table.iter().zip(&cases).map(|((.., hours, state, reason), case)| (*hours, *state, *reason, case));

        // Each hour around those at which something ends, and some between.
        let hours = (1..=9).chain([16, 23, 24, 25, 26, 48, 71, 72, 73, 110, 150, 167, 168, 169, 170, 178, 186, 194]);
        let mut before = 0;
        for hour in hours {
            later(&stack, (hour - before) * HOUR).await;
            for (hours, state, reason, case) in rows() {
                let found = case.record(&stack).await.case.unwrap().support.unwrap();
                let due = found.due_at().map(|at| at.0);
                let now = i64::try_from(super::case::time(&stack)).unwrap();
                assert!(due.is_none_or(|due| due > now), "{}: nothing is overdue: {found:?}", case.id);
                // A mail that waited for its hour gives its readers the whole time.
                if before > hours {
                    assert_eq!((found.state.name(), found.reason.code()), (state, reason), "after {hour} hours");
                }
            }
            before = hour;
        }
        all_mailed(&stack, &cases).await;
        for (_, state, reason, case) in rows() {
            let (reasons, subjects) = (case.reasons(&stack).await, case.subjects(&stack));
            assert_eq!(reminders(&stack, case) > 0, state == "waiting_for_agent", "{reason}: {reasons:?}");
            let late = reasons.iter().filter(|reason| **reason == "agent_late").count();
            assert_eq!(reminders(&stack, case), late, "{reason}: one mail each time");
            let is_open = case.record(&stack).await.record.dispute.state.is_open();
            let ended = state == "resolved" || reason == "customer_wrote_after_end";
            assert_eq!(is_open, !ended, "{reason}");
            let told = subjects.iter().filter(|subject| subject.contains("We still need your answer")).count();
            let was_asked = reasons.contains(&"question_asked") && reasons.contains(&"customer_silent");
            assert_eq!(told, usize::from(was_asked && !reasons.contains(&"agent_replied")), "{reason}: {subjects:?}");
        }
        let asked = cases[0].reasons(&stack).await;
        let at = |reason: &str| asked.iter().position(|known| *known == reason);
        assert!(at("reminded") < at("customer_silent"), "{asked:?}");

        // Silence after an answer closes the dispute, and the transaction is free.
        let answered = &cases[2];
        assert_eq!(answered.record(&stack).await.record.dispute.state.closing(), Some(Closing::Merchant));
        assert!(answered.subjects(&stack).iter().any(|subject| subject == "Your report is closed"));
        let again = Call::report(&CLIENT, &json!({ "refid": answered.transaction.refid }));
        let again = stack.send(&super::case::today(&stack, again)).await;
        assert!(again.text.contains("\"Success\""), "{again:?}");
        let waiting = listed(&stack, folder, "waiting_for_agent").await;
        assert_eq!(waiting.len(), cases.len() - 1, "all but the one that is resolved");
        // However often the supervisors were mailed, each has the limit that it came with.
        let limits: Vec<_> = waiting.iter().map(|case| case["limit_at"].as_str().unwrap()).collect();
        assert!(limits.is_sorted(), "{limits:?}");
        for case in &waiting {
            assert_eq!(case["overdue"], true, "{case}");
            assert!(case["limit_at"].as_str() < case["due_at"].as_str(), "{case}");
        }
        let shown = printed(&stack, folder, &["case", "show", waiting[0]["case"].as_str().unwrap()]).await;
        assert!(shown.contains(", overdue by 7 days, since "), "{shown}");
    });
}

/// An operator closes the dispute itself, and the case is not due for days.
#[test]
fn a_case_whose_dispute_is_closed_from_outside_ends_with_the_next_sweep() {
    run(async {
        let (stack, folder) = (Stack::start(defaults()).await, folder());
        let case = voucher_case(&stack).await;
        case.is(&stack, "waiting_for_customer", "question_asked").await;
        let close = ["dispute", "close", &case.id, "--for", "customer", "--why", "it never came"];
        printed(&stack, folder.path(), &close).await;
        until("the case is over", async || {
            stack.cloud().run_schedule(DEADLINES).await.unwrap();
            (case.state(&stack).await == ("resolved", "dispute_ended")).then_some(())
        })
        .await;
        assert_eq!(case.reasons(&stack).await.last(), Some(&"dispute_ended"));
    });
}

/// The same with limits of seconds, and with nobody who moves the clock.
#[test]
fn within_seconds_where_the_parameter_says_seconds() {
    run(async {
        let options = and(support_options(), "SupervisorAddresses", SUPERVISORS);
        let stack = Stack::start(options).await;
        let cases = [reported(&stack, "voucher").await, reported(&stack, "topup").await];
        provider_says(&stack, &cases[1], &json!({ "fail": "500" })).await;
        for (case, reason) in cases.iter().zip(["customer_silent", "provider_late"]) {
            until(&format!("an agent has the case: {reason}"), async || {
                stack.sweep().await;
                sleep(Duration::from_millis(200)).await;
                (case.state(&stack).await == ("waiting_for_agent", reason)).then_some(())
            })
            .await;
        }
        until("the supervisors are mailed about both", async || {
            stack.sweep().await;
            sleep(Duration::from_millis(200)).await;
            cases.iter().all(|case| reminders(&stack, case) > 0).then_some(())
        })
        .await;
        assert!(cases[0].subjects(&stack).iter().any(|subject| subject.contains("We still need your answer")));
        let line =
            stack.log().into_iter().rfind(|line| line.from == DEADLINES && line.text.contains("support_late_ms"));
        assert!(line.is_some(), "which the alarm SupportLate watches");
    });
}

/// The first mail bounces. The customer neither answers nor objects, and nobody waits for that.
#[test]
fn an_agent_has_the_case_of_a_customer_whose_mail_bounces_at_once() {
    run(async {
        let stack = Stack::start(defaults()).await;
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let [gone, other] = [simulator("bounce"), address()];
        let body = json!({ "refid": transaction.refid, "user_email": [gone] });
        let answer = stack.send(&Call::report(&CLIENT, &body)).await;
        assert!(answer.text.contains("\"Success\""), "{answer:?}");
        let second = stack.transaction("acct_demo", "Succesful").await;
        let body = json!({ "refid": second.refid, "user_email": [gone, other] });
        let answer = stack.send(&Call::report(&CLIENT, &body)).await;
        assert!(answer.text.contains("\"Success\""), "{answer:?}");
        let state = async |trxid: &str| {
            let number = stack.dispute(trxid).await.dispute.number;
            let case = stack.store().case_record(number).await.unwrap().unwrap().case.unwrap().support.unwrap();
            (case.state.name(), case.reason.code())
        };
        until("an agent has the case", async || {
            stack.sweep().await;
            let state = state(&transaction.trxid).await;
            (state == ("waiting_for_agent", "customer_unreachable")).then_some(())
        })
        .await;
        until("the other case asks its customer", async || {
            stack.sweep().await;
            (state(&second.trxid).await.0 == "waiting_for_customer").then_some(())
        })
        .await;
        stack.sweep().await;
        assert_eq!(state(&second.trxid).await.0, "waiting_for_customer", "one address of two is enough");
    });
}

/// A mail that comes too soon after the last one waits, and the agent sees which and until when.
#[test]
fn a_second_mail_within_the_hour_waits_for_it_and_is_shown() {
    run(async {
        let (stack, folder) = (Stack::start(defaults()).await, folder());
        let case = reported(&stack, "topup").await;
        provider_says(&stack, &case, &json!({ "state": "failed", "reference": "REF-9" })).await;
        stack.sweep().await;
        mailed(&stack, case.number).await;
        let before = case.subjects(&stack);
        case.is(&stack, "resolved", "provider_failed").await;
        assert_eq!(case.record(&stack).await.record.dispute.state.closing(), Some(Closing::Customer));

        // Whether the provider was quick enough for the first mail to say so, or a mail said first
        // that it was asked: the last word comes once, and not within the hour of another one.
        let last = "Your payment did not go through at the provider";
        if !before.iter().any(|subject| subject == last) {
            let shown = printed(&stack, folder.path(), &["case", "show", &case.id]).await;
            assert!(shown.contains("provider_failed") && shown.contains("held"), "{shown}");
            later(&stack, HOUR - 120).await;
            assert_eq!(case.subjects(&stack), before);
            later(&stack, 180).await;
            mailed(&stack, case.number).await;
        }
        let subjects = case.subjects(&stack);
        assert_eq!(subjects.iter().filter(|subject| *subject == last).count(), 1, "{subjects:?}");
        later(&stack, 9 * HOUR).await;
        assert_eq!(case.subjects(&stack), subjects, "nothing follows");
    });
}

/// The 21st automatic mail is not sent: a person has the case.
#[test]
fn a_customer_who_never_stops_writing_gets_no_more_than_twenty_automatic_mails() {
    run(async {
        let stack = Stack::start(and(defaults(), "SupportTimeLimits", "{\"mail_interval\":1,\"agent\":86400}")).await;
        let case = reported(&stack, "topup").await;
        provider_says(&stack, &case, &json!({ "state": "delivered" })).await;
        stack.sweep().await;
        for _ in 0..20 {
            // An end, and a mail after it, which has a mail of ours.
            for text in ["It still does not work.", "It works now, thank you."] {
                writes(&stack, &case, text).await;
                later(&stack, 61).await;
            }
        }
        mailed(&stack, case.number).await;
        let case_now = case.record(&stack).await.case.unwrap().support.unwrap();
        let told = (case.reasons(&stack).await, case.subjects(&stack));
        assert_eq!(case_now.counters.automatic_mails, 20, "{told:?}");
        // A mail that the end of the dispute overtakes is counted, and not sent any more.
        let mails = case.record(&stack).await.record.mails;
        let automatic = mails.iter().filter(|mail| mail.notification.template == EmailTemplate::SupportReply);
        let sent = case.mails(&stack).len() - 1;
        assert!(automatic.count() == 20 && (18..=20).contains(&sent), "{sent}: {told:?}");
    });
}
