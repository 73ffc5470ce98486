//! Reads the corpus of `tests/inbound_mail` and compares every mail with what it was made of.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use recourse_dispute::addresses::MailAddress;
use recourse_inbound::{AttachmentKind, Class, Deployment, InboundMail, Verdict, read};
use serde_json::{Value, json};

/// How many of a group's mails are right in each respect.
#[derive(Default)]
struct Figures {
    mails: usize,
    class: usize,
    text: usize,
    thread: usize,
    rest: usize,
}

fn class(class: Class) -> &'static str {
    match class {
        Class::Written => "written",
        Class::AutoReply => "auto_reply",
        Class::DeliveryReport => "delivery_report",
        Class::Helpdesk => "helpdesk",
        Class::CalendarInvitation => "calendar_invitation",
        Class::OurOwn => "our_own",
        Class::Unreadable => "unreadable",
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Gray => "gray",
        Verdict::Unknown => "unknown",
    }
}

/// The attachments as the table has them; a size that it leaves open is left out of both.
fn attachments(mail: &InboundMail<'_>, expected: &Value) -> Value {
    let listed = mail.attachments.iter().enumerate().map(|(index, attachment)| {
        let kind = match attachment.kind {
            AttachmentKind::File => "file",
            AttachmentKind::Message => "message",
            AttachmentKind::Tnef => "tnef",
            AttachmentKind::Signature => "signature",
        };
        let is_open = expected.get(index).is_some_and(|row| row.get("bytes").is_some_and(Value::is_null));
        let bytes = if is_open { Value::Null } else { json!(attachment.bytes.len()) };
        json!({"name": attachment.name, "bytes": bytes, "kind": kind, "inline": attachment.is_inline})
    });
    listed.collect()
}

#[test]
fn every_mail_says_what_it_was_made_of() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/inbound_mail");
    let table = fs::read_to_string(folder.join("expected.jsonl")).unwrap();
    let reply_address = MailAddress::parse("cases@example.com").unwrap();
    let deployment =
        Deployment { reply_address: &reply_address, own_headers: &["X-Recourse-Outbox"], own_message_ids: &[] };
    let mut groups: BTreeMap<String, Figures> = BTreeMap::new();
    let mut wrong = Vec::new();
    for line in table.lines() {
        let expected: Value = serde_json::from_str(line).unwrap();
        let id = expected["id"].as_str().unwrap();
        let raw = fs::read(folder.join(format!("mails/{id}.eml"))).unwrap();
        let mail = read(&raw, &deployment).unwrap();
        let mut complain = |what: &str, found: Value, wanted: &Value| {
            if found != *wanted {
                wrong.push(format!("{id}: {what} is\n  {found}\nrather than\n  {wanted}"));
            }
            found == *wanted
        };
        let is_class = complain("class", json!(class(mail.classified.class)), &expected["class"]);
        let is_text = complain("text", json!(mail.new_text.text), &expected["text"]) & !mail.new_text.truncated;
        let is_thread = complain("tokens", json!(mail.tokens), &expected["tokens"])
            & complain("in_reply_to", json!(mail.in_reply_to), &expected["in_reply_to"]);
        let mut is_rest = complain("from", json!(mail.from.as_ref().map(MailAddress::as_str)), &expected["from"])
            & complain("subject", json!(mail.subject), &expected["subject"])
            & complain("spam", json!(verdict(mail.verdicts.spam)), &expected["spam"])
            & complain("dmarc", json!(verdict(mail.verdicts.dmarc)), &expected["dmarc"]);
        if let Some(listed) = expected.get("attachments") {
            is_rest &= complain("attachments", attachments(&mail, listed), listed);
            let more = expected.get("more").cloned().unwrap_or(json!(0));
            is_rest &= complain("more", json!(mail.more_attachments), &more);
        }
        for group in [
            format!("client {}", expected["client"].as_str().unwrap()),
            format!("language {}", expected["language"].as_str().unwrap()),
            "all".to_owned(),
        ] {
            let figures = groups.entry(group).or_default();
            figures.mails += 1;
            figures.class += usize::from(is_class);
            figures.text += usize::from(is_text);
            figures.thread += usize::from(is_thread);
            figures.rest += usize::from(is_rest);
        }
    }
    for (group, Figures { mails, class, text, thread, rest }) in &groups {
        println!(
            "{group:<28} of {mails:>3} right: class {class:>3}, new text {text:>3}, token and thread {thread:>3}, the rest {rest:>3}"
        );
    }
    assert!(groups["all"].mails >= 300);
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
