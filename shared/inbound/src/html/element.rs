//! What an HTML element means for the text in it.

use html5gum::StartTag;

/// What becomes of an element's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Plain,
    /// It was written before.
    Quote,
    /// Nobody sees it, or it is a signature.
    Hidden,
    /// Its white space counts.
    Verbatim,
    /// It introduces a quote that nothing else marks: all that follows was written before.
    QuotedFromHere,
}

/// Parts of class names and ids of quotes, by the programs that write them: Gmail, Thunderbird,
/// Proton, NetEase, Yahoo, Zimbra.
const QUOTES: [&str; 8] = [
    "gmail_attr",
    "moz-cite-prefix",
    "protonmail_quote",
    "isreplycontent",
    "yahoo_quoted",
    "zmail_extra",
    "tutanota_quote",
    "ntes-mailmaster-quote",
];
/// The same of signatures: Gmail, Thunderbird, Outlook, Apple Mail, Proton, Yahoo, Samsung.
const SIGNATURES: [&str; 11] = [
    "gmail_signature",
    "moz-signature",
    "ms-outlook-mobile-signature",
    "applemailsignature",
    "apple-mail-signature",
    "protonmail_signature_block",
    "ymail_android_signature",
    "ymail_ios_signature",
    "ydp-signature",
    "composer_signature",
    "ntes-mailmaster-signature",
];
/// Outlook's and Windows Mail's: the header of the quoted mail follows, then the mail.
const INTRODUCTIONS: [&str; 4] =
    ["divrplyfwdmsg", "x_divrplyfwdmsg", "stopspelling", "mail-editor-reference-message-container"];

pub(super) fn role(name: &str, tag: &StartTag<()>) -> Role {
    if matches!(
        name,
        "head" | "style" | "script" | "title" | "template" | "noscript" | "object" | "svg" | "select" | "textarea"
    ) {
        return Role::Hidden;
    }
    let value = |key: &str| {
        let value = tag.attributes.get(key.as_bytes()).map(|value| String::from_utf8_lossy(value).to_ascii_lowercase());
        value.unwrap_or_default()
    };
    let (class, id) = (value("class"), value("id"));
    let named = |known: &[&str]| known.iter().any(|known| class.contains(known) || id.contains(known));
    if named(&INTRODUCTIONS) {
        Role::QuotedFromHere
    } else if named(&SIGNATURES)
        || id == "signature"
        || is_hidden(&value("style"))
        || tag.attributes.contains_key(b"hidden".as_slice())
    {
        Role::Hidden
    } else if named(&QUOTES)
        || name == "blockquote" && (value("type") == "cite" || class.contains("quote") || id.contains("quote"))
    {
        Role::Quote
    } else if name == "pre" {
        Role::Verbatim
    } else {
        Role::Plain
    }
}

fn is_hidden(style: &str) -> bool {
    let style: String = style.chars().filter(|letter| !letter.is_whitespace()).collect();
    let has =
        |rule: &str| style.split(';').any(|declared| declared.strip_suffix("!important").unwrap_or(declared) == rule);
    has("display:none") || has("visibility:hidden") || has("font-size:0") || has("font-size:0px") || has("opacity:0")
}

/// Elements without an end.
pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Elements that begin and end on lines of their own.
pub(super) fn is_block(name: &str) -> bool {
    is_paragraph(name)
        || matches!(
            name,
            "address"
                | "article"
                | "aside"
                | "body"
                | "center"
                | "dd"
                | "div"
                | "dt"
                | "fieldset"
                | "figure"
                | "footer"
                | "form"
                | "header"
                | "li"
                | "main"
                | "nav"
                | "section"
                | "tr"
                | "td"
                | "th"
                | "tbody"
                | "thead"
        )
}

/// Blocks with an empty line around them.
pub(super) fn is_paragraph(name: &str) -> bool {
    matches!(name, "p" | "blockquote" | "pre" | "ul" | "ol" | "dl" | "table" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}
