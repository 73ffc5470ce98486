//! The marks of mails that no person wrote. Without a source, a mark is Recourse-specific: it comes
//! from the headers that the program is seen to write.

use crate::address::Sender;
use crate::fields::{Field, Fields};
use crate::mime::Structure;
use crate::{charset, subject, transfer};

/// Beginnings of header names that helpdesks write.
const HELPDESK_HEADERS: [(&str, &str); 18] = [
    ("x-zendesk-", "Zendesk header"),
    ("x-freshdesk-", "Freshdesk header"),
    ("x-freshservice-", "Freshservice header"),
    ("x-fd-", "Freshdesk header"),
    ("x-jira-", "Jira header"),
    ("x-atlassian-", "Jira header"),
    ("x-servicenow-", "ServiceNow header"),
    ("x-hubspot-", "HubSpot header"),
    ("x-hs-", "HubSpot header"),
    ("x-intercom-", "Intercom header"),
    ("x-otrs-", "OTRS header"),
    ("x-znuny-", "OTRS header"),
    ("rt-ticket", "Request Tracker header"),
    ("rt-originator", "Request Tracker header"),
    ("x-rt-", "Request Tracker header"),
    ("x-sfdc-", "Salesforce header"),
    ("x-helpscout-", "Help Scout header"),
    ("x-zohodesk-", "Zoho Desk header"),
];
/// What helpdesks write into `X-Mailer` and `X-Powered-By`.
const HELPDESK_PROGRAMS: [(&str, &str); 5] = [
    ("zendesk", "Zendesk program"),
    ("freshdesk", "Freshdesk program"),
    ("otrs", "OTRS program"),
    ("servicenow", "ServiceNow program"),
    ("hubspot", "HubSpot program"),
];
/// Domains of the message ids that helpdesks make.
const HELPDESK_IDS: [(&str, &str); 5] = [
    ("@zendesk.com", "Zendesk Message-ID"),
    (".zendesk.com", "Zendesk Message-ID"),
    ("freshdesk.com", "Freshdesk Message-ID"),
    ("@atlassian.jira", "Jira Message-ID"),
    ("intercom-mail.com", "Intercom Message-ID"),
];
/// How subjects of automatic answers begin: English, Malay, Chinese; after that, other languages of
/// Outlook.
const AWAY: [&str; 24] = [
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto response",
    "auto-response",
    "autoresponse",
    "out of office",
    "out of the office",
    "out-of-office",
    "balasan automatik",
    "jawapan automatik",
    "di luar pejabat",
    "tiada di pejabat",
    "bercuti",
    "自动答复",
    "自动回复",
    "自動回覆",
    "自動回复",
    "外出",
    "不在办公室",
    "réponse automatique",
    "automatische antwort",
    "balasan otomatis",
];

/// RFC 3462's `multipart/report`, or a mail system as the sender.
pub(super) fn report(mail: &Structure<'_>, sender: &Sender) -> Option<&'static str> {
    if mail.media.kind == "multipart/report" {
        return Some("multipart/report");
    }
    if mail.fields.named("X-Failed-Recipients").next().is_some() {
        return Some("X-Failed-Recipients");
    }
    let local = match sender {
        Sender::One(address) => address.as_str().split('@').next().unwrap_or_default().to_ascii_lowercase(),
        Sender::Local(local) => local.clone(),
        Sender::Missing | Sender::Several => return None,
    };
    (local == "mailer-daemon").then_some("mailer-daemon in From")
}

pub(super) fn helpdesk(fields: &Fields<'_>, message_id: Option<&str>) -> Option<&'static str> {
    let by_header = fields.all().iter().find_map(|field| {
        let name = field.name().to_ascii_lowercase();
        HELPDESK_HEADERS.iter().find(|(begin, _)| name.starts_with(begin)).map(|(_, mark)| *mark)
    });
    let by_program = || {
        let mut programs = fields
            .named("X-Mailer")
            .chain(fields.named("X-Powered-By"))
            .map(|field| field.first(200).to_ascii_lowercase());
        programs.find_map(|program| known(&HELPDESK_PROGRAMS, |name| program.contains(name)))
    };
    let by_id = || {
        let id = message_id?.to_ascii_lowercase();
        known(&HELPDESK_IDS, |end| id.ends_with(end))
    };
    by_header.or_else(by_program).or_else(by_id)
}

fn known(table: &[(&str, &'static str)], is_one: impl Fn(&str) -> bool) -> Option<&'static str> {
    table.iter().find(|(text, _)| is_one(text)).map(|(_, mark)| *mark)
}

/// iTIP (RFC 5546): a calendar part that asks somebody or answers. A published event is a file.
pub(super) fn calendar(mail: &Structure<'_>) -> Option<&'static str> {
    let is_asking = |method: &str| {
        matches!(
            method.trim().to_ascii_uppercase().as_str(),
            "REQUEST" | "REPLY" | "CANCEL" | "COUNTER" | "DECLINECOUNTER" | "ADD"
        )
    };
    mail.parts.iter().take(100).filter(|part| part.media.kind == "text/calendar").find_map(|part| {
        if let Some(method) = &part.media.method {
            return is_asking(method).then_some("text/calendar with a method");
        }
        // METHOD is among the first lines.
        let body = transfer::decode(part.body.get(..8192).unwrap_or(part.body), &part.media.encoding);
        let text = charset::undeclared(&body);
        let method = text.lines().find_map(|line| line.trim().strip_prefix("METHOD:"));
        method.is_some_and(is_asking).then_some("METHOD in text/calendar")
    })
}

/// Headers that only programs write.
pub(super) fn automatic(fields: &Fields<'_>) -> Option<&'static str> {
    let any = |name: &'static str, is_mark: fn(&str) -> bool| fields.named(name).any(|field| is_mark(&keyword(field)));
    if any("Auto-Submitted", |value| !value.is_empty() && value != "no") {
        // RFC 3834, 5.
        Some("Auto-Submitted")
    } else if any("X-Auto-Response-Suppress", |value| !value.is_empty() && value != "none") {
        Some("X-Auto-Response-Suppress")
    } else if fields.named("X-Autoreply").chain(fields.named("X-Autorespond")).any(|field| keyword(field) != "no") {
        Some("X-Autoreply")
    } else if any("Precedence", |value| matches!(value, "bulk" | "junk" | "list" | "auto_reply" | "auto-reply")) {
        Some("Precedence")
    } else if fields.named("X-MS-Exchange-Generated-Message-Source").next().is_some() {
        Some("X-MS-Exchange-Generated-Message-Source")
    } else if fields.named("X-MS-Exchange-Inbox-Rules-Loop").next().is_some() {
        Some("X-MS-Exchange-Inbox-Rules-Loop")
    } else {
        None
    }
}

/// The subject of an automatic answer, together with another mark: alone it is any person's to
/// write.
pub(super) fn away(fields: &Fields<'_>, sender: &Sender) -> Option<&'static str> {
    let subject = subject::subject(fields).to_lowercase();
    if !AWAY.iter().any(|begin| subject.starts_with(begin)) {
        return None;
    }
    let is_nobody = match sender {
        Sender::One(address) => {
            let local = address.as_str().split('@').next().unwrap_or_default().to_ascii_lowercase();
            matches!(local.as_str(), "noreply" | "no-reply" | "donotreply" | "do-not-reply")
        }
        Sender::Missing | Sender::Several | Sender::Local(_) => false,
    };
    if has_null_path(fields) {
        Some("subject and empty Return-Path")
    } else if fields.named("X-Loop").next().is_some() {
        Some("subject and X-Loop")
    } else {
        is_nobody.then_some("subject and no-reply sender")
    }
}

/// The empty envelope sender of mails that must not be answered (RFC 5321, 4.5.5). SES writes it at
/// the top.
pub(super) fn has_null_path(fields: &Fields<'_>) -> bool {
    fields
        .named("Return-Path")
        .next()
        .is_some_and(|field| field.first(100).chars().filter(|letter| !letter.is_whitespace()).eq("<>".chars()))
}

/// The first word of a value, in lower case, without a comment and parameters.
fn keyword(field: &Field<'_>) -> String {
    let value = field.first(200);
    let word = value.split([';', '(', ',']).next().unwrap_or_default();
    word.trim().to_ascii_lowercase()
}
