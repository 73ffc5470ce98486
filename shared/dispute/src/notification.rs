//! A mail that is enqueued: all that is needed to write it, stored with the dispute until it is
//! sent.

mod no_case;
mod sign_in;
mod webhook;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::addresses::{MailAddress, Recipients};
use crate::channel::Channel;
use crate::event::EventKind;
use crate::ids::{AccountId, Refid};
use crate::lifecycle::{Action, Actor, Category, Closing, Side};
use crate::money::Money;
use crate::number::DisputeNumber;
use crate::time::UnixMillis;

/// Who of a dispute a mail is for. Each has its own mail, so that nobody finds the other's
/// addresses in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Whom the opener named, and its account; of a dispute that a bank logged, the account whose
    /// transaction it is.
    #[default]
    Case,
    /// The banks and the merchant that the transaction names, at their registered addresses.
    Parties,
}

impl Audience {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Case, Self::Parties];
}

/// What a mail is about: who did what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The API that the dispute was opened through.
    pub channel: Channel,
    /// Who did it.
    pub actor: Actor,
    /// What.
    pub kind: EventKind,
}

listed! {
    /// Which mail.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum EmailTemplate {
        /// We have your report; what happens next.
        Received,
        /// The transaction was refunded, so the case is closed.
        Refunded,
        /// The transaction did not go through after all, so the case is closed.
        TransactionFailed,
        /// An operator decided the case in the customer's favour.
        DecidedForCustomer,
        /// An operator decided the case in the merchant's favour.
        DecidedForMerchant,
        /// A party or the time ended the case in the customer's favour.
        CaseEndedForCustomer,
        /// A party or the time ended the case in the merchant's favour.
        CaseEndedForMerchant,
        /// Who opened the case withdrew it.
        Withdrawn,
        /// To the parties: a dispute was opened.
        Logged,
        /// To the parties: a dispute was closed on creation.
        LoggedAccepted,
        /// To the parties: the dispute is at another status.
        Advanced,
        /// To the parties: the merchant's account took its verdict back.
        Reopened,
        /// To the parties: one of them ended it in the customer's favour.
        Accepted,
        /// To the parties: one of them ended it in the merchant's favour.
        Declined,
        /// To whoever has to act: the status ends soon.
        Reminder,
        /// To the parties: time ran out, in the customer's favour.
        ExpiredForCustomer,
        /// To the parties: time ran out, in the merchant's favour.
        ExpiredForMerchant,
        /// To the parties: the transaction was refunded, so the dispute is closed.
        PaymentRefunded,
        /// To the parties: the transaction did not go through after all, so the dispute is closed.
        PaymentFailed,
        /// To the parties: an operator decided the dispute in the customer's favour.
        DisputeDecidedForCustomer,
        /// To the parties: an operator decided the dispute in the merchant's favour.
        DisputeDecidedForMerchant,
        /// To the parties: who opened the dispute withdrew it.
        DisputeWithdrawn,
        /// To the account that named it: an address of the case takes no mail, so it gets none any
        /// more.
        Undeliverable,
        /// To those of the case: a mail of its support process, or the reply of an agent.
        SupportReply,
        /// To the supervisors: a case has waited too long for an agent. To the support address: a
        /// reply came in to a case that nothing moves.
        SupportWaiting,
        /// To the support address: a mail came in that belongs to no case.
        UnknownCaseMail,
        /// To an operator: the link that signs in to the console.
        SignIn,
        /// To an account: one of its webhook endpoints was disabled.
        WebhookDisabled,
    }
}

impl EmailTemplate {
    /// Whether it is written for banks and merchants, who act on the dispute, and says its status.
    #[must_use]
    pub fn is_for_parties(self) -> bool {
        !matches!(
            self,
            Self::Received
                | Self::Refunded
                | Self::TransactionFailed
                | Self::DecidedForCustomer
                | Self::DecidedForMerchant
                | Self::CaseEndedForCustomer
                | Self::CaseEndedForMerchant
                | Self::Withdrawn
                | Self::Undeliverable
                | Self::SupportReply
                | Self::SupportWaiting
                | Self::UnknownCaseMail
                | Self::SignIn
                | Self::WebhookDisabled
        )
    }
}

/// The status of a dispute when a mail about it is enqueued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusSnapshot {
    /// The dispute's log code, in a mail that goes to banks: by nothing else can they find it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_code: Option<String>,
    /// The transaction's type and reference, by which banks know it.
    pub transaction: Option<String>,
    /// What kind of claim it is.
    pub category: Category,
    /// The status as the Arbiter API shows it.
    pub status: Option<String>,
    /// The side that has to act.
    pub party_due: Option<Side>,
    /// When the status ends by itself.
    pub ends_at: Option<UnixMillis>,
    /// In whose favour the dispute then ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_for: Option<Closing>,
    /// Who answers for the merchant's side in the bank network: the acquirer or the merchant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respondent: Option<Actor>,
    /// What one of the mail's readers may do now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choices: Option<Choices>,
}

/// What a party may do while its side has to act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// The role of the party.
    pub role: Actor,
    /// The actions that the table between the parties allows it now, at least one.
    pub actions: Vec<Action>,
}

/// What a mail says of the payment and of the claim beside the amounts. The mail's readers may all
/// read what is here: [`crate::dispute::Dispute::notifications`] leaves the rest out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NotificationDetails {
    /// When the payment was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<UnixMillis>,
    /// The name of who was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchant: Option<String>,
    /// The name of the customer's bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The name of the merchant's bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acquirer: Option<String>,
    /// Why the claim is made, as one of the reasons that its API knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What whoever acted said, in its own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// An enqueued mail. Whoever sends it reads nothing else of the dispute, except whether a reminder
/// is still needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Which mail.
    pub template: EmailTemplate,
    /// Who of the dispute it is for.
    pub audience: Audience,
    /// What it is about. For [`EmailTemplate::Undeliverable`] that is what the mail that came back
    /// was about.
    pub cause: Cause,
    /// About which dispute.
    pub number: DisputeNumber,
    /// Whose case it is; caps count by it.
    pub account: AccountId,
    /// Who gets it.
    pub recipients: Recipients,
    /// The account's own reference of the transaction; banks do not know it.
    pub refid: Refid,
    /// What was bought.
    pub product: Option<String>,
    /// How much was paid.
    pub amount: Money,
    /// How much of it is disputed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disputed: Option<Money>,
    /// What else the mail says of the payment and of the claim.
    #[serde(default)]
    pub details: NotificationDetails,
    /// The status of the dispute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusSnapshot>,
    /// The address that [`EmailTemplate::Undeliverable`] is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undelivered: Option<MailAddress>,
    /// What a mail of the support process says. Its words are finished, so no other member of the
    /// notification is in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<Box<SupportMail>>,
}

impl Notification {
    /// The addresses that a caller named, under whose caps the mail counts. Those that accounts
    /// have registered are in every mail of their disputes; the account's cap counts for them.
    pub fn named(&self) -> impl Iterator<Item = &MailAddress> {
        self.recipients.named()
    }
}

/// The words of a mail of the support process, or of a mail that is about no case. They were
/// finished before they were enqueued. Debug shows none of them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupportMail {
    /// What operators call it: the name of its template, or `agent_reply`.
    pub name: String,
    /// The tag of its language, such as `en`.
    pub language: String,
    /// The subject, without the case id that goes before it.
    pub subject: String,
    /// The text. A line break in a paragraph is one in the mail.
    pub paragraphs: Vec<String>,
    /// The label of the button by which a customer says that it works now; none for no button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub works_now: Option<String>,
    /// Who wrote it.
    pub author: Author,
    /// The name beside the brand's in From, where the agent's is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Whether it is only true while the dispute is open, as a question to the customer is.
    pub while_open: bool,
    /// Where the button of [`EmailTemplate::SignIn`] leads; no other mail has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<MailLink>,
}

/// A button that leads to an address for a limited time. Debug does not show the address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailLink {
    /// What the button says.
    pub label: String,
    /// The address.
    pub address: String,
    /// The first moment at which it works no more. The mail does not go out after it.
    pub good_until: UnixMillis,
}

impl fmt::Debug for MailLink {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("MailLink").field("good_until", &self.good_until).finish_non_exhaustive()
    }
}

impl SupportMail {
    /// A mail in English to people who work on cases: no button, no agent's name.
    #[must_use]
    pub fn plain(name: &str, subject: &str, paragraphs: Vec<String>) -> Self {
        Self {
            name: name.to_owned(),
            language: "en".to_owned(),
            subject: subject.to_owned(),
            paragraphs,
            works_now: None,
            author: Author::Automation,
            agent: None,
            while_open: false,
            link: None,
        }
    }
}

impl fmt::Debug for SupportMail {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SupportMail").field("name", &self.name).field("author", &self.author).finish_non_exhaustive()
    }
}

/// Who wrote a mail of the support process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The process, by itself.
    Automation,
    /// The process, as the answer to a mail that came in.
    AutomaticReply,
    /// An agent.
    Agent,
}

/// A mail of a case; the mails that follow it thread on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThreadEntry {
    /// A mail of ours that went out.
    Sent {
        /// SES's id of it.
        message_id: String,
        /// Who got it.
        recipients: Recipients,
    },
    /// A mail that came in.
    Received {
        /// Its Message-ID, with the brackets.
        message_id: String,
        /// Who sent it.
        from: MailAddress,
    },
}

impl ThreadEntry {
    /// Whether a reader has this mail: it was sent to the reader, or by the reader.
    #[must_use]
    pub fn is_known_to(&self, reader: &MailAddress) -> bool {
        match self {
            Self::Sent { recipients, .. } => recipients.reaches(reader),
            Self::Received { from, .. } => from.is_same_mailbox(reader),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn notification(given: &[&str]) -> Notification {
        let given: Vec<String> = given.iter().map(|text| (*text).to_owned()).collect();
        let account = MailAddress::parse("account@client.example").unwrap();
        Notification {
            template: EmailTemplate::Received,
            audience: Audience::Case,
            cause: Cause { channel: Channel::Iimmpact, actor: Actor::Opener, kind: EventKind::Opened },
            number: DisputeNumber::try_from(551).unwrap(),
            account: AccountId::parse("acct_demo").unwrap(),
            recipients: Recipients::parse(&given, &account).unwrap(),
            refid: Refid::parse("123456").unwrap(),
            product: None,
            amount: Money::from_minor(155_000, Currency::parse("NGN").unwrap()),
            disputed: None,
            details: NotificationDetails::default(),
            status: None,
            undelivered: None,
            support: None,
        }
    }

    #[test]
    fn the_accounts_own_address_was_not_named() {
        let of =
            |given: &[&str]| notification(given).named().map(|address| address.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(of(&["b@x.example", "account@client.example", "a@x.example"]), ["b@x.example", "a@x.example"]);
        assert!(of(&[]).is_empty());
        assert!(of(&["account@client.example"]).is_empty());
    }

    #[test]
    fn a_mail_is_known_to_its_readers_and_its_sender() {
        let reader = |text: &str| MailAddress::parse(text).unwrap();
        let recipients = notification(&["a@x.example"]).recipients;
        let sent = ThreadEntry::Sent { message_id: "1".to_owned(), recipients };
        assert!(sent.is_known_to(&reader("A@X.example")) && sent.is_known_to(&reader("account@client.example")));
        let received = ThreadEntry::Received { message_id: "<1@y>".to_owned(), from: reader("a@x.example") };
        assert!(
            received.is_known_to(&reader("a@X.EXAMPLE")) && !received.is_known_to(&reader("account@client.example"))
        );
    }
}
