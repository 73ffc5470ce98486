//! What is checked, and what it is compared with.

use crate::case::SupportCase;
use crate::templates::{RenderedMail, Slots, TemplateId};
use crate::time::UnixSeconds;

/// What the platform says about the transaction now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionStatus {
    /// It has not ended yet.
    Open,
    /// It completed.
    Succesful,
    /// It was paid back.
    Refund,
    /// It did not go through.
    Failed,
}

/// A finished mail.
#[derive(Clone, Copy, Debug)]
pub struct OutgoingMail<'a> {
    /// From which template.
    pub template: TemplateId,
    /// Subject and text.
    pub mail: &'a RenderedMail,
    /// The values that were put into it.
    pub slots: &'a Slots,
    /// The case whose recipients get it.
    pub recipients_of: &'a str,
}

/// What is on record.
#[derive(Clone, Copy, Debug)]
pub struct OnRecord<'a> {
    /// The case after the step that ordered the mail.
    pub case: &'a SupportCase,
    /// `RC-` and eight characters.
    pub case_id: &'a str,
    /// The client's reference of the transaction.
    pub refid: &'a str,
    /// The platform's id of the transaction.
    pub trxid: &'a str,
    /// What was bought.
    pub product: Option<&'a str>,
    /// The amount as the platform writes it.
    pub amount: Option<&'a str>,
    /// The transaction's status now.
    pub transaction: TransactionStatus,
    /// Hosts that a link or an address may name, in small letters.
    pub allowed_hosts: &'a [&'a str],
    /// References of other cases that the caller knows, such as those of the same account. Those
    /// without a digit, or with less than four characters, are passed over.
    pub others: &'a [&'a str],
    /// When the last automatic mail of the case before this one went into the outbox.
    pub last_mail_at: Option<UnixSeconds>,
    /// How many automatic mails of the case went into it before.
    pub mails_before: u32,
}
