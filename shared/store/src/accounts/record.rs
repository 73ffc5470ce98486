//! All that is known of an account: itself, its keys without their secrets, and its audit, read in
//! one query of its partition.

use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::{AccountId, KeyId, UserName};
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;
use serde::{Deserialize, Serialize};

use super::{Account, AccountField, AccountStatus, AuditContext, Role, StoredAccount};
use crate::error::StoreError;
use crate::items::{body, item, text};
use crate::keys::{ACCOUNT_KEYS, AUDIT, SK};
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{FaultTarget, Store, WriteToken, keys};

/// An account with its keys and its audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRecord {
    /// The account.
    pub account: Account,
    /// Whether it may call.
    pub status: AccountStatus,
    /// How many changes it has seen; 1 when it was made.
    pub version: u64,
    /// Its keys, revoked ones too, by their ids.
    pub keys: Vec<KeyRecord>,
    /// Who changed what, oldest first.
    pub audit: Vec<AuditEntry>,
}

/// A key as operators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// The public part.
    pub key: KeyId,
    /// What it may be used for.
    pub role: Role,
    /// When it was made; `None` where an earlier release did not note it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<UnixMillis>,
    /// When it was revoked; `None` while it is live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<UnixMillis>,
}

impl KeyRecord {
    /// Whether it was not revoked. Whether it is good depends on its account's status, too.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.revoked_at.is_none()
    }
}

/// One change of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// The account's version that it made.
    pub version: u64,
    /// When, in milliseconds.
    pub at: UnixMillis,
    /// Who ordered it.
    pub by: PerformedBy,
    /// What was done.
    pub event: AccountEvent,
    /// Why, where it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What was done to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountEvent {
    /// It was made.
    Created,
    /// It may not call any more.
    Suspended,
    /// It may call again.
    Resumed,
    /// It got a key.
    KeyCreated(KeyId),
    /// One of its keys was revoked.
    KeyRevoked(KeyId),
    /// One of its users got a password.
    PasswordSet(UserName),
    /// One of its users was removed.
    UserRemoved(UserName),
    /// Some of its fields were set; the account has the values.
    Changed(Vec<AccountField>),
    /// Its general configuration was set.
    Configured,
    /// The secret for requests to its provider was set.
    ProviderSecretSet,
    /// It got a webhook endpoint.
    WebhookAdded(WebhookId),
    /// A webhook endpoint got a new secret.
    WebhookRotated(WebhookId),
    /// A webhook endpoint was disabled.
    WebhookDisabled(WebhookId),
    /// A webhook endpoint was enabled.
    WebhookEnabled(WebhookId),
    /// A webhook endpoint was removed.
    WebhookRemoved(WebhookId),
    /// A key or a webhook endpoint got a script of faults.
    FaultsSet(FaultTarget),
    /// A script of faults was ended.
    FaultsCleared(FaultTarget),
}

impl Store {
    /// An account with its keys and its audit.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account_record(&self, id: &AccountId) -> Result<Option<AccountRecord>, StoreError> {
        Ok(self.stored_record(id).await?.map(|(stored, keys, audit)| AccountRecord {
            account: stored.account,
            status: stored.status,
            version: stored.version,
            keys,
            audit,
        }))
    }

    pub(super) async fn stored_record(
        &self,
        id: &AccountId,
    ) -> Result<Option<(StoredAccount, Vec<KeyRecord>, Vec<AuditEntry>)>, StoreError> {
        let account = keys::account(id);
        let mut stored = None;
        let (mut records, mut audit) = (Vec::new(), Vec::new());
        for item in self.partition(&account.pk, None).await? {
            match text(&item, SK) {
                Some(sk) if sk == account.sk => stored = Some(body(item)?),
                Some(sk) if sk.starts_with(ACCOUNT_KEYS) => records.push(body(item)?),
                Some(sk) if sk.starts_with(AUDIT) => audit.push(body(item)?),
                // A later release may keep more with an account than this one knows.
                _ => {}
            }
        }
        Ok(stored.map(|stored| (stored, records, audit)))
    }

    /// The audit's entry of the change that makes `after`.
    pub(super) fn audit(
        &self,
        builder: &mut TransactionBuilder,
        after: &StoredAccount,
        event: AccountEvent,
        audit: &AuditContext,
        token: &WriteToken,
    ) -> Result<(), StoreError> {
        let AuditContext { by, at, why } = audit.clone();
        let entry = AuditEntry { version: after.version, at, by, event, why };
        let key = keys::account_audit(&after.account.id, after.version);
        // Never rewritten, unlike the account: it knows our own change also after somebody else's.
        builder.create(self, WriteItem::Record, token.stamp(item(&key, "audit", &entry)?))
    }
}
