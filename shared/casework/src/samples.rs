//! The mails of the process about a payment that is made up, for who wants to read them.

use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::ids::Refid;
use recourse_dispute::notification::{EmailTemplate, Notification, SupportMail};
use recourse_dispute::number::DisputeNumber;
use recourse_support::case::{Language, State};
use recourse_support::reason::Reason;
use recourse_support::templates::{Slot, Slots, TemplateId};
use recourse_support::time::UnixSeconds;

use crate::Casework;
use crate::mails::paragraphs;

/// The case of the sample, as mails show it.
const CASE: &str = "0000008t";
/// Who would get it.
const CUSTOMER: &str = "customer@shop.example";
const REFID: &str = "123456";

impl Casework {
    /// The languages in which mails are written.
    pub fn languages(&self) -> impl Iterator<Item = &Language> {
        self.templates.languages()
    }

    /// A mail of the process in a language, with every value that it can have. `now` is the day
    /// that it names. `None` for a language that there is not.
    #[must_use]
    pub fn sample(&self, template: TemplateId, language: &Language, now: UnixSeconds) -> Option<Notification> {
        let number = DisputeNumber::from_base62(CASE).ok()?;
        let case = number.case_id();
        let values = [
            (Slot::CaseId, case.as_str()),
            (Slot::Refid, REFID),
            (Slot::Product, "Steam Wallet 50"),
            (Slot::Amount, "50.00 MYR"),
            (Slot::ProviderReference, "VN-2210"),
            (Slot::Evidence, "Activated on 2026-01-15."),
            (Slot::Reason, Reason::AgentLate.sentence()),
            (Slot::State, State::WaitingForAgent.name()),
            (Slot::Agent, "Aisyah"),
        ];
        let slots = values.into_iter().fold(Slots::new().on(now), |slots, (slot, value)| slots.with(slot, value));
        let mail = self.templates.render(template, language, &slots).ok()?;
        let phrases = self.templates.phrases(language)?;
        let subject = mail.subject.strip_prefix(&format!("[{case}] ")).unwrap_or(&mail.subject);
        let has_button = template.has_button() && self.settings.reads_replies;
        let words = SupportMail {
            language: language.as_str().to_owned(),
            works_now: has_button.then(|| phrases.works_now.clone()),
            ..SupportMail::plain(template.name(), subject, paragraphs(&mail.text))
        };
        let readers = Recipients::registered([MailAddress::parse(CUSTOMER).ok()?])?;
        let kind = if template == TemplateId::Supervisors {
            EmailTemplate::SupportWaiting
        } else {
            EmailTemplate::SupportReply
        };
        let refid = Refid::parse(REFID).ok()?;
        Some(Notification { template: kind, number, refid, ..Notification::no_case(readers, words)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::casework;

    #[test]
    fn every_mail_can_be_read_in_every_language() {
        let casework = casework(&[]);
        let day = UnixSeconds(1_780_000_000);
        let mut read = 0;
        for language in casework.languages() {
            for template in TemplateId::ALL {
                let sample = casework.sample(template, language, day).unwrap();
                let mail = sample.support.unwrap();
                assert!(!mail.paragraphs.is_empty() && !mail.subject.contains(CASE), "{template:?}");
                assert_eq!(mail.works_now.is_some(), template.has_button(), "{template:?}");
                read += 1;
            }
        }
        assert!(read >= 2 * TemplateId::ALL.len(), "{read}");
        assert!(casework.sample(TemplateId::Delivered, &Language::parse("xx").unwrap(), day).is_none());
    }
}
