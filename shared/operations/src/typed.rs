//! Texts that an operator types for the record: a name, and a reason.

use recourse_dispute::ids::printable;
use recourse_dispute::text::is_blank;

/// The longest reason, in characters.
const MAX_WHY: usize = 500;
/// The longest name, in characters.
const MAX_NAME: usize = 64;

/// Reads the reason for a change: 1 to 500 characters on one line.
///
/// # Errors
/// A rule for the person.
pub fn why(text: &str) -> Result<String, String> {
    line(text, MAX_WHY)
}

/// Reads a name of an account or of an operator: 1 to 64 characters on one line.
///
/// # Errors
/// A rule for the person.
pub fn name(text: &str) -> Result<String, String> {
    line(text, MAX_NAME)
}

fn line(text: &str, max: usize) -> Result<String, String> {
    let text = text.trim();
    if text.starts_with("--") {
        // Somebody forgot the text, and the next flag must not be recorded in its place.
        Err("must be a text, and this is a flag".to_owned())
    } else if !text.is_empty() && is_blank(text) {
        Err("must have characters that can be seen".to_owned())
    } else if printable(text, max) {
        Ok(text.to_owned())
    } else {
        Err(format!("must be 1 to {max} printable characters on one line"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_of_at_most_500_characters() {
        assert_eq!(why("  the code was used twice ").unwrap(), "the code was used twice");
        assert!(why(&"é".repeat(500)).is_ok());
        for text in ["", "  ", "a\nb", "a\u{2028}b", "a\u{202e}b", "a\u{7}", &"x".repeat(501)] {
            assert_eq!(why(text).unwrap_err(), "must be 1 to 500 printable characters on one line", "{text:?}");
        }
        assert_eq!(why("\u{200b}").unwrap_err(), "must have characters that can be seen");
        assert!(why("--json").unwrap_err().contains("flag"));
        assert_eq!(why("-5 of them were wrong").unwrap(), "-5 of them were wrong");
        assert!(name(&"x".repeat(64)).is_ok() && name(&"x".repeat(65)).is_err());
    }
}
