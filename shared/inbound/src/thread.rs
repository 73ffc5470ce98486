//! Which mail this is, and which mails it answers (RFC 5322, 3.6.4).

use mail_parser::HeaderValue;
use mail_parser::parsers::MessageStream;
use recourse_dispute::text::is_invisible;

use crate::fields::Fields;
use crate::limits::{MAX_MESSAGE_ID, MAX_REFERENCES};

/// The mail's own id.
pub(crate) fn message_id(fields: &Fields<'_>) -> Option<String> {
    ids(&fields.value("Message-ID")?).into_iter().next()
}

/// The id that In-Reply-To names first.
pub(crate) fn in_reply_to(fields: &Fields<'_>) -> Option<String> {
    ids(&fields.value("In-Reply-To")?).into_iter().next()
}

/// The ids in References from the last to the first, each once: the last is the mail that was
/// answered.
pub(crate) fn references(fields: &Fields<'_>) -> Vec<String> {
    let Some(field) = fields.named("References").next() else { return Vec::new() };
    let mut found: Vec<String> = Vec::new();
    for id in ids(&field.last()).into_iter().rev() {
        if found.len() >= MAX_REFERENCES {
            break;
        }
        if !found.contains(&id) {
            found.push(id);
        }
    }
    found
}

/// The ids of a value, without their angle brackets. What is too long, or has
/// white space or a bracket in it, is none.
fn ids(value: &str) -> Vec<String> {
    let line = format!("{value}\n");
    let found: Vec<String> = match MessageStream::new(line.as_bytes()).parse_id() {
        HeaderValue::Text(id) => vec![id.into_owned()],
        HeaderValue::TextList(ids) => ids.into_iter().map(|id| id.into_owned()).collect(),
        _ => Vec::new(),
    };
    found.into_iter().filter(|id| is_id(id)).collect()
}

fn is_id(id: &str) -> bool {
    let fits = id.chars().take(MAX_MESSAGE_ID + 1).count() <= MAX_MESSAGE_ID;
    !id.is_empty()
        && fits
        && !id.chars().any(|letter| letter.is_whitespace() || is_invisible(letter) || matches!(letter, '<' | '>'))
}

#[cfg(test)]
mod tests;
