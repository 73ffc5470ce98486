//! Paths and queries, decoded as the gateway decodes them.

use percent_encoding::percent_decode_str;

/// `text` with each `%XX` replaced by its byte, and what is not UTF-8 then by U+FFFD. A `%` without
/// two hexadecimal digits stays.
fn percent_decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The path that an HTTP API routes by and passes on, made of the path as sent; `None` for one that
/// it refuses.
///
/// Captured on the real service: it decodes the path, cuts it off at a `?` that appears, and
/// decodes it once more. Each time, a `%` without two hexadecimal digits is an error. So `%252F`
/// is a `/` as `%2F` is, a `?` has to be sent as `%253F`, and a `%` as `%2525`.
pub(super) fn path(sent: &str) -> Option<String> {
    let once = strictly_decoded(sent)?;
    strictly_decoded(once.split_once('?').map_or(once.as_str(), |(path, _)| path))
}

/// [`percent_decode`], or `None` when a `%` has no two hexadecimal digits.
fn strictly_decoded(text: &str) -> Option<String> {
    let two_digits = |rest: &str| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    text.split('%').skip(1).all(two_digits).then(|| percent_decode(text))
}

/// The decoded parameters of a query. Commas join the values of a repeated one, as in payload
/// format 2.0.
pub(crate) fn query(query: &str) -> std::collections::BTreeMap<String, String> {
    let mut parameters = std::collections::BTreeMap::<String, String>::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = |text: &str| percent_decode(&text.replace('+', " "));
        parameters
            .entry(decoded(name))
            .and_modify(|values| {
                values.push(',');
                values.push_str(&decoded(value));
            })
            .or_insert_with(|| decoded(value));
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percent_sign_without_two_digits_stays() {
        for (text, expected) in [
            ("a%20b", "a b"),
            ("%C3%a9", "é"),
            ("%", "%"),
            ("%2", "%2"),
            ("%zz%41", "%zzA"),
            ("%%41", "%A"),
            ("%ff", "\u{fffd}"),
        ] {
            assert_eq!(percent_decode(text), expected, "{text}");
        }
    }

    #[test]
    fn paths_are_decoded_as_captured_on_the_real_service() {
        for (sent, expected) in [
            ("/capture/plain", Some("/capture/plain")),
            ("/capture/space%20value", Some("/capture/space value")),
            ("/capture/question%3Fvalue", Some("/capture/question")),
            ("/capture/percent%25done", None),
            ("/capture/hash%23value", Some("/capture/hash#value")),
            ("/capture/slash%2Fvalue", Some("/capture/slash/value")),
            ("/capture/%CE%BB-%E4%B8%96", Some("/capture/λ-世")),
            ("/capture/literal%252Fvalue", Some("/capture/literal/value")),
            ("/capture/literal%253Fvalue", Some("/capture/literal?value")),
            ("/capture/literal%2525value", Some("/capture/literal%value")),
            ("/capture/%", None),
            ("/capture/%4", None),
        ] {
            assert_eq!(path(sent).as_deref(), expected, "{sent}");
        }
    }

    #[test]
    fn a_query_becomes_decoded_parameters() {
        let parameters = query("b=2&a=1%2C&&a=x+y&flag&=e&c=d=e");
        let expected = [("", "e"), ("a", "1,,x y"), ("b", "2"), ("c", "d=e"), ("flag", "")];
        assert_eq!(parameters.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect::<Vec<_>>(), expected);
    }
}
