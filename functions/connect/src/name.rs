//! Names of files: stored with the dispute as the client sent them and given back as a header,
//! never part of a key or a path.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use recourse_dispute::ids::printable;

use crate::parameters::Parameters;
use crate::{ApiError, Problem};

/// The longest name, in characters (Recourse-specific).
const MAX_NAME: usize = 200;

/// Reads a name. What a client puts before a slash or a backslash is its own folder and is cut off.
///
/// # Errors
/// [`Problem::Invalid`] says which rule the name breaks.
pub(crate) fn file_name(text: &str, property: &str) -> Result<String, ApiError> {
    let name = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let rule = if name.is_empty() {
        "must have a name"
    } else if name.chars().count() > MAX_NAME {
        "must have a name of at most 200 characters"
    } else if !printable(name, MAX_NAME) {
        "must have a name without control characters and without marks that change the direction of text"
    } else {
        return Ok(name.to_owned());
    };
    Err(Problem::invalid(property, rule).into())
}

/// The name that a `Content-Disposition` gives as `filename*` (RFC 8187), which goes before
/// `filename` (RFC 6266, 4.3). The vendor's .NET client sends both, and only this one can hold a
/// name that is not ASCII. `None` if there is no such name, or it is not UTF-8.
pub(crate) fn extended_name(disposition: &Parameters) -> Option<String> {
    let (charset, value) = disposition.get("filename*")?.split_once('\'')?;
    let (_language, encoded) = value.split_once('\'')?;
    charset.eq_ignore_ascii_case("utf-8").then(|| percent_decode(encoded)).flatten()
}

/// The name that [`recourse_files::percent_encode`] wrote; `None` for anything else.
#[must_use]
pub fn percent_decode(text: &str) -> Option<String> {
    let is_escape = |after: &str| after.get(..2).is_some_and(|two| two.bytes().all(|digit| digit.is_ascii_hexdigit()));
    // The crate takes a `%` without two digits for itself.
    let is_whole = text.split('%').skip(1).all(is_escape);
    is_whole.then(|| percent_decode_str(text).decode_utf8().ok()).flatten().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use recourse_files::percent_encode;

    use super::*;

    #[test]
    fn a_name_is_a_name() {
        for (text, name) in [
            ("file.pdf", "file.pdf"),
            ("C:\\Users\\Wile\\plan \"B\".pdf", "plan \"B\".pdf"),
            ("../../etc/passwd.txt", "passwd.txt"),
            ("計画.pdf", "計画.pdf"),
        ] {
            assert_eq!(file_name(text, "file").unwrap(), name);
            assert_eq!(percent_decode(&percent_encode(name)).as_deref(), Some(name));
        }
        for text in ["", "folder/", "a\r\nb.pdf", "a\u{0}.pdf", "a\u{202e}fdp.exe", &"x".repeat(201)] {
            assert!(file_name(text, "file").is_err(), "{text:?}");
        }
        for text in ["%", "%4", "%zz", "%ff"] {
            assert_eq!(percent_decode(text), None, "{text}");
        }
    }

    #[test]
    fn an_extended_name_is_read_where_it_is_one() {
        for (disposition, name) in [
            ("form-data; name=file; filename=a.pdf; filename*=utf-8''b.pdf", Some("b.pdf")),
            ("form-data; FileName* = UTF-8'de'%c3%a9%20%22%3B.pdf ; name=file", Some("é \";.pdf")),
            ("form-data; name=file; filename=a.pdf", None),
            // Text within a name is no parameter.
            (r#"form-data; name=file; filename="a; filename*=utf-8''b.pdf""#, None),
            (r#"form-data; filename="a\"; filename*=utf-8''b"; filename*=utf-8''c.pdf"#, Some("c.pdf")),
            ("form-data; filename*=iso-8859-1''%e9.pdf", None),
            ("form-data; filename*=utf-8''%e9.pdf", None),
            ("form-data; filename*=utf-8.pdf", None),
            ("", None),
        ] {
            assert_eq!(extended_name(&Parameters::read(disposition)).as_deref(), name, "{disposition}");
        }
    }
}
