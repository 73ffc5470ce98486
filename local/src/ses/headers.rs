//! Which additional headers SES takes.

/// The most additional headers of one mail.
const HEADERS_MAX: usize = 15;

/// The most characters of a header's name.
const NAME_MAX: usize = 126;

/// The most characters of a header's name and value together.
const HEADER_MAX: usize = 996;

/// The headers that SES writes itself and accepts from nobody.
const RESERVED: [&str; 12] = [
    "BCC",
    "CC",
    "Content-Disposition",
    "Content-Type",
    "Date",
    "From",
    "Message-ID",
    "MIME-Version",
    "Reply-To",
    "Return-Path",
    "Subject",
    "To",
];

/// Checks additional headers as SES does; the error says which one is wrong and why.
pub(super) fn check(headers: &[(String, String)]) -> Result<(), String> {
    if headers.len() > HEADERS_MAX {
        return Err(format!("{} headers are too many: at most {HEADERS_MAX}", headers.len()));
    }
    for (index, (name, value)) in headers.iter().enumerate() {
        if name.is_empty() || name.len() > NAME_MAX || !name.bytes().all(|b| matches!(b, b'!'..=b'9' | b';'..=b'~')) {
            return Err(format!(
                "The header name {name:?} is wrong: 1 to {NAME_MAX} printable ASCII characters, no colon"
            ));
        }
        if value.is_empty() || !value.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return Err(format!(
                "The value of the header {name} is wrong: printable ASCII characters only, at least one"
            ));
        }
        if name.len().saturating_add(value.len()) > HEADER_MAX {
            return Err(format!(
                "The header {name} is too long: name and value have at most {HEADER_MAX} characters together"
            ));
        }
        if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name)) {
            return Err(format!("The header {name} is SES's own"));
        }
        if headers.iter().take(index).any(|(earlier, _)| earlier.eq_ignore_ascii_case(name)) {
            return Err(format!("The header {name} is there twice"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
    }

    #[test]
    fn lengths_are_taken_to_their_limit_and_not_beyond() {
        assert_eq!(check(&header("References", &"x".repeat(986))), Ok(()));
        assert!(check(&header("References", &"x".repeat(987))).unwrap_err().contains("at most 996"));
        assert_eq!(check(&header(&"N".repeat(126), "v")), Ok(()));
        assert!(check(&header(&"N".repeat(127), "v")).is_err());
        let many = |count: usize| (0..count).map(|n| (format!("X-{n}"), "v".to_owned())).collect::<Vec<_>>();
        assert_eq!(check(&many(15)), Ok(()));
        assert!(check(&many(16)).unwrap_err().contains("at most 15"));
    }

    #[test]
    fn nothing_can_smuggle_a_line_or_take_a_header_of_ses() {
        for (name, value) in [
            ("X", "a\r\nBcc: x@y.z"),
            ("X", "a\nb"),
            ("X\r\nBcc", "a"),
            ("X:Y", "a"),
            ("X Y", "a"),
            ("", "a"),
            ("X", ""),
            ("X", "\u{e4}"),
            ("message-id", "<x@y>"),
            ("bcc", "x@y.z"),
        ] {
            assert!(check(&header(name, value)).is_err(), "{name:?}: {value:?}");
        }
        let twice = [header("In-Reply-To", "<a@b>"), header("in-reply-to", "<c@d>")].concat();
        assert!(check(&twice).unwrap_err().contains("twice"));
    }
}
