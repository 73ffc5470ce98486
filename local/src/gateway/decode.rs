//! Percent-decoding.

/// `text` with each `%XX` replaced by its byte. A `%` that begins no such thing stays; what is not UTF-8 then becomes U+FFFD.
pub(super) fn percent_decode(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        match (byte, ahead.next().and_then(hex), ahead.next().and_then(hex)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(high << 4 | low);
                bytes = ahead;
            }
            _ => decoded.push(byte),
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

/// The path that an HTTP API routes by and hands on, of the path as it was sent; `None` for one that it refuses.
///
/// As it was captured on the real service: the path is decoded, cut off at a `?` that comes out of it, and decoded once
/// more, and a `%` that begins no byte is an error each time. So `%252F` is a `/` as `%2F` is, a `?` has to be sent as
/// `%253F`, and a `%` as `%2525`.
pub(super) fn path(sent: &str) -> Option<String> {
    let once = strictly_decoded(sent)?;
    strictly_decoded(once.split_once('?').map_or(once.as_str(), |(path, _)| path))
}

/// [`percent_decode`], where every `%` begins a byte.
fn strictly_decoded(text: &str) -> Option<String> {
    let two_digits = |rest: &str| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    text.split('%').skip(1).all(two_digits).then(|| percent_decode(text))
}

/// The parameters of a query, decoded; those that are there more than once are joined by commas, as payload format 2.0 has it.
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

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_signs() {
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
    fn paths_as_they_were_captured() {
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
    fn queries() {
        let parameters = query("b=2&a=1%2C&&a=x+y&flag&=e&c=d=e");
        let expected = [("", "e"), ("a", "1,,x y"), ("b", "2"), ("c", "d=e"), ("flag", "")];
        assert_eq!(parameters.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect::<Vec<_>>(), expected);
    }
}
