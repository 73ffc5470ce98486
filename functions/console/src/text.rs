//! Texts of others, as pages show them.

use recourse_dispute::text::visible;

/// A text of several lines, with its invisible characters as escapes.
pub(crate) fn lines(text: &str) -> String {
    let lines: Vec<_> = text.trim_end().split('\n').map(|line| visible(line.trim_end_matches('\r'))).collect();
    lines.join("\n")
}

/// A label with its first letter large.
pub(crate) fn capitalized(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_lines_and_shows_what_cannot_be_seen() {
        assert_eq!(lines("a\u{202e}b\n\n<b>\u{1b}[2J\n\n"), "a\\u{202e}b\n\n<b>\\u{1b}[2J");
        assert_eq!((&*capitalized("waiting for an agent"), &*capitalized("")), ("Waiting for an agent", ""));
        assert_eq!(lines("one\r\ntwo\rthree\r\n"), "one\ntwo\\rthree");
    }
}
