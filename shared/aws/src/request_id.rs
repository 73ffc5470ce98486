//! The ids by which AWS names a request and the call of a function.

/// The longest id, in characters. API Gateway's have 16, Lambda's 36.
const MAX_LENGTH: usize = 64;

/// Whether a text can be the id of a request or of a call: 1 to 64 letters, digits, `_`, `-` and
/// `=`. Such a text is safe in a header, in a log line and in a query of the log.
#[must_use]
pub fn is_request_id(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-=".contains(&byte);
    (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_nothing_that_ends_a_header_or_a_query() {
        for id in ["JKJaXmPLvHcESHA=", "5ded4dda-0000-4000-8000-000000000000", &"x".repeat(64)] {
            assert!(is_request_id(id), "{id:?}");
        }
        for text in ["", "a b", "a\r\nb: c", "a\" or 1 = 1", "a\n| limit 0", "\u{e9}", &"x".repeat(65)] {
            assert!(!is_request_id(text), "{text:?}");
        }
    }
}
