//! What a part says it is: `Content-Type`, `Content-Disposition` and `Content-Transfer-Encoding`.

use mail_parser::parsers::MessageStream;
use mail_parser::{ContentType, HeaderValue};

use crate::fields::Fields;
use crate::limits::{MAX_ALL_TYPES, MAX_STRUCTURED};
use crate::words;

/// What a part says it is. Types are in lower case.
#[derive(Clone, Default)]
pub(crate) struct Media {
    /// `text/plain`; empty where there is no type, or none that can be read.
    pub(crate) kind: String,
    pub(crate) charset: Option<String>,
    pub(crate) boundary: Option<String>,
    pub(crate) method: Option<String>,
    pub(crate) is_flowed: bool,
    pub(crate) deletes_space: bool,
    pub(crate) encoding: String,
    /// `attachment`, `inline`, or empty.
    pub(crate) disposition: String,
    pub(crate) name: Option<String>,
    pub(crate) has_content_id: bool,
}

/// Reads parts' types, up to a number of bytes over a whole mail. Reading one type takes time that
/// can grow with the square of its length, so each is cut too.
pub(crate) struct MediaReader {
    left: usize,
}

impl MediaReader {
    pub(crate) fn new() -> Self {
        Self { left: MAX_ALL_TYPES }
    }

    pub(crate) fn read(&mut self, fields: &Fields<'_>) -> Media {
        let encoding = fields.named("Content-Transfer-Encoding").next().map(|field| field.first(100));
        let mut media = Media {
            encoding: encoding.unwrap_or_default().split([';', ' ', '(']).next().unwrap_or_default().to_owned(),
            has_content_id: fields.named("Content-ID").next().is_some(),
            ..Media::default()
        };
        let mut type_name = None;
        if let Some(parsed) = self.parse(fields, "Content-Type") {
            let subtype = parsed.subtype().map(|subtype| format!("/{subtype}")).unwrap_or_default();
            media.kind = format!("{}{subtype}", parsed.ctype()).to_ascii_lowercase();
            let attribute = |name: &str| parsed.attribute(name).map(str::to_owned).filter(|value| !value.is_empty());
            media.charset = attribute("charset");
            media.boundary = attribute("boundary");
            media.method = attribute("method");
            media.is_flowed = attribute("format").is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
            media.deletes_space = attribute("delsp").is_some_and(|delsp| delsp.eq_ignore_ascii_case("yes"));
            type_name = attribute("name");
        }
        let mut file_name = None;
        if let Some(parsed) = self.parse(fields, "Content-Disposition") {
            media.disposition = parsed.ctype().to_ascii_lowercase();
            file_name = parsed.attribute("filename").map(str::to_owned);
        }
        // An encoded word in a parameter is against RFC 2047, and common.
        media.name = file_name.or(type_name).map(|name| words::decode(&name)).filter(|name| !name.trim().is_empty());
        media
    }

    fn parse(&mut self, fields: &Fields<'_>, name: &'static str) -> Option<ContentType<'static>> {
        let mut line = fields.named(name).next()?.first(MAX_STRUCTURED.min(self.left));
        self.left = self.left.saturating_sub(line.len());
        line.push('\n');
        match MessageStream::new(line.as_bytes()).parse_content_type().into_owned() {
            HeaderValue::ContentType(parsed) => Some(parsed),
            _ => None,
        }
    }
}

impl Media {
    /// Whether the part is text to read rather than a file: plain or HTML, or of no type at all.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.kind.as_str(), "" | "text" | "text/plain" | "text/html")
    }

    pub(crate) fn is_html(&self) -> bool {
        self.kind == "text/html"
    }

    pub(crate) fn is_multipart(&self) -> bool {
        self.kind.starts_with("multipart/")
    }
}

#[cfg(test)]
mod tests;
