//! Mails of programs, each of which would answer an answer of ours. All of them say what closes a
//! case when a person says it.

use crate::support::case::{CASES, Case, wire_id};
use crate::support::eml::Eml;

/// A mail of a program.
pub(super) struct Machine {
    pub(super) what: &'static str,
    pub(super) raw: Vec<u8>,
}

/// Name of a header, and its value.
const MARKS: [(&str, &str, &str); 13] = [
    ("an automatic reply", "Auto-Submitted", "auto-replied"),
    ("a program's own mail", "Auto-Submitted", "auto-generated; owner=x"),
    ("Exchange's wish", "X-Auto-Response-Suppress", "All"),
    ("an old autoresponder", "X-Autoreply", "yes"),
    ("another one", "X-Autorespond", "vacation"),
    ("bulk", "Precedence", "bulk"),
    ("junk", "Precedence", "junk"),
    ("an automatic reply of old", "Precedence", "auto_reply"),
    ("Exchange's rule", "X-MS-Exchange-Inbox-Rules-Loop", "user@customer.example"),
    ("Zendesk", "X-Zendesk-From-Account-Id", "4471"),
    ("Freshdesk", "X-Freshdesk-Ticket-Id", "12"),
    ("Jira", "X-JIRA-FingerPrint", "abc"),
    ("a bounce", "X-Failed-Recipients", "user@customer.example"),
];

/// The mails, all in the customer's name and about `case`.
pub(super) fn all(case: &Case) -> Vec<Machine> {
    let says = || case.mail("It works now, thank you.");
    let mut all: Vec<_> =
        MARKS.iter().map(|(what, name, value)| Machine { what, raw: says().with(name, value).bytes() }).collect();
    let mut add = |what: &'static str, mail: Eml| all.push(Machine { what, raw: mail.bytes() });
    add("our own address", says().with("From", CASES));
    add("our own plus-address", says().with("From", &case.reply_to));
    add(
        "our own mail, come back",
        says()
            .with("From", &case.user)
            .with("Message-ID", &wire_id(&case.first))
            .with("Auto-Submitted", "auto-generated"),
    );
    add("no envelope sender", says().on_top("Return-Path", "<>"));
    add("a mail system", says().with("From", "Mail Delivery System <MAILER-DAEMON@mx.customer.example>"));
    add("out of office", says().with("Subject", "Automatic reply: away").on_top("Return-Path", "<>"));
    add(
        "an invitation's answer",
        says().file(
            "invite.ics",
            "text/calendar; method=REPLY",
            b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n",
        ),
    );
    let mut report = String::from_utf8(says().without("MIME-Version").bytes()).unwrap();
    let (headers, _) = report.split_once("Content-Type").unwrap();
    let headers = headers.to_owned();
    report = format!(
        "{headers}MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"r\"\r\n\r\n\
         --r\r\nContent-Type: text/plain\r\n\r\nIt works now, thank you.\r\n--r\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.customer.example\r\n\r\nFinal-Recipient: rfc822; {}\r\nAction: failed\r\nStatus: 5.1.1\r\n--r--\r\n",
        case.user
    );
    all.push(Machine { what: "a delivery report", raw: report.into_bytes() });
    all
}
