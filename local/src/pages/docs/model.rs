//! What the page shows, in its order.

use crate::pages::markdown::Html;

pub(super) struct Api {
    pub(super) title: String,
    pub(super) version: String,
    pub(super) text: Html,
    pub(super) groups: Vec<Group>,
}

/// The operations of one tag.
pub(super) struct Group {
    pub(super) name: String,
    /// Its page's name in the address.
    pub(super) slug: String,
    pub(super) text: Html,
    pub(super) operations: Vec<Operation>,
}

pub(super) struct Operation {
    pub(super) anchor: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) summary: String,
    pub(super) text: Html,
    /// The name of the authentication scheme; none for a call without authentication.
    pub(super) scheme: Option<String>,
    /// The text that a search looks through, in lower case.
    pub(super) words: String,
    pub(super) parameters: Vec<Field>,
    pub(super) request: Option<Request>,
    pub(super) answers: Vec<ResponseDoc>,
}

pub(super) struct Request {
    pub(super) text: Html,
    pub(super) contents: Vec<Content>,
}

pub(super) struct ResponseDoc {
    pub(super) status: String,
    /// The first line of its description.
    pub(super) title: Html,
    /// The rest of it.
    pub(super) text: Html,
    pub(super) headers: Vec<Field>,
    pub(super) contents: Vec<Content>,
}

impl ResponseDoc {
    /// The class of its status's tag.
    pub(super) fn tone(&self) -> &'static str {
        match self.status.chars().next() {
            Some('2') => " good",
            Some('4') => " warn",
            Some('5') => " bad",
            _ => "",
        }
    }
}

/// A body in one media type.
pub(super) struct Content {
    pub(super) media: String,
    pub(super) fields: Vec<Field>,
    pub(super) examples: Vec<Example>,
}

pub(super) struct Example {
    pub(super) title: String,
    pub(super) value: String,
    /// As it is sent, on one line; none for a body that is neither JSON nor a form.
    pub(super) sent: Option<String>,
}

impl Operation {
    /// Whether all of these words, in lower case, are to be found of it.
    pub(super) fn has(&self, words: &[String]) -> bool {
        words.iter().all(|word| self.words.contains(word))
    }
}

/// A parameter, a header, or a member of a body.
pub(super) struct Field {
    pub(super) name: String,
    /// Where a parameter is sent: `header`, `path`, `query`.
    pub(super) place: String,
    /// Its type and limits in words.
    pub(super) kind: String,
    pub(super) required: bool,
    pub(super) text: Html,
    pub(super) example: String,
}
