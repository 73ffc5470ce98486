//! The header of a mail or of a part: fields in their order, as bytes.
//!
//! Reading takes one pass. A field keeps its folded value; [`Field::value`] unfolds at most
//! [`MAX_VALUE`] bytes of it.

use std::borrow::Cow;

use crate::charset;
use crate::limits::{MAX_FIELDS, MAX_VALUE};
use crate::lines::Lines;

/// One header field.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    name: &'a [u8],
    raw: &'a [u8],
}

impl<'a> Field<'a> {
    /// Whether the field has this name; case does not matter.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// The name; an empty text when it is not ASCII.
    pub(crate) fn name(&self) -> &'a str {
        std::str::from_utf8(self.name).unwrap_or_default()
    }

    /// The value on one line, in UTF-8. Of a longer one than `most` bytes, the beginning.
    pub(crate) fn first(&self, most: usize) -> String {
        one_line(self.raw.get(..most.min(MAX_VALUE)).unwrap_or(self.raw))
    }

    /// The value on one line. Of a very long one, the end.
    pub(crate) fn last(&self) -> String {
        one_line(self.raw.get(self.raw.len().saturating_sub(MAX_VALUE)..).unwrap_or(self.raw))
    }

    /// The value on one line.
    pub(crate) fn value(&self) -> String {
        self.first(MAX_VALUE)
    }
}

fn one_line(raw: &[u8]) -> String {
    let text: Cow<'_, str> = charset::undeclared(raw);
    let mut line = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            // What a folded line begins with stays.
            '\n' => {}
            '\r' if letters.peek() == Some(&'\n') => {}
            // Neither joins the text on its two sides.
            '\r' | '\0' => line.push(' '),
            letter => line.push(letter),
        }
    }
    line.trim().to_owned()
}

/// All fields of a header.
#[derive(Default)]
pub(crate) struct Fields<'a>(Vec<Field<'a>>);

impl<'a> Fields<'a> {
    /// Reads fields up to the first empty line, or up to a line that `is_end` accepts, which is
    /// left unread. A line that is no field ends the header too: the body begins with it.
    pub(crate) fn read(lines: &mut Lines<'a>, mut is_end: impl FnMut(&[u8]) -> bool) -> Self {
        let mut fields = Vec::new();
        let mut open: Option<(&'a [u8], usize)> = None;
        loop {
            let start = lines.offset();
            let line = lines.peek();
            let content = line.map(content_of);
            let continues = content.is_some_and(|content| matches!(content.first(), Some(b' ' | b'\t')));
            if continues && open.is_some() {
                lines.skip();
                continue;
            }
            if let Some((name, from)) = open.take()
                && fields.len() < MAX_FIELDS
            {
                fields.push(Field { name, raw: lines.between(from, start) });
            }
            let Some(content) = content else { break };
            if is_end(content) {
                break;
            }
            if content.is_empty() {
                lines.skip();
                break;
            }
            match name_of(content) {
                Some(name) => open = Some((name, start + 1 + colon(content))),
                // Mailbox files put such a line before a mail.
                None if start == 0 && content.starts_with(b"From ") => {}
                None => break,
            }
            lines.skip();
        }
        Self(fields)
    }

    /// The fields, from the top.
    pub(crate) fn all(&self) -> &[Field<'a>] {
        &self.0
    }

    /// The fields of one name, from the top.
    pub(crate) fn named(&self, name: &'static str) -> impl Iterator<Item = &Field<'a>> {
        self.0.iter().filter(move |field| field.is(name))
    }

    /// The value of the topmost field of a name.
    pub(crate) fn value(&self, name: &'static str) -> Option<String> {
        self.named(name).next().map(Field::value)
    }
}

/// A line without its end.
fn content_of(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn colon(line: &[u8]) -> usize {
    memchr::memchr(b':', line).unwrap_or_default()
}

/// RFC 5322, 2.2: printable ASCII before a colon. White space before the colon is obsolete, and
/// read.
fn name_of(line: &[u8]) -> Option<&[u8]> {
    let (name, _) = line.split_at_checked(memchr::memchr(b':', line)?)?;
    let name = name.trim_ascii_end();
    (!name.is_empty() && name.iter().all(u8::is_ascii_graphic)).then_some(name)
}

#[cfg(test)]
mod tests;
