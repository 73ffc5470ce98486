//! The parameters of a query, each there once.

use recourse_edge::FieldErrors;

/// The most of a query that is read, in bytes.
pub(crate) const MAX_BYTES: usize = 4 * 1024;

/// Reads a query as it was sent: `take` gets each parameter with its value, and returns the rule
/// that it breaks, with a full stop.
///
/// # Errors
/// All that is wrong, by parameter.
pub(crate) fn read(query: &str, mut take: impl FnMut(&str, &str) -> Result<(), String>) -> Result<(), FieldErrors> {
    let mut errors = FieldErrors::default();
    if query.len() > MAX_BYTES {
        errors.add("query", format!("must not be longer than {MAX_BYTES} bytes."));
        return Err(errors);
    }
    let mut seen = Vec::new();
    for (name, text) in form_urlencoded::parse(query.as_bytes()) {
        let taken = if seen.contains(&name) { Err("must appear only once.".to_owned()) } else { take(&name, &text) };
        if let Err(rule) = taken {
            errors.add(if name.is_empty() { "query" } else { &name }, rule);
        }
        seen.push(name);
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// The rule of a parameter that a call does not have.
pub(crate) fn unknown() -> Result<(), String> {
    Err("is no parameter of this call.".to_owned())
}

/// The number of entries that a page may have: a whole number from 1 to `most`.
///
/// # Errors
/// The rule.
pub(crate) fn limit(text: &str, most: u8) -> Result<u8, String> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let limit = text.parse().ok().filter(|limit| is_number && (1..=most).contains(limit));
    limit.ok_or_else(|| format!("must be a whole number from 1 to {most}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_parameter_is_taken_once_and_all_that_is_wrong_is_named() {
        let mut taken = Vec::new();
        let read = read("a=1%20x&b=&a=2&=y&c=z", |name, text| {
            taken.push((name.to_owned(), text.to_owned()));
            if name == "c" || name.is_empty() { unknown() } else { Ok(()) }
        });
        assert_eq!(read.unwrap_err().fields(), ["a", "query", "c"]);
        let names: Vec<_> = taken.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(names, [("a", "1 x"), ("b", ""), ("", "y"), ("c", "z")]);
        let long = "x".repeat(MAX_BYTES + 1);
        assert_eq!(super::read(&long, |_, _| Ok(())).unwrap_err().fields(), ["query"]);
    }

    #[test]
    fn a_limit_is_a_whole_number_in_its_range() {
        assert_eq!((limit("1", 50), limit("50", 50)), (Ok(1), Ok(50)));
        for text in ["", "0", "51", "+1", "1.0", "-1", "256", "99999999999999999999"] {
            assert!(limit(text, 50).is_err(), "{text}");
        }
    }
}
