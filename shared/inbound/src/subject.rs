//! The subject, and words in it.

use recourse_dispute::text::is_invisible;

use crate::fields::Fields;
use crate::limits::MAX_SUBJECT;
use crate::words;

/// Bytes of the header that are decoded: every letter as an encoded word of its own is shorter.
const MAX_ENCODED: usize = 32 * 1024;

/// The topmost subject on one line: decoded, nothing invisible in it, white space collapsed, cut
/// after [`MAX_SUBJECT`] characters. Empty without one.
pub(crate) fn subject(fields: &Fields<'_>) -> String {
    let Some(field) = fields.named("Subject").next() else { return String::new() };
    one_line(&words::decode(&field.first(MAX_ENCODED)), MAX_SUBJECT)
}

/// A text on one line, without what cannot be seen, white space collapsed.
pub(crate) fn one_line(text: &str, most: usize) -> String {
    let mut line = String::new();
    let mut count = 0;
    for word in text.split(char::is_whitespace) {
        let mut letters = word.chars().filter(|letter| !is_invisible(*letter)).peekable();
        if letters.peek().is_some() && !line.is_empty() && count < most {
            line.push(' ');
            count += 1;
        }
        for letter in letters {
            if count >= most {
                return line;
            }
            line.push(letter);
            count += 1;
        }
    }
    line
}

/// The words of a text that `is_one` accepts, in their order, each once. A word is ASCII letters
/// and digits with `-` and `_` between them, so brackets, punctuation and letters of other scripts
/// around it do not matter.
///
/// ```
/// let found = recourse_inbound::words_like("Re: [RC-4fQ9zLk2] RC-4fQ9zLk2, again", |word| {
///     word.strip_prefix("RC-").is_some_and(|id| id.len() == 8)
/// });
/// assert_eq!(found, ["RC-4fQ9zLk2"]);
/// ```
pub fn words_like(text: &str, is_one: impl Fn(&str) -> bool) -> Vec<&str> {
    let within = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let mut found: Vec<&str> = Vec::new();
    for word in text.split(|letter| !within(letter)) {
        if is_one(word) && !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

#[cfg(test)]
mod tests;
