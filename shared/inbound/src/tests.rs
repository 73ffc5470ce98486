//! Mails that are made to break a reader: huge, deep, endless, forged.

mod arbitrary;

use super::*;
use limits::*;

/// What [`read`] makes of a mail, with `cases@example.com` as the reply address.
pub(crate) fn read_mail(raw: &[u8]) -> InboundMail<'_> {
    let reply_address = MailAddress::parse("cases@example.com").unwrap();
    let deployment = Deployment {
        reply_address: &reply_address,
        own_headers: &["X-Recourse-Outbox"],
        own_message_ids: &["ours@example.com"],
    };
    read(raw, &deployment).unwrap()
}

/// Reads a mail, which is within its bounds.
fn read_bounded(raw: &[u8]) -> InboundMail<'_> {
    let mail = read_mail(raw);
    assert_bounds(&mail);
    mail
}

/// What holds of every mail.
fn assert_bounds(mail: &InboundMail<'_>) {
    let is_shown = |text: &str| !text.chars().any(recourse_dispute::text::is_invisible);
    assert!(mail.new_text.text.chars().count() <= MAX_TEXT);
    assert!(mail.new_text.text.lines().all(is_shown));
    assert!(mail.subject.chars().count() <= MAX_SUBJECT && is_shown(&mail.subject));
    assert!(mail.recipients.len() <= MAX_RECIPIENTS && mail.tokens.len() <= mail.recipients.len());
    assert!(mail.references.len() <= MAX_REFERENCES);
    let ids = mail.references.iter().chain(&mail.message_id).chain(&mail.in_reply_to);
    for id in ids {
        assert!(is_shown(id) && !id.contains(['<', '>']) && id.chars().count() <= MAX_MESSAGE_ID, "{id}");
    }
    assert!(mail.attachments.len() <= MAX_ATTACHMENTS);
    for attachment in &mail.attachments {
        assert!((1..=MAX_NAME).contains(&attachment.name.len()) && is_shown(&attachment.name));
        assert!(!attachment.name.contains(['/', '\\']));
        assert!(attachment.media_type.is_ascii());
    }
}

const HEAD: &str = "From: a@example.org\r\nTo: cases+tok@example.com\r\nSubject: s\r\nMIME-Version: 1.0\r\n";

#[test]
fn a_mail_that_is_too_large_is_an_error() {
    let reply_address = MailAddress::parse("cases@example.com").unwrap();
    let deployment = Deployment { reply_address: &reply_address, own_headers: &[], own_message_ids: &[] };
    let bytes = vec![b'a'; MAX_MAIL + 1];
    assert_eq!(read(&bytes, &deployment), Err(ReadError::TooLarge { bytes: MAX_MAIL + 1 }));
}

#[test]
fn an_empty_mail_says_nothing() {
    let mail = read_bounded(b"");
    assert_eq!(mail.classified.class, Class::Unreadable);
    assert!(mail.from.is_none() && mail.new_text.is_empty() && mail.attachments.is_empty());
}

#[test]
fn ten_thousand_parts_are_read_and_no_more() {
    let part = "--b\r\nContent-Type: application/pdf; name=\"a.pdf\"\r\n\r\nx\r\n";
    for (parts, is_cut) in [(10_000, false), (10_001, true), (60_000, true)] {
        let raw = format!("{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n{}--b--\r\n", part.repeat(parts));
        let mail = read_bounded(raw.as_bytes());
        assert_eq!((mail.attachments.len(), mail.more_attachments, mail.has_more_parts), (20, 9_980, is_cut));
    }
}

#[test]
fn multiparts_are_opened_up_to_a_depth() {
    for (depth, text) in [(1, "deep"), (20, "deep"), (21, ""), (5_000, "")] {
        let mut raw = HEAD.to_owned();
        for level in 0..depth {
            raw.push_str(&format!("Content-Type: multipart/mixed; boundary=\"b{level}\"\r\n\r\n--b{level}\r\n"));
        }
        raw.push_str("Content-Type: text/plain\r\n\r\ndeep\r\n");
        assert_eq!(read_bounded(raw.as_bytes()).new_text.text, text, "{depth}");
    }
}

#[test]
fn forty_megabytes_of_attachment_are_read() {
    let head = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHere.\r\n--b\r\nContent-Disposition: attachment; filename=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    );
    let line = format!("{}\r\n", "QUJD".repeat(19));
    let count = (MAX_MAIL - head.len() - 16) / line.len();
    let raw = format!("{head}{}--b--\r\n", line.repeat(count));
    let mail = read_bounded(raw.as_bytes());
    assert_eq!(mail.new_text.text, "Here.");
    assert_eq!(mail.attachments[0].bytes.len(), count * 57);
}

/// Mails that make some parsers take quadratic time.
#[test]
fn no_shape_takes_out_of_proportion_long() {
    let many = |piece: &str, bytes: usize| piece.repeat(bytes / piece.len());
    // Enough to tell: the square of it is out of reach.
    let mega = 64 * 1024;
    for raw in [
        format!("{HEAD}X-Long: {}\r\n\r\nbody", many("a", mega)),
        format!("From: {}\r\n\r\nbody", many("a@b.test, ", mega)),
        format!("To: {}\r\n\r\nbody", many("((((", mega)),
        format!("To: {}\r\n\r\nbody", many("\"", mega)),
        format!("Subject: {}\r\n\r\nbody", many("=?utf-8?q?", mega)),
        format!("Subject: {}\r\n\r\nbody", many("=?utf-8?b?YQ==?= ", mega)),
        format!("To: {}\r\n\r\nbody", many("=?utf-8?q?=", mega)),
        format!("References: {}\r\n\r\nbody", many("<a@b>", mega)),
        format!("References: {}\r\n\r\nbody", many("<", mega)),
        format!("Content-Type: text/plain; {}\r\n\r\nbody", many("a*1*=\"b\"; ", mega)),
        format!("Content-Type: text/plain; {}\r\n\r\nbody", many("name*9=b; ", mega)),
        format!("Content-Type: {}\r\n\r\nbody", many("(", mega)),
        format!("{}\r\n\r\nbody", many("X: y\r\n", mega)),
        format!("{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", many("--\r\n", 4 * mega)),
        format!(
            "{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n{}",
            many("--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n", mega)
        ),
        format!("{HEAD}Content-Type: multipart/mixed\r\n\r\n{}", many("--x\r\n", mega)),
        format!("{HEAD}Content-Transfer-Encoding: quoted-printable\r\n\r\n{}", many("= ", mega)),
        format!("{HEAD}Content-Transfer-Encoding: base64\r\n\r\n{}", many("=", mega)),
        format!("{HEAD}\r\n{}", many("> \n", 4 * mega)),
        format!("{HEAD}\r\n{}", many("--\n", 4 * mega)),
        format!("{HEAD}\r\n{}", many("On 1 a@b\n", 4 * mega)),
        format!("{HEAD}\r\n{}", many("On 1 a@b ", mega)),
        format!("{HEAD}\r\n{}", many("From: a\n", mega)),
        format!("{HEAD}\r\n{}", many("Sent from my iPhone\n", mega)),
        format!("{HEAD}Content-Type: text/html\r\n\r\n{}", many("<div>", mega)),
        format!("{HEAD}Content-Type: text/html\r\n\r\n{}", many("<div></b>", mega)),
        format!("{HEAD}Content-Type: text/html\r\n\r\n{}", many("<blockquote type=cite>a", mega)),
        format!("{HEAD}Content-Type: text/html\r\n\r\nOn 1 {}:{}", many("a", 4 * mega), many("<blockquote>", 4 * mega)),
        format!("{HEAD}Content-Type: text/html\r\n\r\n<a {}>", many("b=c ", mega)),
        format!("{HEAD}Content-Type: text/html\r\n\r\n{}", many("<", mega)),
        format!("{HEAD}Content-Type: text/html\r\n\r\n{}", many("<!--", mega)),
        format!("{HEAD}Content-Type: text/html\r\n\r\n{}", many("&amp", mega)),
        format!("{HEAD}Content-Type: text/plain; format=flowed\r\n\r\n{}", many("a \n", mega)),
    ] {
        read_bounded(raw.as_bytes());
    }
}

#[test]
fn nul_bytes_and_garbage_give_a_mail() {
    let nul = vec![0; 100_000];
    read_bounded(&nul);
    let garbage: Vec<u8> = (0..=255_u8).cycle().take(300_000).collect();
    read_bounded(&garbage);
    let mut raw = HEAD.as_bytes().to_vec();
    raw.extend(b"\r\n");
    raw.extend(garbage);
    assert!(!read_bounded(&raw).new_text.is_empty());
}

#[test]
fn debug_shows_nothing_of_the_mail() {
    let raw = "From: secret@example.org\r\nTo: cases+token@example.com\r\nSubject: secret\r\nMessage-ID: <secret@x>\r\nContent-Type: text/plain\r\n\r\nsecret";
    let shown = format!("{:?}", read_mail(raw.as_bytes()));
    assert!(!shown.contains("secret") && !shown.contains("token"), "{shown}");
}

/// Tokens come from headers alone, whatever a text or an inner mail says.
#[test]
fn tokens_in_texts_and_inner_mails_do_not_count() {
    let raw = "From: a@example.org\r\nTo: x@example.org\r\nSubject: cases+sub@example.com\r\nReply-To: cases+re@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\nTo: cases+pre@example.com\r\n--b\r\nTo: cases+part@example.com\r\n\r\nTo: cases+text@example.com\r\n> cases+quoted@example.com\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nTo: cases+inner@example.com\r\n\r\nx\r\n--b--\r\n";
    let mail = read_mail(raw.as_bytes());
    assert!(mail.tokens.is_empty());
    assert_eq!(mail.new_text.text, "To: cases+text@example.com");
}
