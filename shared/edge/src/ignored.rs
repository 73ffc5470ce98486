//! Which members of a body an API ignores, named in a header of the answer.
//!
//! The vendors' APIs take bodies with unknown members, so a misspelt name is no error: `{"detials":
//! ..}` is answered as a success. The header names the members that were not read.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::JsonObject;

/// The header that names the ignored members of a request's body.
pub(crate) const HEADER: &str = "recourse-ignored-members";
/// A larger body is not looked at, in bytes. No API that ignores members takes a larger one.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// The longest header, in bytes. What does not fit is left out, and [`MORE`] says so.
const MAX_HEADER_BYTES: usize = 1_000;
/// What a name is escaped by: the dot as well, as it divides the names of a path.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-');
/// Replaces the members that did not fit.
const MORE: &str = "...";

/// The members of `body` that are not among `known`, as the header has them: each by its path, and
/// in the order of the alphabet. `None` if there is no such member, or the body is no object.
///
/// A known member is named by its path, such as `merchantDetails.name`. Members of a member are
/// looked at only where `known` names some of them.
pub(crate) fn ignored(body: &[u8], known: &[&str]) -> Option<String> {
    if body.len() > MAX_BODY_BYTES {
        return None;
    }
    let mut names = Vec::new();
    collect(&JsonObject::of(std::str::from_utf8(body).ok()?)?, "", known, &mut names);
    let mut header = String::new();
    for name in names {
        let is_full = header.len() + name.len() + 2 > MAX_HEADER_BYTES - MORE.len();
        header.push_str(if header.is_empty() { "" } else { ", " });
        header.push_str(if is_full { MORE } else { &name });
        if is_full {
            break;
        }
    }
    Some(header).filter(|header| !header.is_empty())
}

/// Adds the ignored members of one object.
fn collect(object: &JsonObject<'_>, prefix: &str, known: &[&str], names: &mut Vec<String>) {
    for (name, value) in object.members() {
        let path = format!("{prefix}{}", encoded(name));
        let within = format!("{path}.");
        if known.iter().any(|known| known.starts_with(&within)) {
            // The reader of the body refuses a value that is no object.
            if let Some(object) = value.object() {
                collect(&object, &within, known, names);
            }
        } else if !known.contains(&path.as_str()) {
            names.push(path);
        }
    }
}

/// A name as the header has it: every byte but letters, digits, `_` and `-` as `%XX`.
fn encoded(name: &str) -> String {
    utf8_percent_encode(name, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 3] = ["comments", "merchantDetails.name", "merchantDetails.mobile"];

    fn of(body: &str) -> Option<String> {
        ignored(body.as_bytes(), &KNOWN)
    }

    #[test]
    fn what_is_not_known_is_named_by_its_path() {
        assert_eq!(of(r#"{"comments": "x", "merchantDetails": {"name": "y", "mobile": null}}"#), None);
        assert_eq!(of(r#"{"detials": {"a": 1}}"#).as_deref(), Some("detials"));
        let nested = r#"{"level": null, "merchantDetails": {"id": 1, "name": "y"}, "Comments": "x"}"#;
        assert_eq!(of(nested).as_deref(), Some("Comments, level, merchantDetails.id"));
        assert_eq!(ignored(br#"{"a": 1}"#, &[]).as_deref(), Some("a"), "an API that reads no body");
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        for body in ["", " ", "[]", "null", "{", "\"a\"", r#"{"merchantDetails": []}"#, "{}"] {
            assert_eq!(of(body), None, "{body}");
        }
        assert_eq!(ignored(b"\xff{}", &KNOWN), None);
        assert_eq!(of(&format!(r#"{{"{}": 1}}"#, "x".repeat(MAX_BODY_BYTES))), None);
    }

    #[test]
    fn a_header_is_one_line_and_not_endless() {
        assert_eq!(of(r#"{"a\r\nb: c, é": 1}"#).as_deref(), Some("a%0D%0Ab%3A%20c%2C%20%C3%A9"));
        let many: Vec<String> = (0..500).map(|number| format!("\"member{number:03}\": 1")).collect();
        let header = of(&format!("{{{}}}", many.join(","))).unwrap();
        assert!(header.len() <= MAX_HEADER_BYTES && header.ends_with(", ..."), "{header}");
        assert!(header.starts_with("member000, member001, "), "{header}");
        assert_eq!(of(&format!(r#"{{"{}": 1}}"#, "x".repeat(2_000))).as_deref(), Some("..."));
        // Depth does not matter: the reader does not look into unknown members.
        let deep = format!(r#"{{"a": {}{}}}"#, "[".repeat(20_000), "]".repeat(20_000));
        assert_eq!(of(&deep).as_deref(), Some("a"));
    }
}
