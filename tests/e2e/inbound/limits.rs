//! How much mail may come in: 40 MB at once, five mails a minute that move a case, and one mail of
//! ours a day about a sender of no case.

use std::time::Instant;

use serde_json::json;

use crate::crash::instances;
use crate::harness::{INBOUND, Stack, run, unique};
use crate::support::case::{
    CASES, later, mailed, outcome, provider_says, receive, reported, unhurried, voucher_case, writes,
};
use crate::support::eml::Eml;

/// The memory that the function has in template.yaml.
const MEMORY: u64 = 1536 * 1024 * 1024;

/// The most memory that a process of this function has had so far, in bytes.
fn peak(stack: &Stack) -> u64 {
    let peaks = instances(stack, INBOUND).into_iter().filter_map(|instance| {
        let status = std::fs::read_to_string(format!("/proc/{}/status", instance.pid)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    });
    peaks.max().unwrap_or_default() * 1024
}

#[test]
fn a_mail_of_forty_megabytes_is_noted_within_memory_and_time() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let case = reported(&stack, "voucher").await;
        // 20 MB of a file are 27 MB in base64; the rest is text.
        let content = vec![7_u8; 20 * 1024 * 1024];
        let text = format!("Here it is.\n{}", "What I saw next was this.\n".repeat(450_000));
        let raw = case.mail(&text).file("video.mp4", "video/mp4", &content).bytes();
        assert!((38_000_000..41_900_000).contains(&raw.len()), "{}", raw.len());
        let started = Instant::now();
        let object = stack.receive(&raw, "dmarc=pass").await.unwrap();
        // The function ends when its minute is over, here as in Lambda.
        let done = outcome(&stack, &object).await;
        let given_up = stack.log().into_iter().find(|line| line.text.contains("given up"));
        assert!(given_up.is_none(), "{given_up:?}");
        let (took, peak) = (started.elapsed(), peak(&stack));
        println!("{} bytes in {took:.1?}, with {} MB of memory", raw.len(), peak / 1024 / 1024);
        assert_eq!((done.outcome.as_str(), done.number), ("recorded", Some(case.number)), "{done:?}");
        assert!(peak > 0 && peak < MEMORY, "{peak}");
        let messages = case.record(&stack).await.messages;
        let message = messages.iter().find(|message| message.object.as_ref() == Some(&object)).unwrap();
        // A build for development on a busy machine does not read it in the time that it gives
        // itself. Then the mail is noted without its text, and a person looks.
        let is_read = message.text.starts_with("Here it is.");
        if is_read {
            assert!(message.truncated);
            assert!(!message.attachments[0].accepted && message.attachments[0].reason.is_some(), "{message:?}");
        }
        println!("it was {}", if is_read { "read" } else { "noted without its text" });
        assert!(is_read || (message.text.is_empty() && case.state(&stack).await.0 == "waiting_for_agent"));
    });
}

/// SES takes no larger one.
#[test]
fn a_larger_mail_is_refused_by_ses() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let raw = vec![b'x'; 42 * 1024 * 1024];
        let request = http::Request::post("/inbox/receive").header("content-type", "message/rfc822");
        let answer = stack.raw(request.body(raw).unwrap()).await;
        assert_eq!(answer.status, 413, "{answer:?}");
        // One to nobody here is refused as well.
        let mail = Eml::new("a@b.example", "nobody@else.example", "Hello", "Hello").bytes();
        let request = http::Request::post("/inbox/receive").header("content-type", "message/rfc822");
        assert_eq!(stack.raw(request.body(mail).unwrap()).await.status, 422);
    });
}

#[test]
fn the_sixth_mail_of_a_minute_is_kept_and_waits_for_a_person() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let case = reported(&stack, "topup").await;
        provider_says(&stack, &case, &json!({ "state": "pending" })).await;
        stack.sweep().await;
        for n in 1..=5 {
            writes(&stack, &case, "Thank you!").await;
            assert_eq!(case.state(&stack).await.0, "waiting_for_provider", "after {n}");
        }
        // It would close the case.
        writes(&stack, &case, "It works now.").await;
        case.is(&stack, "waiting_for_agent", "too_many_mails").await;
        let record = case.record(&stack).await;
        assert_eq!(record.messages.iter().filter(|message| message.from.is_some()).count(), 6);
        assert!(record.record.dispute.state.is_open());
        // A minute later it does.
        later(&stack, 61).await;
        writes(&stack, &case, "It works now.").await;
        case.is(&stack, "resolved", "customer_says_works").await;
    });
}

#[test]
fn a_mail_of_no_case_is_told_to_our_people_once_a_day_and_sender() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let senders = [unique("guest"), unique("guest")].map(|name| format!("{name}@somewhere.example"));
        let text = "Please <b>help</b> me, see https://evil.example";
        for n in 0..3 {
            for sender in &senders {
                let mail = Eml::new(sender, CASES, &format!("Question {n}"), text);
                let object = receive(&stack, &mail, "dmarc=pass").await;
                let done = outcome(&stack, &object).await;
                assert_eq!((done.outcome.as_str(), done.number), ("no_case", None));
            }
        }
        let ours = stack.inbox("support@recourse.example", senders.len()).await;
        later(&stack, 61).await;
        assert_eq!(stack.mails_to("support@recourse.example").len(), senders.len());
        assert!(senders.iter().all(|sender| stack.mails_to(sender).is_empty()), "nobody is answered");
        for mail in &ours {
            assert_eq!(super::checker::violations_of_no_case(mail), Vec::<String>::new());
            assert!(!mail.html.as_ref().unwrap().contains("<b>help"), "{mail:?}");
        }
        let line = stack.log().into_iter().find(|line| line.from == INBOUND && line.text.contains("\"no_case\""));
        assert!(line.is_some(), "which the alarm InboundUnmatched watches");
        // Tomorrow is another day.
        later(&stack, 24 * 60 * 60).await;
        receive(&stack, &Eml::new(&senders[0], CASES, "Question", "Hello?"), "dmarc=pass").await;
        stack.inbox("support@recourse.example", senders.len() + 1).await;
        // Programs are told of to nobody.
        let bounce = Eml::new("mailer-daemon@mx.example", CASES, "Undelivered", "It came back.");
        receive(&stack, &bounce.on_top("Return-Path", "<>"), "dmarc=pass").await;
        later(&stack, 61).await;
        assert_eq!(stack.mails_to("support@recourse.example").len(), senders.len() + 1);
    });
}

/// Nothing personal of a mail is in a log line.
#[test]
fn no_log_line_has_an_address_a_subject_or_a_text() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let case = voucher_case(&stack).await;
        let mail = case.mail("My secret is zanzibar.").with("Subject", "Re: quetzal");
        let mail = mail.file("marmalade.exe", "application/octet-stream", b"MZ");
        receive(&stack, &mail.clone().with("From", &format!("\"Ocelot\" <{}>", case.user)), "dmarc=pass").await;
        receive(&stack, &mail.with("From", "ocelot@evil.example").with("Message-ID", "<a@ocelot.example>"), "").await;
        stack.sweep().await;
        mailed(&stack, case.number).await;
        for line in stack.log() {
            let text = line.text.to_lowercase();
            for secret in ["zanzibar", "quetzal", "marmalade", "ocelot", case.user.as_str()] {
                assert!(!text.contains(secret), "{line:?}");
            }
        }
    });
}
