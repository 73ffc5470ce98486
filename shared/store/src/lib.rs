#![doc = include_str!("../README.md")]

mod accounts;
mod addresses;
mod change;
mod error;
mod guards;
mod health;
mod items;
mod keys;
mod open;
mod outbox;
mod read;
mod revise;
mod sealing;
mod transact;
mod transactions;

use aws_sdk_dynamodb::Client;
use recourse_aws::{Aws, MissingVariable, Service};

pub use accounts::{
    Account, AccountEvent, AccountRecord, AuditEntry, Configured, Credential, Issued, KeyRecord, LIVE_KEYS,
    NewCredential, Order, Registered, Revoked, Role, SecretText, Standing, Stood,
};
pub use addresses::{AddressChange, AddressEntry, AddressRecord, Cleared, Feedback, Mark, Noted, Undelivered};
pub use change::Changed;
pub use error::StoreError;
pub use guards::{Cap, Capped, Idempotence, KeptAnswer, Nonce, NonceUse};
pub use health::{Health, Index, TableHealth};
pub use open::{LiveDispute, Opened, Opening};
pub use outbox::{Claim, ClaimedMail, Mail, MailId, MailState, Redriven, Redriving, Waiting};
pub use read::{Record, TransactionRecord};
pub use revise::Revised;
pub use sealing::Sealer;
pub use transact::AttemptId;
pub use transactions::Told;

/// The names of the two tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    /// Transactions, disputes, accounts.
    pub disputes: String,
    /// Nonces, idempotence keys, caps.
    pub guards: String,
}

/// The tables, behind a DynamoDB client. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    tables: Tables,
}

impl Store {
    /// A store over `client`.
    #[must_use]
    pub fn new(client: Client, tables: Tables) -> Self {
        Self { client, tables }
    }

    /// The store of a function: tables named by `DISPUTES_TABLE` and `GUARDS_TABLE`, calls counted for the request's log line.
    ///
    /// # Errors
    /// [`MissingVariable`].
    pub fn from_environment(aws: &Aws) -> Result<Self, MissingVariable> {
        let tables = Tables { disputes: aws.variable("DISPUTES_TABLE")?, guards: aws.variable("GUARDS_TABLE")? };
        let config = aws_sdk_dynamodb::config::Builder::from(&aws.config(Service::DynamoDb))
            .interceptor(recourse_aws::CountCalls)
            .build();
        Ok(Self::new(Client::from_conf(config), tables))
    }
}
