//! The mails of the support process: words that were written and checked before, in any language.
//!
//! Around these words there are only names and addresses, so that no sentence is in another
//! language than they are.

use askama::Template;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::notification::{EmailTemplate, Notification, SupportMail};
use recourse_dispute::number::DisputeNumber;

use super::EmailBody;
use crate::Branding;

/// The characters that a `mailto:` address escapes (RFC 6068): all but the unreserved ones.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_').remove(b'~');
/// Of a tag of a language, HTML gets what a tag may have.
const ANY_LANGUAGE: &str = "und";

#[derive(Template)]
#[template(path = "support.txt")]
struct Text<'a> {
    said: &'a MailContent<'a>,
}

#[derive(Template)]
#[template(path = "support.html")]
struct Html<'a> {
    said: &'a MailContent<'a>,
}

struct MailContent<'a> {
    brand: &'a str,
    support: &'a str,
    /// None in the mail about no case.
    case: Option<String>,
    language: &'a str,
    title: &'a str,
    /// The lines of each paragraph.
    paragraphs: Vec<Vec<&'a str>>,
    button: Option<Button<'a>>,
}

struct Button<'a> {
    label: &'a str,
    /// A `mailto:` address, so that nothing happens until the reader sends the mail, or where a
    /// sign-in link leads.
    address: String,
}

/// Writes the body. Without `reply_to` there is nowhere for a button to lead.
pub(super) fn write(
    notification: &Notification,
    mail: &SupportMail,
    branding: &Branding,
    reply_to: Option<&MailAddress>,
) -> Result<EmailBody, askama::Error> {
    let case = Some(notification.number).filter(|number| *number != DisputeNumber::NO_CASE);
    let case = case.map(DisputeNumber::case_id);
    let label = mail.works_now.as_deref().filter(|_| notification.template == EmailTemplate::SupportReply);
    let button = label.zip(reply_to).zip(case.as_deref());
    let button = button.map(|((label, reply_to), case)| Button { label, address: mailto(reply_to, case, label) });
    let link = mail.link.as_ref().filter(|_| notification.template == EmailTemplate::SignIn);
    let link = link.map(|link| Button { label: &link.label, address: link.address.clone() });
    let is_tag = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let said = MailContent {
        brand: branding.name(),
        support: branding.support_address().as_str(),
        language: Some(mail.language.as_str()).filter(|tag| tag.bytes().all(is_tag)).unwrap_or(ANY_LANGUAGE),
        title: &mail.subject,
        paragraphs: mail.paragraphs.iter().map(|paragraph| paragraph.lines().collect()).collect(),
        button: button.or(link),
        case,
    };
    Ok(EmailBody { text: Text { said: &said }.render()?, html: Html { said: &said }.render()? })
}

/// A mail to `reply_to` that says `words`, ready to be sent.
fn mailto(reply_to: &MailAddress, case: &str, words: &str) -> String {
    let (local, domain) = reply_to.as_str().rsplit_once('@').unwrap_or((reply_to.as_str(), ""));
    let escaped = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
    let subject = escaped(&format!("[{case}] {words}"));
    format!("mailto:{}@{domain}?subject={subject}&body={}", escaped(local), escaped(words))
}

#[cfg(test)]
mod tests;
