//! Quoting for a POSIX shell: lines that people paste, and the file that `make run` writes and the
//! command line reads.

use std::borrow::Cow;

/// A text as one word, in single quotes, where a shell reads every character but a single quote as
/// itself.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A text as one word, in quotes only where a shell reads a character of it otherwise.
#[must_use]
pub fn word(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/:@%+=,".contains(&byte);
    if text.bytes().all(plain) { Cow::Borrowed(text) } else { Cow::Owned(quoted(text)) }
}

/// The text that a shell reads a [`word`] as, or one in double quotes without escapes.
#[must_use]
pub fn unquoted(word: &str) -> Cow<'_, str> {
    let within = |quote| word.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    match within('\'') {
        Some(text) => Cow::Owned(text.replace(r"'\''", "'")),
        None => Cow::Borrowed(within('"').unwrap_or(word)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_quoted_where_a_shell_would_read_it_otherwise() {
        for (text, expected) in [
            ("", ""),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("cases+a@recourse.example", "cases+a@recourse.example"),
            ("not an address", "'not an address'"),
            ("it's@b.example", r"'it'\''s@b.example'"),
            ("$(id)`~#", "'$(id)`~#'"),
            ("\u{e4}", "'\u{e4}'"),
        ] {
            assert_eq!((&*word(text), &*unquoted(expected)), (expected, text));
            let output = std::process::Command::new("sh")
                .args(["-c", &format!("export A={expected}\nprintf %s \"$A\"")])
                .output()
                .unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
        }
        assert_eq!(unquoted("\"a b\""), "a b");
    }
}
