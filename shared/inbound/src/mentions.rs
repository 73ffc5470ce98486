//! Whether a stored mail says something anywhere, for whoever erases what a person wrote.

use crate::limits::MAX_MAIL;
use crate::mime::{Part, Structure};
use crate::{address, charset, html, subject, transfer};

/// How deep mails inside a mail are opened.
const MAX_MAILS: usize = 4;

/// Whether `is_said` is true of any text of a mail: of its header, of a part without its transfer
/// encoding, of a mail inside it, or of the bytes as they are.
///
/// A mail that is not read to its end counts as one that says it, so that nothing stays that nobody
/// looked at. What is inside a file, such as a PDF, is not read.
#[must_use]
pub fn mentions(raw: &[u8], is_said: &dyn Fn(&str) -> bool) -> bool {
    says(raw, is_said, MAX_MAILS)
}

fn says(raw: &[u8], is_said: &dyn Fn(&str) -> bool, deeper: usize) -> bool {
    if raw.len() > MAX_MAIL || is_said(&String::from_utf8_lossy(raw)) {
        return true;
    }
    let mail = Structure::read(raw);
    mail.is_cut
        || is_said(&subject::subject(&mail.fields))
        || address::sender_name(&mail.fields).is_some_and(|name| is_said(&name))
        || mail.parts.iter().any(|part| part_says(part, is_said, deeper))
}

fn part_says(part: &Part<'_>, is_said: &dyn Fn(&str) -> bool, deeper: usize) -> bool {
    let bytes = transfer::decode(part.body, &part.media.encoding);
    if part.media.name.as_ref().is_some_and(|name| is_said(name)) {
        return true;
    }
    if part.media.kind.starts_with("message/") {
        return deeper == 0 || says(&bytes, is_said, deeper - 1);
    }
    if !part.media.is_text() {
        return false;
    }
    let text = charset::decode(&bytes, part.media.charset.as_deref());
    is_said(&text) || (part.media.is_html() && is_said(&html::lines(&text).join("\n")))
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    const ADDRESS: &str = "ada@customer.example";

    fn says_it(raw: &str) -> bool {
        mentions(raw.as_bytes(), &|text| text.contains(ADDRESS))
    }

    #[test]
    fn it_is_found_in_the_header_and_in_every_encoding_of_a_text() {
        let encoded = STANDARD.encode(format!("you wrote as {ADDRESS}"));
        let inner = format!("From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n");
        let multipart = |kind: &str, encoding: &str, body: &str| {
            format!(
                "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: {kind}\r\n\
                 Content-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n--x--\r\n"
            )
        };
        for mail in [
            format!("From: a@b.example\r\nTo: {ADDRESS}\r\n\r\nhello"),
            format!("From: a@b.example\r\n\r\n> On Monday {ADDRESS} wrote:"),
            "From: a@b.example\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nada=40custo=\r\nmer.example"
                .to_owned(),
            multipart("text/plain", "base64", &encoded),
            multipart("text/html", "8bit", "<p>ada<b></b>&#64;customer.example</p>"),
            multipart("message/rfc822", "8bit", &inner),
            multipart("message/rfc822", "base64", &STANDARD.encode(&inner)),
        ] {
            assert!(says_it(&mail), "{mail}");
        }
        assert!(!says_it(&multipart("text/plain", "base64", &STANDARD.encode("nothing of anybody"))));
    }

    #[test]
    fn what_is_not_read_to_its_end_counts() {
        let mut nested = "From: a@b.example\r\n\r\nhello".to_owned();
        for _ in 0..MAX_MAILS {
            nested = format!("Content-Type: message/rfc822\r\n\r\n{nested}");
        }
        assert!(!says_it(&nested));
        assert!(says_it(&format!("Content-Type: message/rfc822\r\n\r\n{nested}")));
        assert!(mentions(&vec![b'a'; MAX_MAIL + 1], &|_| false));
    }
}
