//! The mail about a mail that belongs to no case.

use super::{Audience, Cause, EmailTemplate, Notification, NotificationDetails, SupportMail};
use crate::addresses::Recipients;
use crate::channel::Channel;
use crate::event::EventKind;
use crate::ids::{AccountId, Refid};
use crate::lifecycle::Actor;
use crate::money::{Currency, Money};
use crate::number::DisputeNumber;

/// The account under which these mails are capped. No account may have this id.
const ACCOUNT: &str = "no-case";

impl Notification {
    /// The mail that says `mail` to `recipients`, about no dispute. A notification has a dispute,
    /// an account and an amount, so this one has stand-ins. The mail shows none of them.
    ///
    /// `None` only if a stand-in were no value of its type, which a test excludes.
    #[must_use]
    pub fn no_case(recipients: Recipients, mail: SupportMail) -> Option<Self> {
        Some(Self {
            template: EmailTemplate::UnknownCaseMail,
            audience: Audience::Case,
            cause: Cause { channel: Channel::Iimmpact, actor: Actor::Automation, kind: EventKind::Commented },
            number: DisputeNumber::NO_CASE,
            account: AccountId::parse(ACCOUNT).ok()?,
            recipients,
            refid: Refid::parse("-").ok()?,
            product: None,
            amount: Money::from_minor(0, Currency::parse("USD").ok()?),
            disputed: None,
            details: NotificationDetails::default(),
            status: None,
            undelivered: None,
            support: Some(Box::new(mail)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addresses::MailAddress;
    use crate::notification::Author;

    #[test]
    fn every_stand_in_is_a_value() {
        let support = Recipients::registered([MailAddress::parse("support@recourse.example").unwrap()]).unwrap();
        let mail = SupportMail {
            name: "no_case".to_owned(),
            language: "en".to_owned(),
            subject: "secret-1".to_owned(),
            paragraphs: vec!["secret-2".to_owned()],
            works_now: None,
            author: Author::Automation,
            agent: None,
            while_open: false,
            link: None,
        };
        let notification = Notification::no_case(support, mail).unwrap();
        assert_eq!((notification.number, notification.named().count()), (DisputeNumber::NO_CASE, 0));
        assert!(!format!("{notification:?}").contains("secret"));
        let stored = serde_json::to_string(&notification).unwrap();
        assert_eq!(serde_json::from_str::<Notification>(&stored).unwrap(), notification);
    }
}
