//! What the members of a transaction may be, and which there are.

use recourse_dispute::ids::{BadName, Reference, TransactionType, printable, visible};
use recourse_dispute::json::echoed;
use recourse_edge::{BodyReader, FieldErrors};

/// The longest text of a member that has no limit of its own, in characters.
const MAX_CHARACTERS: usize = 1_000;

/// Ends an object of which every known member was taken: whatever is left is not known.
pub(crate) fn end(left: &BodyReader<'_>, errors: &mut FieldErrors) {
    for name in left.names() {
        errors.add(&left.path(&echoed(name)), "is not a field of a transaction.");
    }
}

/// A reference of somebody's, of which nobody is asked for it: printable, and as it looks.
pub(crate) fn reference(text: &str) -> Result<String, BadName> {
    visible(text).and_then(|()| self::text(text))
}

/// A text for people: printable, and not endless. An empty one is fine.
pub(crate) fn text(text: &str) -> Result<String, BadName> {
    if text.is_empty() || printable(text, MAX_CHARACTERS) {
        Ok(text.to_owned())
    } else {
        Err(BadName("must be at most 1000 printable characters"))
    }
}

/// A bank names a transaction by type and reference in the path of `GET
/// .../types/{type}/references/{reference}`. A text that cannot be in that path is refused: a type
/// is one part of a path, a reference the rest of it.
pub(crate) fn kind_in_paths(text: &str) -> Result<TransactionType, BadName> {
    if text.contains('/') || !has_parts(text) {
        return Err(BadName("must have no slash and not be . or .., as it is a part of paths"));
    }
    TransactionType::parse(text)
}

pub(crate) fn reference_in_paths(text: &str) -> Result<Reference, BadName> {
    if !has_parts(text) {
        return Err(BadName("must have no part between slashes that is empty, . or .., because it is part of paths"));
    }
    Reference::parse(text)
}

/// Whether a path keeps the text as it is. An empty one is refused by its own rule.
fn has_parts(text: &str) -> bool {
    text.is_empty() || !text.split('/').any(|part| ["", ".", ".."].contains(&part))
}
