//! The files of a mail.

use std::borrow::Cow;

use recourse_dispute::text::is_invisible;

use crate::limits::{MAX_ATTACHMENTS, MAX_NAME};
use crate::mime::Part;
use crate::transfer;

/// What an attachment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttachmentKind {
    /// A file.
    File,
    /// A mail inside the mail, or a report about one. It is never opened.
    Message,
    /// Outlook's `winmail.dat`, which can hold files. It is never opened.
    Tnef,
    /// A signature of the mail (S/MIME, OpenPGP): nothing that anybody sent as evidence.
    Signature,
}

/// One attachment. Debug shows neither its name nor its bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment<'a> {
    /// What it is for.
    pub kind: AttachmentKind,
    /// The name's last part: nothing invisible, no separators, 1 to 255 bytes. `unnamed` without
    /// one.
    pub name: String,
    /// The type that the sender declares, in lower case, such as `image/png`. It can be untrue.
    pub media_type: String,
    /// Whether it is shown within the text, as pictures are.
    pub is_inline: bool,
    /// What it holds, its transfer encoding taken off.
    pub bytes: Cow<'a, [u8]>,
}

impl std::fmt::Debug for Attachment<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, name: _, media_type: _, is_inline, bytes } = self;
        out.debug_struct("Attachment")
            .field("kind", kind)
            .field("is_inline", is_inline)
            .field("bytes", &bytes.len())
            .finish_non_exhaustive()
    }
}

/// The attachments among the parts, at most [`MAX_ATTACHMENTS`], and how many more there are. Parts
/// that are the mail's text, or another form of it, are none.
pub(crate) fn attachments<'a>(parts: &[Part<'a>], text: &[usize]) -> (Vec<Attachment<'a>>, usize) {
    let listed = parts.iter().enumerate().filter(|(index, part)| !text.contains(index) && is_attachment(part));
    let mut found = Vec::new();
    let mut more = 0;
    for (_, part) in listed {
        if found.len() < MAX_ATTACHMENTS {
            found.push(attachment(part));
        } else {
            more += 1;
        }
    }
    (found, more)
}

fn is_attachment(part: &Part<'_>) -> bool {
    let media = &part.media;
    if media.disposition == "attachment" || media.name.is_some() {
        return true;
    }
    // Text without a name is a form of the text, or an empty one; so is a calendar in an
    // alternative.
    let is_form_of_text = part.alternative.is_some() && media.kind.starts_with("text/");
    !(media.is_text() || is_form_of_text)
}

fn attachment<'a>(part: &Part<'a>) -> Attachment<'a> {
    let media = &part.media;
    let name = media.name.as_deref().map(base_name).filter(|name| !name.is_empty());
    Attachment {
        kind: kind(&media.kind, name.as_deref().unwrap_or_default()),
        name: name.unwrap_or_else(|| "unnamed".to_owned()),
        media_type: media_type(&media.kind),
        is_inline: media.disposition == "inline" || (media.disposition != "attachment" && media.has_content_id),
        bytes: transfer::decode(part.body, &media.encoding),
    }
}

fn kind(media_type: &str, name: &str) -> AttachmentKind {
    let name = name.to_ascii_lowercase();
    match media_type {
        "application/pkcs7-signature" | "application/x-pkcs7-signature" | "application/pgp-signature" => {
            AttachmentKind::Signature
        }
        "application/ms-tnef" | "application/vnd.ms-tnef" => AttachmentKind::Tnef,
        _ if name == "winmail.dat" => AttachmentKind::Tnef,
        _ if name == "smime.p7s" => AttachmentKind::Signature,
        _ if media_type.starts_with("message/") || media_type == "text/rfc822-headers" => AttachmentKind::Message,
        _ => AttachmentKind::File,
    }
}

/// A type of RFC 2045's letters, or the one of unknown bytes.
fn media_type(declared: &str) -> String {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
    let is_type = declared.len() <= 127
        && declared.split_once('/').is_some_and(|(kind, subtype)| {
            [kind, subtype].iter().all(|token| !token.is_empty() && token.bytes().all(is_token))
        });
    if is_type { declared.to_owned() } else { "application/octet-stream".to_owned() }
}

/// A name without folders, without what cannot be seen or separates, cut to [`MAX_NAME`] bytes with
/// its ending kept.
fn base_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).find(|part| !part.trim().is_empty()).unwrap_or_default();
    let shown: String = last
        .chars()
        .filter(|letter| !is_invisible(*letter))
        .map(|letter| {
            if letter.is_whitespace() {
                ' '
            } else if matches!(letter, ':' | '|' | '<' | '>' | '"' | '*' | '?') {
                '_'
            } else {
                letter
            }
        })
        .collect();
    let shown = shown.trim();
    // `..` and hidden files.
    let shown = shown.trim_start_matches('.').trim_start();
    if shown.len() <= MAX_NAME {
        return shown.to_owned();
    }
    let ending = shown.rsplit_once('.').map(|(_, ending)| ending).filter(|ending| ending.len() <= 16);
    let ending = ending.map(|ending| format!(".{ending}")).unwrap_or_default();
    let room = MAX_NAME - ending.len();
    let end = shown
        .char_indices()
        .map(|(at, letter)| at + letter.len_utf8())
        .take_while(|end| *end <= room)
        .last()
        .unwrap_or_default();
    format!("{}{ending}", shown.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests;
