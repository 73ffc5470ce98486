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

/// The parameters of a query, decoded; those that are there more than once are joined by commas, as payload format 2.0 has it.
pub(super) fn query(query: &str) -> std::collections::BTreeMap<String, String> {
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
    fn queries() {
        let parameters = query("b=2&a=1%2C&&a=x+y&flag&=e&c=d=e");
        let expected = [("", "e"), ("a", "1,,x y"), ("b", "2"), ("c", "d=e"), ("flag", "")];
        assert_eq!(parameters.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect::<Vec<_>>(), expected);
    }
}
