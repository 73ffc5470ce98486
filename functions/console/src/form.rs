//! What a form sent.

use recourse_edge::Request;

use crate::ConsoleError;

/// The largest form, in bytes: a long reply, each letter of it encoded.
const MAX_BYTES: usize = 128 * 1024;
/// The longest query of an address, in bytes.
const MAX_ADDRESS_BYTES: usize = 4 * 1024;
/// The most fields of a form.
const MAX_FIELDS: usize = 500;

/// The fields of a form, in their order. Lines end with `\n`, whichever browser sent them.
#[derive(Clone, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl std::fmt::Debug for Form {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Form {
    /// Reads the body of a request, which is a form as browsers send it.
    ///
    /// # Errors
    /// [`ConsoleError::BadForm`].
    pub fn read(request: &Request) -> Result<Self, ConsoleError> {
        let media = request.header("content-type").and_then(|media| media.split(';').next()).unwrap_or_default();
        if !media.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(ConsoleError::BadForm("The request has no form."));
        }
        if request.body.len() > MAX_BYTES {
            return Err(ConsoleError::BadForm("The form is too long."));
        }
        let fields: Vec<_> = form_urlencoded::parse(&request.body)
            .take(MAX_FIELDS + 1)
            .map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n")))
            .collect();
        if fields.len() > MAX_FIELDS {
            return Err(ConsoleError::BadForm("The form has too many fields."));
        }
        Ok(Self(fields))
    }

    /// Reads what an address has behind its question mark: a form that is sent by GET, or a link.
    ///
    /// # Errors
    /// [`ConsoleError::BadForm`].
    pub fn of_address(request: &Request) -> Result<Self, ConsoleError> {
        if request.query.len() > MAX_ADDRESS_BYTES {
            return Err(ConsoleError::BadForm("The address is too long."));
        }
        let fields = form_urlencoded::parse(request.query.as_bytes());
        Ok(Self(fields.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()))
    }

    /// Every value of a field, in the order of the form.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(sent, _)| sent == name).map(|(_, value)| value.as_str())
    }

    /// The value of a field that may be missing. An empty one counts as missing, as a browser
    /// sends every field.
    ///
    /// # Errors
    /// [`ConsoleError::BadForm`] for one that was sent twice.
    pub fn opt<'a>(&'a self, name: &'a str) -> Result<Option<&'a str>, ConsoleError> {
        let mut values = self.all(name);
        let first = values.next();
        if values.next().is_some() {
            return Err(ConsoleError::BadForm("The form has a field twice."));
        }
        Ok(first.filter(|value| !value.is_empty()))
    }

    /// The value of a field that has to be there and must not be empty.
    ///
    /// # Errors
    /// [`ConsoleError::BadForm`].
    pub fn one<'a>(&'a self, name: &'a str) -> Result<&'a str, ConsoleError> {
        self.opt(name)?.ok_or(ConsoleError::BadForm("A field of the form is empty or missing."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visitor::testing::request;

    const KIND: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=UTF-8");

    fn read(kind: (&str, &str), body: &str) -> Result<Form, ConsoleError> {
        Form::read(&request("POST", &[kind], &[], body))
    }

    #[test]
    fn the_fields_of_a_form_are_read() {
        let form = read(KIND, "a=1+%26%0D%0A2&b=&c=x&c=y&%61b=3").unwrap();
        assert_eq!((form.one("a").unwrap(), form.one("ab").unwrap()), ("1 &\n2", "3"));
        assert_eq!((form.opt("b").unwrap(), form.opt("d").unwrap()), (None, None));
        assert_eq!(form.all("c").collect::<Vec<_>>(), ["x", "y"]);
        assert!(matches!(form.one("b"), Err(ConsoleError::BadForm(_))));
        assert!(matches!(form.one("c"), Err(ConsoleError::BadForm(_))));
        assert_eq!(format!("{form:?}"), r#"["a", "b", "c", "c", "ab"]"#, "no value is shown");
    }

    #[test]
    fn what_is_no_form_is_refused() {
        let large = format!("a={}", "x".repeat(MAX_BYTES));
        let many = "a=1&".repeat(MAX_FIELDS + 1);
        for (kind, body) in [
            (KIND, large.as_str()),
            (KIND, many.as_str()),
            (("content-type", "multipart/form-data; boundary=x"), "a=1"),
            (("content-type", "text/plain"), "a=1"),
            (("x", "y"), "a=1"),
        ] {
            assert!(matches!(read(kind, body), Err(ConsoleError::BadForm(_))), "{kind:?}");
        }
    }
}
