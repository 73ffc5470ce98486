//! A file as the Connect API's upload carries it: `multipart/form-data` with the one part `file` (Connect contract, "Files").
//!
//! curl's own `--form` draws the boundary when it runs, and the boundary is part of what is signed. So the line puts the parts together itself.

use std::fmt;
use std::path::Path;

use super::shell_quote::quoted;
use crate::ending::Failure;

/// A file that is uploaded. `Display` is a command that prints the body.
pub(super) struct Upload {
    path: String,
    name: String,
    boundary: String,
}

impl Upload {
    /// The upload of a file; what stands between its parts is made of `nonce`, so that no file holds it.
    pub(super) fn of(path: &str, nonce: &str) -> Result<Self, Failure> {
        let there =
            std::fs::metadata(path).map_err(|error| Failure::refused(format!("{path} cannot be read: {error}")))?;
        let name = Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !there.is_file() || name.is_empty() || name.chars().any(char::is_control) {
            return Err(Failure::refused(format!("{path:?} is no file that can be uploaded under its name")));
        }
        // As the vendor's clients write a quote; a backslash before the last one would hide it.
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
        // A format is no option, and a path none that begins with a hyphen.
        write!(out, "{{ printf -- {} {boundary} {name}; ", quoted(head))?;
        write!(out, "cat -- {}; printf '\\r\\n--%s--\\r\\n' {boundary}; }}", quoted(&self.path))
    }
}
