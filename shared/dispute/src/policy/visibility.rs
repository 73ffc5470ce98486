//! What each party sees of a dispute: one table for every API. Recourse-specific.
//!
//! Two questions are decided here. [`Viewer`] says in which roles an account looks at a
//! dispute; an account with no role is answered as if the dispute did not exist. [`may_see`] says
//! which fields each role may read; an account with several roles reads what any of them may.
//!
//! The rules behind the table:
//!
//! - What an account says of its customer, of itself and of its money is its own. That holds for
//!   emails, phones, account numbers, instrument ids, comments, internal due dates and fees.
//! - Whoever opened the dispute reads its own claim. An opener that is not the transaction's
//!   account reads nothing that the account said.
//! - The issuer reads its own customer's name.
//! - Evidence is for those who decide, which are the issuer, the acquirer and the merchant, and
//!   for those whose it is, which are the account and the opener.
//! - A party reads what another party says to it in an action, and which person of it said so.
//!   The name of a key is its account's own.
//! - Everybody who has a role reads why an operator decided. Nobody reads an operator's name.
//!
//! What a field does not guard is plain: numbers, states, amounts, dates, codes and the
//! transaction's facts, which the vendors print for every party.
//!
//! **Invariant:** an account of staging has no role in a dispute of production, nor the other way
//! round.

use crate::lifecycle::Actor;

/// Something of a dispute that not everybody may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The customer's name.
    CustomerName,
    /// The customer's mail address.
    CustomerEmail,
    /// The customer's phone number.
    CustomerMobile,
    /// The merchant's name and its business name.
    MerchantName,
    /// The merchant's mail address.
    MerchantEmail,
    /// The merchant's phone number.
    MerchantMobile,
    /// The id that the vendors' clients call the account by.
    MerchantId,
    /// The number of the account that the money went through.
    NodalAccount,
    /// The id of the card or account that was paid with.
    PaymentInstrument,
    /// The gateway's id of the order.
    GatewayOrder,
    /// The fee and the tax in the disputed amount.
    Charges,
    /// By when the account wants the dispute resolved.
    InternalDueDate,
    /// When the dispute is due at its level.
    DueDate,
    /// What the account notes of the dispute.
    Comments,
    /// The account's own reference of the transaction.
    Refid,
    /// Whom to ask about the claim: a person, a mail address, and an address for answers.
    ClaimContact,
    /// Why the opener disputes the transaction, in its own words.
    ClaimMessage,
    /// How the support case of a report goes: its states, the reasons for them, and that a mail
    /// came in.
    SupportCase,
    /// Which files of evidence there are, with their names.
    EvidenceList,
    /// What a file of evidence holds.
    EvidenceFile,
    /// What somebody in this role said with a step, or with none.
    NoteBy(Actor),
    /// The name of whoever acted in this role: a user, a key or an operator.
    NameOf(Actor),
}

/// Whether somebody in this role may read this field.
///
/// An operator reads everything: the command line works on the deployment's own tables.
#[must_use]
pub fn may_see(role: Actor, field: Field) -> bool {
    use Actor::{Account, Acquirer, Automation, Clock, Issuer, Merchant, Opener, Operator, Platform};
    let readers: &[Actor] = match field {
        Field::CustomerEmail
        | Field::CustomerMobile
        | Field::MerchantEmail
        | Field::MerchantMobile
        | Field::MerchantId
        | Field::NodalAccount
        | Field::PaymentInstrument
        | Field::GatewayOrder
        | Field::Charges
        | Field::InternalDueDate
        | Field::Comments
        | Field::NoteBy(Account)
        | Field::NameOf(Account) => &[Account, Operator],
        // The platform reported it.
        Field::Refid => &[Account, Platform, Operator],
        // The platform runs the support that the account's customers get.
        Field::SupportCase => &[Account, Opener, Platform, Operator],
        Field::CustomerName => &[Account, Issuer, Operator],
        Field::MerchantName | Field::DueDate | Field::EvidenceList | Field::EvidenceFile => {
            &[Account, Opener, Issuer, Acquirer, Merchant, Operator]
        }
        Field::ClaimContact | Field::ClaimMessage | Field::NoteBy(Opener) | Field::NameOf(Opener) => {
            &[Opener, Operator]
        }
        Field::NoteBy(Issuer | Acquirer | Merchant) | Field::NameOf(Issuer | Acquirer | Merchant) => {
            &[Issuer, Acquirer, Merchant, Operator]
        }
        // Whom a decision binds reads why it was made.
        Field::NoteBy(Operator) => &[Account, Opener, Issuer, Acquirer, Merchant, Operator],
        Field::NoteBy(Automation | Platform | Clock) | Field::NameOf(Operator | Automation | Platform | Clock) => {
            &[Operator]
        }
    };
    readers.contains(&role)
}

/// Who looks at a dispute: all the roles that an account has in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer(Vec<Actor>);

impl Viewer {
    /// Somebody with these roles in a dispute.
    #[must_use]
    pub fn new(roles: Vec<Actor>) -> Self {
        Self(roles)
    }

    /// Whether the dispute exists for the account at all.
    #[must_use]
    pub fn has_a_role(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether the account may read this field in any of its roles.
    #[must_use]
    pub fn may_see(&self, field: Field) -> bool {
        self.0.iter().any(|role| may_see(*role, field))
    }
}

#[cfg(test)]
mod tests;
