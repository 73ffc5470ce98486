//! The mail with the link that signs an operator in to the console.

use super::{EmailTemplate, MailLink, Notification, SupportMail};
use crate::addresses::{MailAddress, Recipients};
use crate::time::UnixMillis;

impl Notification {
    /// The mail to an operator who asked for a sign-in link at `asked_at`. The link leads to
    /// `address` and works until `good_until`. It is about no dispute, as [`Self::no_case`] is.
    ///
    /// `None` only if a stand-in were no value of its type, which a test excludes.
    #[must_use]
    pub fn sign_in(
        operator: &MailAddress,
        name: &str,
        address: &str,
        asked_at: UnixMillis,
        good_until: UnixMillis,
    ) -> Option<Self> {
        let minutes = good_until.0.saturating_sub(asked_at.0) / 60_000;
        let paragraphs = vec![
            format!("Hello {name},"),
            format!("somebody asked to sign in to the console with your address on {}.", asked_at.in_words()),
            format!(
                "If it was you, open the link below. It works once, for {minutes} minutes, until {}, and only in the \
                 browser in which you asked for it.",
                good_until.in_words()
            ),
            "If it was somebody else, you need not do anything: in another browser the link does not work. Please do \
             not pass this mail on, and tell whoever administers the console if it happens again."
                .to_owned(),
        ];
        let link = MailLink { label: "Sign in".to_owned(), address: address.to_owned(), good_until };
        let words = SupportMail { link: Some(link), ..SupportMail::plain("sign_in", "Your sign-in link", paragraphs) };
        let mail = Self::no_case(Recipients::registered([operator.clone()])?, words)?;
        Some(Self { template: EmailTemplate::SignIn, ..mail })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mail_says_when_how_long_and_where_the_link_works_and_debug_does_not_show_it() {
        let operator = MailAddress::parse("aisyah@demo.example").unwrap();
        let (asked, address) = (UnixMillis(1_553_080_523_000), "https://recourse.example/console/link?token=secret");
        let mail = Notification::sign_in(&operator, "Aisyah", address, asked, asked.plus(600_000)).unwrap();
        let words = mail.support.as_ref().unwrap();
        let text = words.paragraphs.join("\n");
        for part in [
            "20 March 2019, 11:15:23 UTC",
            "works once, for 10 minutes, until 20 March 2019, 11:25:23 UTC",
            "only in the browser",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!text.contains("secret"), "the address is beside the words");
        assert!(!format!("{mail:?}").contains("secret"));
        assert_eq!((mail.template, mail.named().count()), (EmailTemplate::SignIn, 0));
        let stored = serde_json::to_string(&mail).unwrap();
        assert_eq!(serde_json::from_str::<Notification>(&stored).unwrap(), mail);
    }
}
