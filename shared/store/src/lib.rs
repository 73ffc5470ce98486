#![doc = include_str!("../README.md")]

mod accounts;
mod addresses;
mod change;
mod claim;
mod clock;
mod console;
mod counters;
mod deadlines;
mod ephemeral;
mod error;
mod forget;
mod guard;
mod health;
mod item_change;
mod items;
mod keys;
mod lists;
mod login;
mod open;
mod outbox;
mod query;
mod read;
mod retention;
mod revise;
mod sandbox;
mod sealing;
mod search;
mod support;
mod transact;
mod transactions;
mod upsert;
mod webhooks;

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use recourse_aws::{Aws, BadVariable, Service};
use recourse_dispute::deadlines::{BadDeadlines, Deadlines};

pub use accounts::{
    Account, AccountEvent, AccountField, AccountRecord, AccountStatus, Accounts, AddWebhookOutcome, AmendOutcome,
    Amendment, AuditContext, AuditEntry, ChangeWebhookOutcome, ConfigureOutcome, Credential, Domain, Endpoint,
    EndpointChange, EndpointState, IssueKeyOutcome, KeyLookup, KeyRecord, LIVE_KEYS, MAX_WEBHOOKS, NewCredential,
    NewWebhook, RegisterOutcome, RemoveUserOutcome, RevokeKeyOutcome, Role, SealedProviderSecret, SealedWebhookSecret,
    SecretText, SetProviderSecretOutcome, SetStatusOutcome, SetUserOutcome, User, WEBHOOK_OVERLAP_MS, addresses_of,
};
pub use addresses::{
    AddressChange, AddressEntry, AddressRecord, ClearMarkOutcome, DeliveryFeedback, Mark, RecordFeedbackOutcome,
    Undelivered,
};
pub use change::{ChangeOutcome, NotLocked};
pub use clock::{AccountClock, CaughtUp, ClockMove, MAX_CLOCK_MOVE_MS, MAX_CLOCK_MOVES, MoveClockOutcome};
pub use console::{
    AuditDays, AuditLogCursor, AuditLogEntry, AuditLogFilter, AuditLogId, AuditLogPage, AuditOperator, AuditOutcome,
    ConsoleToken, CreateOperatorOutcome, EndSessionsOutcome, IDENTITY_MS, IdentityAttempt, IdentitySecretEntry,
    InvalidCursor, InvalidToken, LINK_MS, LinkIdentityOutcome, NewOperator, Operator, OperatorEntry, OperatorEvent,
    OperatorId, OperatorIdentity, OperatorRecord, OperatorRole, OperatorStatus, Permission, RemoveOperatorOutcome,
    ResetIdentityOutcome, SESSION_IDLE_MS, SESSION_MAX_MS, Session, SessionToken, SetRoleOutcome, SignInLink,
    TakeIdentityOutcome, TakeLinkOutcome, UnknownOutcome, UnknownRole,
};
pub use counters::{AtMost, Dimension, FoundCase, FoundPage, Histogram, NumbersRow, RecountOutcome, SearchKey};
pub use deadlines::{Cursor, DropReminderOutcome, Overdue};
pub use ephemeral::{Cap, CapOutcome, Idempotence, Nonce, NonceUse, StoredResponse};
pub use error::StoreError;
pub use forget::{
    CasePlan, ErasedCase, ErasedKind, Erasure, Erasures, ExpireOutcome, FinishOutcome, NotedCase, ObjectsPage,
    ObjectsToErase, ScrubOutcome, address_digest,
};
pub use guard::{NoGuard, Replayed, RequestGuard};
pub use health::{Health, Index, TableHealth};
pub use keys::dispute_at;
pub use lists::{DateRange, DisputePage, DisputeSummary, ListOwner};
pub use login::{Admission, LoginOutcome, LoginThrottle};
pub use open::{LiveDispute, OpenOutcome, Opening};
pub use outbox::{
    ClaimOutcome, ClaimedMail, Counted, MailEnd, MailId, MailState, OutboxMail, ReadMail, RedriveOutcome, Redriven,
    Thread, Waiting,
};
pub use read::{DisputeRecord, TransactionRecord};
pub use retention::{BadRetention, Retention};
pub use revise::{ReviseOutcome, ReviseOutcomeOf, Revision};
pub use sandbox::{
    ClearFaultsOutcome, FAULT_HOURS, Fault, FaultScript, FaultTarget, InvalidFault, MAX_DELAY_SECONDS, MAX_FAULTS,
    MAX_SKEW_SECONDS, SetFaultsOutcome,
};
pub use sealing::Sealer;
pub use support::{
    Attachment, CaseFile, CaseFilter, CaseList, CaseRecord, CommitOutcome, Direction, InboundOutcome,
    InvalidQueueCursor, Message, MessageRole, QueueCursor, QueueFilter, QueueOwner, QueuePage, QueueRow, QueueView,
    ReadSnapshot, Received, ReviseSupportOutcome, StepsSince, SupportCommit, SupportEvent, SupportSnapshot, Work,
    WorkKind,
};
pub use transact::WriteToken;
pub use upsert::UpsertOutcome;
pub use webhooks::{
    ClaimDeliveryOutcome, ClaimedDelivery, DELIVERY_DAYS, Delivery, DeliveryAttempt, DeliveryEnd, DeliveryId,
    DeliveryPage, DeliveryRange, DeliveryState, ReplayRequest,
};

/// The names of the two tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    /// Transactions, disputes, accounts, counters.
    pub disputes: String,
    /// Nonces, idempotence keys, caps.
    pub ephemeral: String,
}

/// The two tables. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    tables: Tables,
    deadlines: Arc<Deadlines>,
    retention: Retention,
}

impl Store {
    /// A store over `client`. The statuses that begin in it last as long as `deadlines` says.
    #[must_use]
    pub fn new(client: Client, tables: Tables, deadlines: Deadlines) -> Self {
        Self { client, tables, deadlines: Arc::new(deadlines), retention: Retention::default() }
    }

    /// The same store, of which things are kept for so long.
    #[must_use]
    pub fn with_retention(self, retention: Retention) -> Self {
        Self { retention, ..self }
    }

    /// For how long things are kept.
    #[must_use]
    pub fn retention(&self) -> Retention {
        self.retention
    }

    /// The store of a function. `DISPUTES_TABLE` and `EPHEMERAL_TABLE` name its tables, and its
    /// calls are counted for the log line of the request. `DEADLINES`, where it is set, holds the
    /// differences from the deadlines that ship. `RETENTION`, where it is set, says for how many
    /// days things are kept: it is set for the functions that write what expires, or erase.
    ///
    /// # Errors
    /// [`BadVariable`], also for deadlines and a retention that cannot be read.
    pub fn from_environment(aws: &Aws) -> Result<Self, BadVariable> {
        let tables = Tables { disputes: aws.variable("DISPUTES_TABLE")?, ephemeral: aws.variable("EPHEMERAL_TABLE")? };
        let config = aws_sdk_dynamodb::config::Builder::from(&aws.config(Service::DynamoDb))
            .interceptor(recourse_aws::CountCalls)
            .build();
        Ok(Self::new(Client::from_conf(config), tables, deadlines(aws)?).with_retention(retention(aws)?))
    }
}

fn retention(aws: &Aws) -> Result<Retention, BadVariable> {
    let Some(json) = aws.variable("RETENTION").ok().filter(|json| !json.is_empty()) else {
        return Ok(Retention::default());
    };
    Retention::parse(&json).map_err(|error| {
        tracing::error!(variable = "RETENTION", error = %error, "reading the deployment's retention failed; the function does not start");
        BadVariable::Invalid { name: "RETENTION", reason: error.to_string() }
    })
}

fn deadlines(aws: &Aws) -> Result<Deadlines, BadVariable> {
    let wrong = |error: BadDeadlines| {
        tracing::error!(variable = "DEADLINES", error = %error, "reading the deployment's deadlines failed; the function does not start");
        BadVariable::Invalid { name: "DEADLINES", reason: error.to_string() }
    };
    match aws.variable("DEADLINES").ok().filter(|json| !json.is_empty()) {
        Some(json) => Deadlines::configured(&json).map_err(wrong),
        None => Deadlines::shipped().map_err(wrong),
    }
}
