//! The rules by their names.

use crate::redact::Secret;
use crate::templates::{Slot, TemplateId};

/// A rule that a mail breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Violation {
    /// It has what no mail may carry.
    Secret(Secret),
    /// It names a host that is not on the allow-list.
    Link,
    /// It names another case, or goes to another case's recipients.
    OtherCase,
    /// It says that money comes back.
    Money,
    /// It names an amount that is not the payment's.
    Amount,
    /// It says how something ended.
    Result,
    /// It promises something.
    Promise,
    /// It names a day or a time that is not on record.
    Date,
    /// What its template needs is not on record.
    NoBasis(TemplateId),
    /// A value differs from what is on record.
    NotOnRecord(Slot),
    /// The last automatic mail is less than an hour old.
    TooSoon,
    /// The case has had as many automatic mails as it may have.
    TooMany,
    /// It is too long, or its subject is not one line.
    Malformed,
}

impl Violation {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Secret(Secret::CardNumber) => "card_number",
            Self::Secret(Secret::Pin) => "pin",
            Self::Secret(Secret::Key) => "key",
            Self::Link => "link",
            Self::OtherCase => "other_case",
            Self::Money => "money",
            Self::Amount => "amount",
            Self::Result => "result",
            Self::Promise => "promise",
            Self::Date => "date",
            Self::NoBasis(_) => "no_basis",
            Self::NotOnRecord(_) => "not_on_record",
            Self::TooSoon => "too_soon",
            Self::TooMany => "too_many",
            Self::Malformed => "malformed",
        }
    }

    /// The sentence for an agent.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Secret(Secret::CardNumber) => "The text has a full card number.",
            Self::Secret(Secret::Pin) => "The text has a PIN or a number that looks like one.",
            Self::Secret(Secret::Key) => "The text has a password or a key.",
            Self::Link => "The text has a link or an address that is not on the allow-list.",
            Self::OtherCase => "The text names another case, or goes to another case's recipients.",
            Self::Money => "The text says that money comes back, which is not on record.",
            Self::Amount => "The text names an amount that is not the payment's.",
            Self::Result => "The text says how it ended, which is not on record.",
            Self::Promise => "The text promises something.",
            Self::Date => "The text names a day or a time that is not on record.",
            Self::NoBasis(_) => "What the template says is not on record.",
            Self::NotOnRecord(_) => "A value of the mail differs from the record.",
            Self::TooSoon => "The last automatic mail is less than an hour old.",
            Self::TooMany => "The case has had as many automatic mails as it may have.",
            Self::Malformed => "The text is too long, or the subject is not one line.",
        }
    }

    /// Whether an agent's reply with it is refused; otherwise the agent is warned.
    #[must_use]
    pub fn refuses_agent(self) -> bool {
        matches!(self, Self::Secret(_) | Self::Link | Self::OtherCase | Self::Malformed)
    }
}
