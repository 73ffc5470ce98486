//! A customer's reply to a mail of the inbox, as a mail program writes it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::random::uuid;
use crate::ses::AcceptedMail;

/// The longest piece of text in an encoded word, in bytes: its base64 with its marks then fits into
/// the 75 characters of RFC 2047.
const ENCODED_WORD: usize = 45;
/// The characters of a line of base64.
const LINE: usize = 76;

/// What the customer wrote.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    /// Who writes: one of the mail's readers, or somebody else.
    pub(crate) from: String,
    pub(crate) text: String,
    pub(crate) files: Vec<File>,
}

/// An attachment.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) media: String,
    pub(crate) bytes: Vec<u8>,
}

impl Reply {
    /// The reply as bytes, as it is handed to the customer's mail server at this time.
    pub(crate) fn to(&self, mail: &AcceptedMail, at: OffsetDateTime) -> Vec<u8> {
        let date = at.format(&Rfc2822).unwrap_or_default();
        let id = mail_id(mail);
        let earlier = mail.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("references"));
        let references = earlier.map_or_else(|| id.clone(), |(_, ids)| format!("{ids} {id}"));
        let subject = mail.subject.trim();
        let is_reply = subject.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("re:"));
        let subject = if is_reply { subject.to_owned() } else { format!("Re: {subject}") };
        let to = if mail.reply_to.is_empty() { mail.from.clone() } else { mail.reply_to.join(", ") };
        let mut head = vec![
            ("Date", date.clone()),
            ("From", self.from.clone()),
            ("To", to),
            ("Subject", encoded(&subject)),
            ("Message-ID", format!("<{}@customer.example>", uuid())),
            ("In-Reply-To", id),
            ("References", references),
            ("MIME-Version", "1.0".to_owned()),
        ];
        let text = part("text/plain; charset=utf-8", &[], self.words(mail).as_bytes());
        let body = if self.files.is_empty() {
            text
        } else {
            let boundary = format!("=_{}", uuid());
            head.push(("Content-Type", format!("multipart/mixed; boundary=\"{boundary}\"")));
            let parts = std::iter::once(text).chain(self.files.iter().map(File::part));
            let parts: String = parts.map(|part| format!("--{boundary}\r\n{part}\r\n")).collect();
            format!("\r\n{parts}--{boundary}--\r\n")
        };
        let head: String = head.into_iter().map(|(name, value)| format!("{name}: {}\r\n", one_line(&value))).collect();
        format!("{head}{body}").into_bytes()
    }

    /// What the customer wrote, and below it the mail that it answers.
    fn words(&self, mail: &AcceptedMail) -> String {
        let seconds = i64::try_from(mail.at / 1_000).unwrap_or_default();
        let sent = OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|at| at.format(&Rfc2822).ok());
        let quoted: String =
            mail.text.as_deref().unwrap_or_default().lines().map(|line| format!("> {line}\r\n")).collect();
        let text: String = self.text.lines().map(|line| format!("{line}\r\n")).collect();
        format!("{text}\r\nOn {}, {} wrote:\r\n{quoted}", sent.unwrap_or_default(), mail.from)
    }
}

impl File {
    fn part(&self) -> String {
        let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\') || c == ' ';
        let name: String = self.name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
        let mut disposition = format!("Content-Disposition: attachment; filename=\"{name}\"");
        if name != self.name {
            let encoded = utf8_percent_encode(&self.name, NON_ALPHANUMERIC);
            disposition.push_str(&format!(";\r\n filename*=UTF-8''{encoded}"));
        }
        part(&media(&self.media), &[disposition], &self.bytes)
    }
}

/// The id of a mail of ours, as its readers see it.
fn mail_id(mail: &AcceptedMail) -> String {
    let headers = mail.wire_headers();
    headers.into_iter().find(|(name, _)| name == "Message-ID").map(|(_, value)| value).unwrap_or_default()
}

/// A part in base64, with its headers.
fn part(media: &str, headers: &[String], bytes: &[u8]) -> String {
    let encoded = BASE64_STANDARD.encode(bytes);
    let mut text = format!("Content-Type: {media}\r\nContent-Transfer-Encoding: base64\r\n");
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    text.push_str("\r\n");
    for line in encoded.as_bytes().chunks(LINE) {
        // Base64 is ASCII.
        text.push_str(&String::from_utf8_lossy(line));
        text.push_str("\r\n");
    }
    text
}

/// A browser's media type, or that of bytes of any kind.
fn media(text: &str) -> String {
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'-' | b'_'))
    };
    let is_one = text.len() <= 100 && text.split_once('/').is_some_and(|(kind, sub)| is_part(kind) && is_part(sub));
    if is_one { text.to_ascii_lowercase() } else { "application/octet-stream".to_owned() }
}

/// A header's text, in encoded words of RFC 2047 where it is not ASCII.
fn encoded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut words = vec![String::new()];
    for letter in text.chars() {
        if words.last().is_some_and(|word| word.len().saturating_add(letter.len_utf8()) > ENCODED_WORD) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(letter);
        }
    }
    let words: Vec<String> = words.iter().map(|word| format!("=?UTF-8?B?{}?=", BASE64_STANDARD.encode(word))).collect();
    words.join("\r\n ")
}

/// A header's value without anything that could begin another header. Folds of our own stay.
fn one_line(value: &str) -> String {
    let folded = value.replace("\r\n ", "\u{1f}");
    let clean: String = folded.chars().map(|c| if c.is_control() && c != '\u{1f}' { ' ' } else { c }).collect();
    clean.replace('\u{1f}', "\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ses::{Envelope, Ses};

    fn mail() -> AcceptedMail {
        let mail = serde_json::json!({
            "message_id": "0100-1", "at": 1_772_791_200_000_u64, "from": "Recourse <cases@recourse.example>",
            "to": ["user@example.com"], "cc": ["ops@example.com"], "bcc": [], "reply_to": ["cases+tok@recourse.example"],
            "subject": "[RC-1] Sila hantar gambar baucar anda \u{2013} segera", "text": "One\nTwo", "html": null,
            "headers": [["References", "<0100-0@email.amazonses.com>"]], "tags": [],
        });
        serde_json::from_value(mail).unwrap()
    }

    fn reply(text: &str, files: Vec<File>) -> String {
        let reply = Reply { from: "user@example.com".to_owned(), text: text.to_owned(), files };
        String::from_utf8(reply.to(&mail(), OffsetDateTime::UNIX_EPOCH)).unwrap()
    }

    #[test]
    fn a_reply_is_of_the_thread_and_quotes_the_mail() {
        let reply = reply("It works\nnow", vec![]);
        for line in [
            "From: user@example.com\r\n",
            "To: cases+tok@recourse.example\r\n",
            "In-Reply-To: <0100-1@email.amazonses.com>\r\n",
            "References: <0100-0@email.amazonses.com> <0100-1@email.amazonses.com>\r\n",
            "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n",
        ] {
            assert!(reply.contains(line), "{line}: {reply}");
        }
        let subject = reply.split_once("Subject: ").unwrap().1.split_once("\r\nMessage-ID").unwrap().0;
        assert!(
            subject.lines().all(|line| line.len() <= 76 && line.trim_start().starts_with("=?UTF-8?B?")),
            "{subject}"
        );
        let body = reply.split_once("\r\n\r\n").unwrap().1.replace("\r\n", "");
        let body = String::from_utf8(BASE64_STANDARD.decode(body).unwrap()).unwrap();
        let quote =
            "On Fri, 06 Mar 2026 10:00:00 +0000, Recourse <cases@recourse.example> wrote:\r\n> One\r\n> Two\r\n";
        assert_eq!(body, format!("It works\r\nnow\r\n\r\n{quote}"));
    }

    #[test]
    fn files_are_attached_with_their_names() {
        let file =
            |name: &str, media: &str| File { name: name.to_owned(), media: media.to_owned(), bytes: vec![0xff; 100] };
        let reply = reply("See", vec![file("a b.png", "image/png"), file("r\u{e9}\"\r\nX: y.pdf", "no media\r\nX: y")]);
        assert!(reply.contains("Content-Type: image/png\r\n") && reply.contains("filename=\"a b.png\"\r\n"), "{reply}");
        assert!(reply.contains("Content-Type: application/octet-stream\r\n"), "{reply}");
        assert!(
            reply.contains("filename=\"r____X: y.pdf\";\r\n filename*=UTF-8''r%C3%A9%22%0D%0AX%3A%20y%2Epdf\r\n"),
            "{reply}"
        );
        assert!(!reply.contains("\r\nX: y"), "{reply}");
        assert!(reply.lines().all(|line| line.len() <= 200), "{reply}");
    }

    #[tokio::test]
    async fn no_sender_smuggles_a_header() {
        let reply = Reply { from: "a@b.example\r\nBcc: x@y.example".to_owned(), ..Reply::default() };
        let raw = reply.to(&mail(), OffsetDateTime::UNIX_EPOCH);
        assert!(String::from_utf8(raw.clone()).unwrap().contains("From: a@b.example  Bcc: x@y.example\r\n"));
        let ses = Ses::start(vec![], None).await.unwrap();
        assert!(ses.receive(&raw, &Envelope::default()).is_err(), "nothing is received without a rule");
    }
}
