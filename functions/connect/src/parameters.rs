//! Reading a header of a value and its parameters, such as
//! `form-data; name="file"; filename="a.pdf"` (RFC 2045, section 5.1, and RFC 2183, section 2).
//!
//! A name is in any case, a value may be between quotes, and spaces may be around all of it. The
//! reader also takes what clients send besides: a value without the quotes that it should have.

/// A header of a value and its parameters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parameters {
    /// The value before the parameters, in lower case.
    pub(crate) value: String,
    /// Each parameter's name, in lower case, and its value.
    parameters: Vec<(String, String)>,
    /// Whether a value begins with a quote and has no quote that ends it.
    pub(crate) lacks_end_quote: bool,
}

impl Parameters {
    /// Reads a header.
    pub(crate) fn read(header: &str) -> Self {
        let mut parts = split(header).into_iter();
        let value = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let parameter = |part: &str| {
            let (name, value) = part.split_once('=')?;
            Some((name.trim().to_ascii_lowercase(), unquoted(value.trim())))
        };
        let lacks_end_quote = parts.clone().any(|part| part.split_once('=').is_some_and(|(_, value)| is_open(value)));
        Self { value, parameters: parts.filter_map(parameter).collect(), lacks_end_quote }
    }

    /// The value of a parameter, by its name in lower case. Of two with one name the first counts.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The parts between semicolons. A semicolon between quotes belongs to its part.
fn split(header: &str) -> Vec<&str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let ends = |character: char| {
        let ends = character == ';' && !is_quoted;
        is_quoted ^= character == '"' && !is_escaped;
        is_escaped = is_quoted && character == '\\' && !is_escaped;
        ends
    };
    header.split(ends).collect()
}

/// Whether a value begins with a quote and has no quote that ends it.
fn is_open(value: &str) -> bool {
    let Some(inner) = value.trim_start().strip_prefix('"') else { return false };
    let mut is_escaped = false;
    !inner.chars().any(|character| {
        let ends = character == '"' && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        ends
    })
}

/// A value without its quotes, if it has any. A backslash escapes a quote or a backslash that is
/// part of the value. Before another character, as in the folders that some clients name, it is one
/// itself.
fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut read = String::with_capacity(inner.len());
    let mut characters = inner.chars().peekable();
    while let Some(character) = characters.next() {
        let escaped = if character == '\\' { characters.next_if(|next| ['"', '\\'].contains(next)) } else { None };
        read.push(escaped.unwrap_or(character));
    }
    read
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_header_is_read_as_its_rfcs_have_it() {
        for (header, value, name, parameter) in [
            ("form-data; name=\"file\"", "form-data", "name", Some("file")),
            ("Form-Data ; NAME = file", "form-data", "name", Some("file")),
            ("form-data;name=file;filename=\"a; name=b.pdf\"", "form-data", "filename", Some("a; name=b.pdf")),
            (r#"form-data; filename="a\"b\\c.pdf""#, "form-data", "filename", Some(r#"a"b\c.pdf"#)),
            (r#"form-data; filename="C:\plans\a.pdf""#, "form-data", "filename", Some(r"C:\plans\a.pdf")),
            ("multipart/form-data; boundary=a=b==", "multipart/form-data", "boundary", Some("a=b==")),
            ("multipart/form-data; boundary=\"a;b\"; charset=utf-8", "multipart/form-data", "boundary", Some("a;b")),
            ("form-data; name=\"\"", "form-data", "name", Some("")),
            ("form-data; name=first; Name=second", "form-data", "name", Some("first")),
            ("form-data; filename=\"", "form-data", "filename", Some("\"")),
            ("form-data; name", "form-data", "name", None),
            ("", "", "name", None),
        ] {
            let read = Parameters::read(header);
            assert_eq!((read.value.as_str(), read.get(name)), (value, parameter), "{header}");
        }
    }

    #[test]
    fn a_quote_without_its_end_is_seen() {
        for header in ["a; b=\"", "a; b=\"c", "a; b=c; d= \"e; f=g", r#"a; b="c\""#] {
            assert!(Parameters::read(header).lacks_end_quote, "{header}");
        }
        for header in ["a", "a; b=c", "a; b=\"\"", "a; b=\"c;d\"; e=\"f\" ", r#"a; b="c\\""#, "a; b=c\"d", "\"a"] {
            assert!(!Parameters::read(header).lacks_end_quote, "{header}");
        }
    }

    proptest! {
        #[test]
        fn no_header_panics(header: String, near in "[a-z]{0,5}(; ?[a-z]{0,4}=\"?[a-z\\\\\";=]{0,8}\"?){0,3}") {
            let _ = (Parameters::read(&header), Parameters::read(&near));
        }

        #[test]
        fn a_quoted_value_comes_back(value in "[ -~]{0,20}") {
            let quoted = value.replace('\\', r"\\").replace('"', r#"\""#);
            let header = format!("form-data; filename=\"{quoted}\"");
            let read = Parameters::read(&header);
            prop_assert_eq!(read.get("filename"), Some(value.as_str()));
        }
    }
}
