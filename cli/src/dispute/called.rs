//! The name of a dispute in an argument.

/// A name as a person typed it, without the white space around it.
pub(crate) fn typed(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "" => Err("must be a name, and this is empty"),
        name => Ok(name.to_owned()),
    }
}
