//! The console: who may use it, how they sign in, and the log of what they saw and did.
//!
//! **Invariant:** a change of an operator is one transaction, conditional on the operator's
//! version, with an entry in the operator's audit. Entry N describes the change that made version
//! N.
//!
//! **Invariant:** a session counts only while its operator is there and has the role. Each request
//! reads both, so a removal, another role and an end of all sessions hold at once.
//!
//! Of a link, of a sign-in at the identity provider, of the browser that asked for either and of a
//! session, only digests are stored. Nobody who reads the tables can sign in with them.

mod audit_log;
mod identity;
mod link;
mod operator;
mod role;
mod session;
mod token;

pub use audit_log::{
    AuditDays, AuditLogCursor, AuditLogEntry, AuditLogFilter, AuditLogId, AuditLogPage, AuditOperator, AuditOutcome,
    InvalidCursor, UnknownOutcome,
};
pub use identity::{
    IDENTITY_MS, IdentityAttempt, IdentitySecretEntry, LinkIdentityOutcome, ResetIdentityOutcome, TakeIdentityOutcome,
};
pub use link::{LINK_MS, SignInLink, TakeLinkOutcome};
pub use operator::{
    CreateOperatorOutcome, EndSessionsOutcome, NewOperator, Operator, OperatorEntry, OperatorEvent, OperatorId,
    OperatorIdentity, OperatorRecord, OperatorStatus, RemoveOperatorOutcome, SetRoleOutcome,
};
pub use role::{OperatorRole, Permission, UnknownRole};
pub use session::{SESSION_IDLE_MS, SESSION_MAX_MS, Session};
pub use token::{ConsoleToken, InvalidToken, SessionToken};
