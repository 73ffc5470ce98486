//! A reply as its readers will have it.

use askama::Template;
use recourse_casework::{AgentAction, CaseError, CaseInput};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::text::visible;
use recourse_mail::{ComposedMail, Composer};
use recourse_store::StoreError;
use recourse_support::case::AgentName;
use recourse_support::guard::Violation;

use super::NAV;
use super::load::Loaded;
use crate::text::lines;
use crate::{Frame, Visitor};

/// What stands in the place of the token of the true mail's plus-address.
const NO_TOKEN: &str = "preview";

/// The page with a reply's mail.
#[derive(Template)]
#[template(path = "case-preview.html")]
pub(super) struct PreviewPage {
    frame: Frame,
    case_id: String,
    seen: String,
    submission: String,
    /// The reply as it was written.
    text: String,
    from: String,
    to: String,
    cc: String,
    subject: String,
    body: String,
    warnings: Vec<&'static str>,
    /// What says that its reader has seen these warnings of this text.
    confirmed: String,
    /// Whether the mail was to go out, and the warnings keep it.
    is_held: bool,
}

/// The mail that a reply makes.
pub(super) fn compose(
    loaded: &Loaded,
    composer: &Composer,
    agent: &AgentName,
    text: &str,
) -> Result<ComposedMail, CaseError> {
    let input = CaseInput::Agent { name: agent.as_str(), action: AgentAction::Reply(text) };
    let commit = loaded.casework.decide(&loaded.snapshot, &input, loaded.now)?;
    let mails = commit.map(|commit| commit.mails).unwrap_or_default();
    let nothing = || CaseError::Refused("Nobody gets mail about this dispute.".to_owned());
    let (_, notification) = mails.last().ok_or_else(nothing)?;
    let broken = |_| StoreError::invariant("a reply cannot be made a mail", loaded.number().case_id());
    Ok(composer.compose(notification, &[], NO_TOKEN).map_err(broken)?)
}

/// What the rules only warn of. A text that they refuse has no warning.
pub(super) fn warnings(loaded: &Loaded, text: &str) -> Vec<Violation> {
    loaded.casework.check_reply(&loaded.snapshot, text).unwrap_or_default()
}

/// What the seal of a confirmation is for.
const PURPOSE: &str = "confirmed reply";

/// What a confirmation names: the case, the text and its warnings.
fn confirmation(number: DisputeNumber, (text, warnings): (&str, &[Violation])) -> [String; 3] {
    let codes: Vec<_> = warnings.iter().map(|warning| warning.code()).collect();
    [number.case_id(), codes.join(" "), text.to_owned()]
}

/// Whether a form says that these warnings of this text were seen. Only a page that has them can
/// make it.
pub(super) fn is_confirmed(
    visitor: &Visitor,
    number: DisputeNumber,
    reply: (&str, &[Violation]),
    confirmed: &str,
) -> bool {
    let parts = confirmation(number, reply);
    visitor.seals.is_sealed(PURPOSE, &parts.each_ref().map(String::as_str), confirmed)
}

impl PreviewPage {
    pub(super) fn of(
        visitor: &Visitor,
        loaded: &Loaded,
        mail: ComposedMail,
        (text, warnings): (&str, &[Violation]),
        (seen, submission): (&str, &str),
        is_held: bool,
    ) -> Self {
        let case_id = loaded.number().case_id();
        let cc: Vec<_> = mail.cc.iter().map(|address| visible(address.as_str()).into_owned()).collect();
        let parts = confirmation(loaded.number(), (text, warnings));
        Self {
            frame: visitor.frame(&format!("Preview of a reply, {case_id}"), NAV),
            case_id,
            seen: seen.to_owned(),
            submission: submission.to_owned(),
            text: text.to_owned(),
            from: visible(mail.from.as_str()).into_owned(),
            to: visible(mail.to.as_str()).into_owned(),
            cc: cc.join(", "),
            subject: visible(mail.subject.as_str()).into_owned(),
            body: lines(&mail.body.text),
            warnings: warnings.iter().map(|warning| warning.sentence()).collect(),
            confirmed: visitor.seals.seal(PURPOSE, &parts.each_ref().map(String::as_str)),
            is_held,
        }
    }
}
