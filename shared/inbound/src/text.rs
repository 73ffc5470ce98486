//! What a person wrote newly.

use recourse_dispute::text::is_invisible;

use crate::limits::{MAX_TEXT, MAX_TEXT_BYTES};
use crate::mime::Part;
use crate::{charset, flowed, html, quote, transfer};

/// What the sender wrote newly, as plain text. It is data: nothing of it is ever interpreted.
///
/// Lines end with LF. There is no other control, no mark of direction and no character without a
/// shape; tabs are blanks. Debug shows none of it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NewText {
    /// The text, at most [`crate::limits::MAX_TEXT`] characters.
    pub text: String,
    /// Whether there was more.
    pub truncated: bool,
}

impl NewText {
    /// Whether the mail says nothing new: it only quotes, forwards or signs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

impl std::fmt::Debug for NewText {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let NewText { text, truncated } = self;
        out.debug_struct("NewText").field("bytes", &text.len()).field("truncated", truncated).finish()
    }
}

/// The new text of the parts that a mail program shows as the mail's text, and which parts those
/// are.
pub(crate) fn new_text(parts: &[Part<'_>]) -> (NewText, Vec<usize>) {
    let shown = shown(parts);
    let mut budget = MAX_TEXT_BYTES;
    let mut lines: Vec<String> = Vec::new();
    let mut is_cut = false;
    for index in &shown {
        let Some(part) = parts.get(*index) else { continue };
        let body = part.body.get(..budget).unwrap_or(part.body);
        is_cut |= body.len() < part.body.len();
        budget -= body.len();
        let text = readable(part, body);
        if part.media.is_html() {
            lines.extend(html::lines(&text));
        } else if part.media.is_flowed {
            lines.extend(flowed::lines(&text, part.media.deletes_space));
        } else {
            lines.extend(text.lines().map(str::to_owned));
        }
    }
    let written = quote::written(&lines);
    let (text, is_long) = cut(&written);
    (NewText { text, truncated: is_cut || is_long }, shown)
}

/// The parts that make up the text. Of an alternative, the plain text where it says anything, and
/// the HTML otherwise. Elsewhere, all text that is no attachment.
fn shown(parts: &[Part<'_>]) -> Vec<usize> {
    let is_shown =
        |part: &Part<'_>| part.media.is_text() && part.media.disposition != "attachment" && part.media.name.is_none();
    let says_something = |part: &Part<'_>| {
        let start = part.body.get(..MAX_TEXT_BYTES.min(part.body.len())).unwrap_or_default();
        readable(part, start).chars().any(|letter| !letter.is_whitespace() && !is_invisible(letter))
    };
    let mut kept = Vec::new();
    // Alternatives that begin earlier have smaller numbers, and their parts follow each other.
    let mut decided: Option<(usize, bool)> = None;
    for (index, part) in parts.iter().enumerate().filter(|(_, part)| is_shown(part)) {
        let Some(alternative) = part.alternative else {
            kept.push(index);
            continue;
        };
        let is_plain = match decided {
            Some((known, is_plain)) if known == alternative => is_plain,
            _ => {
                let group = parts.iter().skip(index).take_while(|other| other.alternative == part.alternative);
                group.filter(|other| is_shown(other) && !other.media.is_html()).any(says_something)
            }
        };
        decided = Some((alternative, is_plain));
        if is_plain != part.media.is_html() {
            kept.push(index);
        }
    }
    if kept.is_empty() {
        // Some programs name the text itself like a file.
        kept.extend(parts.iter().position(|part| part.media.is_text() && part.media.disposition != "attachment"));
    }
    kept
}

/// A part's text without what cannot be seen, its lines ended by LF.
fn readable(part: &Part<'_>, body: &[u8]) -> String {
    let bytes = transfer::decode(body, &part.media.encoding);
    let text = charset::decode(&bytes, part.media.charset.as_deref());
    clean(&text)
}

/// A text without what cannot be seen, its lines ended by LF.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' if letters.peek() == Some(&'\n') => {}
            '\r' | '\n' | '\u{2028}' | '\u{2029}' | '\u{85}' => out.push('\n'),
            '\t' => out.push(' '),
            letter if is_invisible(letter) => {}
            letter => out.push(letter),
        }
    }
    out
}

/// At most [`MAX_TEXT`] characters of a text, and whether there were more.
fn cut(text: &str) -> (String, bool) {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => (text.get(..end).unwrap_or_default().trim_end().to_owned(), true),
        None => (text.to_owned(), false),
    }
}

#[cfg(test)]
mod tests;
