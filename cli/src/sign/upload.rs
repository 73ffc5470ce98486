//! A file in the form of the Connect API's upload: `multipart/form-data` with the one part `file`
//! (Connect contract, "Files").
//!
//! The boundary is signed, and curl's `--form` would draw another one. So the command builds the
//! body without it.

use std::fmt;
use std::path::Path;

use recourse_dispute::shell::quoted;

use crate::ending::Failure;

/// A file that is uploaded. `Display` is a command that prints the body.
pub(super) struct Upload {
    path: String,
    name: String,
    boundary: String,
}

impl Upload {
    /// The upload of a file. The boundary contains `nonce`, so no file contains the boundary.
    pub(super) fn of(path: &str, nonce: &str) -> Result<Self, Failure> {
        let there =
            std::fs::metadata(path).map_err(|error| Failure::refused(format!("{path} cannot be read: {error}")))?;
        let name = Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !there.is_file() || name.is_empty() || name.chars().any(char::is_control) {
            return Err(Failure::refused(format!(
                "{path:?} cannot be uploaded: it must be a file whose name is printable text"
            )));
        }
        // The vendor's clients write a quote so. A backslash at the end would escape the closing
        // quote.
        let name = name.replace('"', "%22").replace('\\', "%5C");
        Ok(Self { path: path.to_owned(), name, boundary: format!("recourse-{nonce}") })
    }

    /// The request's content type, which is signed.
    pub(super) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }
}

impl fmt::Display for Upload {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = r#"--%s\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n"#;
        let (boundary, name) = (quoted(&self.boundary), quoted(&self.name));
        // `--` lets the format and a path begin with a hyphen.
        write!(out, "{{ printf -- {} {boundary} {name}; ", quoted(head))?;
        write!(out, "cat -- {}; printf '\\r\\n--%s--\\r\\n' {boundary}; }}", quoted(&self.path))
    }
}
