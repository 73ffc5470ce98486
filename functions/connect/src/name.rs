//! Names of files: a client's words, kept with the dispute and given back as a header, never part of a key or a path.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use recourse_dispute::ids::printable;

use crate::parameters::Parameters;
use crate::{ApiError, Problem};

/// The longest name, in characters (Recourse-specific).
const MOST: usize = 200;

/// Takes a name. What a client puts before a slash or a backslash is its own folder and is cut off.
///
/// # Errors
/// [`Problem::Invalid`] for a name without characters, with one that is not printable, or that is too long.
pub(crate) fn file_name(text: &str, property: &str) -> Result<String, ApiError> {
    let name = text.rsplit(['/', '\\']).next().unwrap_or_default();
    if printable(name, MOST) {
        Ok(name.to_owned())
    } else {
        Err(Problem::invalid(property, "must have a name of 1 to 200 printable characters").into())
    }
}

/// The name that a `Content-Disposition` gives as `filename*` (RFC 8187), which goes before `filename` (RFC 6266, 4.3). The vendor's .NET client sends
/// both, and of a name that is not ASCII this one alone can be read. `None` where there is none, or none in UTF-8.
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
            // Words of somebody's name are no parameter.
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
