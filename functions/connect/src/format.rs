//! Which files a merchant may send, refused in the API's own form.

use recourse_files::format::{Format, FormatError, by_name};

use crate::{ApiError, Problem};

/// The format that a name's ending says. A type that was sent must agree with it.
///
/// # Errors
/// [`Problem::Invalid`] of `property`, if the ending is unknown or the type is another format's.
pub fn format_of(name: &str, media: Option<&str>, property: &str) -> Result<&'static Format, ApiError> {
    by_name(name, media).map_err(|rule| invalid(property, &rule))
}

/// Whether content is of its format.
///
/// # Errors
/// [`Problem::Invalid`], also for no content at all.
pub fn check_content(format: &Format, content: &[u8]) -> Result<(), ApiError> {
    format.check(content).map_err(|rule| invalid("file", &rule))
}

fn invalid(property: &str, rule: &FormatError) -> ApiError {
    Problem::invalid(property, rule.to_string()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_said_of_the_property() {
        let refused = |property: &str, rule: &str| ApiError::from(Problem::invalid(property, rule));
        let rule = "must be a pdf, zip, txt, doc, docx, png, jpg, gif, jpeg or bmp file";
        assert_eq!(format_of("a.exe", None, "fileName").unwrap_err(), refused("fileName", rule));
        let pdf = format_of("a.pdf", Some("application/pdf"), "file").unwrap();
        assert_eq!(check_content(pdf, b"").unwrap_err(), refused("file", "must not be empty"));
        assert!(check_content(pdf, b"%PDF-1.7").is_ok());
    }
}
