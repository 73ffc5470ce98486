//! Quoting for a POSIX shell.

use std::borrow::Cow;

/// `text` as one word of a shell, in single quotes.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `text` as one word of a shell, in quotes only where a shell reads a character of it otherwise.
/// `.recourse.env` has such words, and cli/src/settings.rs reads them.
pub(crate) fn word(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/:@%+=,".contains(&byte);
    if text.bytes().all(plain) { Cow::Borrowed(text) } else { Cow::Owned(quoted(text)) }
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
            assert_eq!(word(text), expected);
            let output = std::process::Command::new("sh")
                .args(["-c", &format!("export A={expected}\nprintf %s \"$A\"")])
                .output()
                .unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
        }
    }
}
