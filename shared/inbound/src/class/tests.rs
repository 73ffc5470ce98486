use super::*;
use crate::tests::read_mail;

fn of(headers: &str) -> Classified {
    let raw = format!("{headers}To: cases@example.com\r\n\r\nHello");
    read_mail(raw.as_bytes()).classified
}

#[test]
fn each_mark_decides() {
    let from = "From: a@example.org\r\n";
    for (headers, class, mark) in [
        ("", Class::Written, "no mark of a program"),
        ("Auto-Submitted: no\r\n", Class::Written, "no mark of a program"),
        ("Auto-Submitted: No (a person)\r\n", Class::Written, "no mark of a program"),
        ("X-Auto-Response-Suppress: None\r\n", Class::Written, "no mark of a program"),
        ("Precedence: first-class\r\n", Class::Written, "no mark of a program"),
        ("Subject: Out of office\r\n", Class::Written, "no mark of a program"),
        ("Return-Path: <a@example.org>\r\nSubject: Automatic reply: x\r\n", Class::Written, "no mark of a program"),
        ("Auto-Submitted: auto-replied; x=y\r\n", Class::AutoReply, "Auto-Submitted"),
        ("Auto-Submitted: no\r\nAuto-Submitted: auto-generated\r\n", Class::AutoReply, "Auto-Submitted"),
        ("X-Auto-Response-Suppress: OOF\r\n", Class::AutoReply, "X-Auto-Response-Suppress"),
        ("X-Autorespond: x\r\n", Class::AutoReply, "X-Autoreply"),
        ("Precedence: LIST\r\n", Class::AutoReply, "Precedence"),
        ("X-MS-Exchange-Inbox-Rules-Loop: x\r\n", Class::AutoReply, "X-MS-Exchange-Inbox-Rules-Loop"),
        (
            "Return-Path: <>\r\nSubject: =?utf-8?B?6Ieq5Yqo5Zue5aSN?=: x\r\n",
            Class::AutoReply,
            "subject and empty Return-Path",
        ),
        ("Return-Path: < >\r\n", Class::DeliveryReport, "empty Return-Path"),
        (
            "Content-Type: multipart/report; boundary=x\r\nAuto-Submitted: auto-replied\r\n",
            Class::DeliveryReport,
            "multipart/report",
        ),
        ("X-Zendesk-Email-Id: 1\r\nAuto-Submitted: auto-generated\r\n", Class::Helpdesk, "Zendesk header"),
        ("RT-Ticket: x #1\r\n", Class::Helpdesk, "Request Tracker header"),
        ("Message-ID: <JIRA.1.2@Atlassian.JIRA>\r\n", Class::Helpdesk, "Jira Message-ID"),
        ("Content-Type: text/calendar; method=request\r\n", Class::CalendarInvitation, "text/calendar with a method"),
        ("Content-Type: text/calendar; method=publish\r\n", Class::Written, "no mark of a program"),
        ("x-recourse-outbox: 1\r\n", Class::OurOwn, "a header of Recourse's"),
        ("Message-ID: <ours@example.com>\r\n", Class::OurOwn, "a Message-ID of Recourse's"),
        ("From: b@example.org\r\nX-Recourse-Outbox: 1\r\n", Class::Unreadable, "several senders in From"),
    ] {
        assert_eq!(of(&format!("{from}{headers}")), Classified { class, mark }, "{headers}");
    }
}

#[test]
fn senders_decide_too() {
    for (from, class) in [
        ("From: MAILER-DAEMON@mx.test\r\n", Class::DeliveryReport),
        ("From: Mail Delivery Subsystem <mailer-daemon>\r\n", Class::DeliveryReport),
        ("From: cases+x@EXAMPLE.com\r\n", Class::OurOwn),
        ("From: cases@example.org\r\n", Class::Written),
        ("From: nobody\r\n", Class::Unreadable),
        ("", Class::Unreadable),
        ("Auto-Submitted: auto-replied\r\n", Class::AutoReply),
    ] {
        assert_eq!(of(from).class, class, "{from}");
    }
}
