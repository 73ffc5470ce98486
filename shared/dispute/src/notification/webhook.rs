//! The mail that says that a webhook endpoint was disabled.

use super::{EmailTemplate, Notification, SupportMail};
use crate::addresses::{MailAddress, Recipients};
use crate::ids::{AccountId, WebhookId};

impl Notification {
    /// The mail to an account whose endpoint `id` at `host` was disabled because of `reason`, which
    /// is a clause such as "it answered 410". It is about no dispute, as [`Self::no_case`] is.
    ///
    /// `None` only if a stand-in were no value of its type, which a test excludes.
    #[must_use]
    pub fn webhook_disabled(
        account: &AccountId,
        owner: &MailAddress,
        id: &WebhookId,
        host: &str,
        reason: &str,
    ) -> Option<Self> {
        let paragraphs = vec![
            format!("The webhook endpoint {id} of your account at {host} gets no more events: {reason}."),
            "Events that happen from now on are not delivered to it. Those that were waiting stay for 30 days \
             after they were made."
                .to_owned(),
            "Once the endpoint is repaired, reply to this mail. Our support team enables it again, and can send what \
             it missed until now once more."
                .to_owned(),
        ];
        let words = SupportMail::plain("webhook_disabled", "A webhook endpoint was disabled", paragraphs);
        let mail = Self::no_case(Recipients::registered([owner.clone()])?, words)?;
        Some(Self { template: EmailTemplate::WebhookDisabled, account: account.clone(), ..mail })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mail_names_the_endpoint_its_host_and_the_reason() {
        let (account, owner) = (AccountId::parse("acct_demo").unwrap(), MailAddress::parse("a@b.example").unwrap());
        let id = WebhookId::new([1; 12]);
        let mail = Notification::webhook_disabled(&account, &owner, &id, "client.example", "it answered 410").unwrap();
        assert_eq!((mail.template, mail.named().count()), (EmailTemplate::WebhookDisabled, 0));
        assert_eq!((&mail.account, mail.recipients.to()), (&account, &owner));
        let text = mail.support.unwrap().paragraphs.join("\n");
        for part in [id.as_str(), "client.example", "it answered 410"] {
            assert!(text.contains(part), "{text}");
        }
    }
}
