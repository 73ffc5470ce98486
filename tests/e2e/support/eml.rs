//! Mails as customers' programs write them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::harness::unique;

const BOUNDARY: &str = "e2e-mixed";

/// A file in a mail.
#[derive(Clone)]
struct File {
    name: String,
    media: &'static str,
    content: Vec<u8>,
}

/// A mail that somebody sends to us. A test changes what it is about.
#[derive(Clone)]
pub(crate) struct Eml {
    headers: Vec<(String, String)>,
    /// `text/plain` or `text/html`.
    media: &'static str,
    body: String,
    files: Vec<File>,
}

impl Eml {
    /// A mail of a plain text, with a Message-ID of its own.
    pub(crate) fn new(from: &str, to: &str, subject: &str, text: &str) -> Eml {
        let id = format!("<{}@mail.example>", unique("mail"));
        let headers = [
            ("From", from),
            ("To", to),
            ("Subject", subject),
            ("Date", "Mon, 30 Nov 2026 10:15:07 +0800"),
            ("Message-ID", &id),
            ("MIME-Version", "1.0"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Eml { headers: headers.into(), media: "text/plain", body: text.to_owned(), files: Vec::new() }
    }

    /// The same with another value of a header, or with one more header.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Eml {
        match self.headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, known)) => value.clone_into(known),
            None => self.headers.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// The same with a header on top of all others, where SES writes the envelope.
    pub(crate) fn on_top(mut self, name: &str, value: &str) -> Eml {
        self.headers.insert(0, (name.to_owned(), value.to_owned()));
        self
    }

    /// The same without a header.
    pub(crate) fn without(mut self, name: &str) -> Eml {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    /// The same with HTML alone.
    pub(crate) fn html_only(self, html: &str) -> Eml {
        Eml { media: "text/html", body: html.to_owned(), ..self }
    }

    /// The same with an attachment.
    pub(crate) fn file(mut self, name: &str, media: &'static str, content: &[u8]) -> Eml {
        self.files.push(File { name: name.to_owned(), media, content: content.to_vec() });
        self
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        &found.unwrap_or_else(|| panic!("no {name}")).1
    }

    /// The mail as it is on the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut out = String::new();
        for (name, value) in &self.headers {
            out += &format!("{name}: {value}\r\n");
        }
        let Eml { media, body, .. } = self;
        let body = body.replace("\r\n", "\n").replace('\n', "\r\n");
        let body = format!("Content-Type: {media}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n");
        if self.files.is_empty() {
            out += &body;
            return out.into_bytes();
        }
        out += &format!("Content-Type: multipart/mixed; boundary=\"{BOUNDARY}\"\r\n\r\n--{BOUNDARY}\r\n{body}\r\n");
        for File { name, media, content } in &self.files {
            let name = name.replace('\\', "\\\\").replace('"', "\\\"");
            out += &format!(
                "--{BOUNDARY}\r\nContent-Type: {media}; name=\"{name}\"\r\nContent-Disposition: attachment; \
                 filename=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            );
            let encoded = BASE64_STANDARD.encode(content);
            for line in encoded.as_bytes().chunks(76) {
                out += std::str::from_utf8(line).unwrap();
                out += "\r\n";
            }
        }
        out += &format!("--{BOUNDARY}--\r\n");
        out.into_bytes()
    }
}

/// An encoded word (RFC 2047) of this text.
pub(crate) fn encoded_word(text: &str) -> String {
    format!("=?utf-8?B?{}?=", BASE64_STANDARD.encode(text))
}

/// A picture of one pixel.
pub(crate) fn photo() -> Vec<u8> {
    const PNG: &str =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    BASE64_STANDARD.decode(PNG).unwrap()
}
