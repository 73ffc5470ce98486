//! The name of a file that is handed out, as a header carries it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Every byte that RFC 3986 does not call unreserved.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// The `Content-Disposition` of a file that is handed out: `attachment; filename="x"` (Connect
/// contract).
///
/// A quote is `%22`, as the vendor's clients write it. Those clients end a name at a semicolon,
/// also at one between quotes, so `filename` has an underscore instead, as for every character that
/// is not ASCII. The true name of such a file follows in `filename*`, as RFC 6266 has it.
#[must_use]
pub fn content_disposition(name: &str) -> String {
    disposition("attachment", name)
}

/// The same for a file that a browser shows.
#[must_use]
pub(crate) fn inline_disposition(name: &str) -> String {
    disposition("inline", name)
}

fn disposition(kind: &str, name: &str) -> String {
    let is_plain = |character: char| character.is_ascii() && character != ';';
    let quoted = name.replace('"', "%22").replace('\\', "%5C");
    let plain: String = quoted.chars().map(|character| if is_plain(character) { character } else { '_' }).collect();
    if name.chars().all(is_plain) {
        format!("{kind}; filename=\"{plain}\"")
    } else {
        format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{}", percent_encode(name))
    }
}

/// A name for a header: every byte but letters, digits and a few others as `%XX`.
#[must_use]
pub fn percent_encode(name: &str) -> String {
    utf8_percent_encode(name, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disposition_is_one_header() {
        assert_eq!(content_disposition("file.pdf"), r#"attachment; filename="file.pdf""#);
        assert_eq!(content_disposition("a\"b\\c.txt"), r#"attachment; filename="a%22b%5Cc.txt""#);
        assert_eq!(
            content_disposition("é 1.txt"),
            r#"attachment; filename="_ 1.txt"; filename*=UTF-8''%C3%A9%201.txt"#
        );
        assert_eq!(
            content_disposition("plan; filename=b.pdf"),
            r#"attachment; filename="plan_ filename=b.pdf"; filename*=UTF-8''plan%3B%20filename%3Db.pdf"#
        );
    }
}
