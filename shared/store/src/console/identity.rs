//! The sign-in at an identity provider: attempts that count once and in one browser, the secret by
//! which the provider knows the deployment, and who an operator is there.
//!
//! Of an attempt, digests of its two secrets are stored, and nothing by which somebody who reads
//! the tables could finish it.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::time::UnixMillis;
use serde::{Deserialize, Serialize};

use super::link::TakeOutcome;
use super::operator::{IDENTITY, Operator, OperatorEvent, OperatorId, OperatorIdentity};
use super::token::ConsoleToken;
use crate::error::StoreError;
use crate::items::{Item, body, item, value};
use crate::keys::AUDIT;
use crate::transact::{TransactOutcome, TransactionBuilder, WriteItem};
use crate::{AuditContext, Sealer, SecretText, Store, WriteToken, keys};

/// How long an attempt to sign in at the provider may take: ten minutes.
pub const IDENTITY_MS: i64 = 10 * 60 * 1000;
/// What binds the secret to its use.
const PURPOSE: &str = "identity";

/// An attempt, with all that is needed to finish it.
#[derive(Clone, Debug)]
pub struct IdentityAttempt {
    /// What the provider leads the browser back with.
    pub state: ConsoleToken,
    /// What the cookie of the browser that began holds.
    pub browser: ConsoleToken,
}

/// What became of an attempt with which a browser came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeIdentityOutcome {
    /// It is used up, by this request.
    Taken,
    /// The browser is not the one that began. The attempt is as before.
    OtherBrowser,
    /// There is no such attempt, or it was used or has run out.
    NotGood,
}

/// What became of an operator's first sign-in at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkIdentityOutcome {
    /// The operator is this person from now on, or was before.
    Linked(Box<Operator>),
    /// The operator is another person there: nothing is written.
    Other(Box<Operator>),
    /// The person is another operator: nothing is written.
    Taken(Box<Operator>),
    /// There is no such operator, or the operator was removed.
    NoOperator,
}

/// What became of an order to forget who an operator is at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetIdentityOutcome {
    /// The next person with the operator's address who signs in there is the operator.
    Reset,
    /// Nobody with the operator's address has signed in there since: nothing is written.
    Already,
    /// There is no such operator, or the operator was removed.
    NoOperator,
}

/// That the secret was set: who did it, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentitySecretEntry {
    /// Counts the secrets, from 1.
    pub version: u64,
    /// When.
    pub at: UnixMillis,
    /// Who.
    pub by: PerformedBy,
    /// Why, where it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// An attempt as it is stored.
#[derive(Serialize)]
struct StoredAttempt {
    /// A digest of what the browser that began holds.
    browser: String,
    /// The first millisecond at which it counts no more.
    good_until: UnixMillis,
    /// When DynamoDB may delete it, in seconds.
    expires_at: i64,
}

/// The secret as it is stored.
#[derive(Serialize, Deserialize)]
struct StoredSecret {
    #[serde(with = "serde_bytes")]
    sealed: Vec<u8>,
    version: u64,
}

impl Store {
    /// Begins an attempt.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_identity(
        &self,
        attempt: &IdentityAttempt,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let good_until = now.plus(IDENTITY_MS);
        let browser = attempt.browser.digest();
        let stored = StoredAttempt { browser, good_until, expires_at: good_until.seconds() + 1 };
        let key = keys::identity_attempt(&attempt.state.digest());
        let mut builder = TransactionBuilder::default();
        builder.create(self, WriteItem::Link, token.stamp(item(&key, "identity-attempt", &stored)?))?;
        match self.transact(token, builder).await? {
            TransactOutcome::Done => Ok(()),
            TransactOutcome::Refused(failed) => Err(failed.impossible(format!("beginning the sign-in {key}"))),
        }
    }

    /// Uses an attempt up: of any number of requests at once, one has it. `token` is fresh for
    /// every request, as of [`Self::take_link`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_identity(
        &self,
        attempt: &IdentityAttempt,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<TakeIdentityOutcome, StoreError> {
        let key = keys::identity_attempt(&attempt.state.digest());
        Ok(match self.take_once(&key, &attempt.browser, token, now).await? {
            TakeOutcome::Taken(_) => TakeIdentityOutcome::Taken,
            TakeOutcome::OtherBrowser => TakeIdentityOutcome::OtherBrowser,
            TakeOutcome::NotGood => TakeIdentityOutcome::NotGood,
        })
    }

    /// Makes an operator the person who signed in, at the first time; later the person has to be
    /// the same. Of operators with one person at once, one gets it: what says so is written with
    /// the operator.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn link_identity(
        &self,
        email: &MailAddress,
        identity: &OperatorIdentity,
        audit: &AuditContext,
        token: impl FnMut() -> WriteToken,
    ) -> Result<LinkIdentityOutcome, StoreError> {
        let id = &OperatorId::of(email);
        self.rounds("link_identity", keys::operator(id.as_str()), token, |token| async move {
            let Some(before) = self.operator_by_id(id).await?.filter(Operator::is_active) else {
                return Ok(Some(LinkIdentityOutcome::NoOperator));
            };
            match &before.identity {
                Some(known) if **known == *identity => return Ok(Some(LinkIdentityOutcome::Linked(Box::new(before)))),
                Some(_) => return Ok(Some(LinkIdentityOutcome::Other(Box::new(before)))),
                None => {}
            }
            let after = Operator { identity: Some(Box::new(identity.clone())), ..before.next() };
            let event = OperatorEvent::IdentityLinked(identity.clone());
            let mut builder = TransactionBuilder::default();
            self.operator_steps(&mut builder, Some(&before), &after, event, audit, &token)?;
            let linked = LinkIdentityOutcome::Linked(Box::new(after));
            let taken = || LinkIdentityOutcome::Taken(Box::new(before.clone()));
            self.commit(&token, builder, linked, |failed| (failed == IDENTITY).then(taken)).await
        })
        .await
    }

    /// Forgets who an operator is at the provider, as when the company changes its provider.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reset_identity(
        &self,
        email: &MailAddress,
        audit: &AuditContext,
        token: impl FnMut() -> WriteToken,
    ) -> Result<ResetIdentityOutcome, StoreError> {
        let id = &OperatorId::of(email);
        self.rounds("reset_identity", keys::operator(id.as_str()), token, |token| async move {
            let Some(before) = self.operator_by_id(id).await?.filter(Operator::is_active) else {
                return Ok(Some(ResetIdentityOutcome::NoOperator));
            };
            if before.identity.is_none() {
                return Ok(Some(ResetIdentityOutcome::Already));
            }
            let after = Operator { identity: None, ..before.next() };
            let reset = ResetIdentityOutcome::Reset;
            self.change_operator(&before, &after, OperatorEvent::IdentityReset, audit, &token, reset).await
        })
        .await
    }

    /// Sets the secret by which the provider knows the deployment. It is sealed under `nonce`,
    /// which is random and used once. It holds at once; the one before is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_identity_secret(
        &self,
        sealer: &Sealer,
        secret: &str,
        nonce: [u8; 12],
        audit: &AuditContext,
        mut token: impl FnMut() -> WriteToken,
    ) -> Result<(), StoreError> {
        let sealed = &sealer.seal(self, secret.as_bytes(), PURPOSE, nonce, &token()).await?;
        let key = &keys::identity_secret();
        self.rounds("set_identity_secret", key, token, |token| async move {
            let before = self.get::<StoredSecret>(key).await?.map_or(0, |before| before.version);
            let stored = StoredSecret { sealed: sealed.clone(), version: before + 1 };
            let AuditContext { by, at, why } = audit.clone();
            let entry = IdentitySecretEntry { version: stored.version, at, by, why };
            let entry = item(&keys::identity_secret_audit(stored.version), "audit", &entry)?;
            let mut builder = TransactionBuilder::default();
            let before = Item::from([(":version".to_owned(), value(before)?)]);
            let condition = "attribute_not_exists(PK) OR version = :version";
            builder.put(self, WriteItem::Credential, item(key, "identity-secret", &stored)?, condition, before)?;
            builder.create(self, WriteItem::Record, token.stamp(entry))?;
            self.commit(&token, builder, (), |_| None).await
        })
        .await
    }

    /// The secret by which the provider knows the deployment; `None` where none was set.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn identity_secret(&self, sealer: &Sealer) -> Result<Option<SecretText>, StoreError> {
        let key = keys::identity_secret();
        let Some(stored) = self.get::<StoredSecret>(&key).await? else { return Ok(None) };
        let bytes = sealer.open(self, &stored.sealed, PURPOSE).await?;
        SecretText::of_bytes(&bytes, key).map(Some)
    }

    /// Who set the secret and when, oldest first; empty where none was set.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn identity_secret_audit(&self) -> Result<Vec<IdentitySecretEntry>, StoreError> {
        let items = self.partition(&keys::identity_secret().pk, Some(AUDIT)).await?;
        items.into_iter().map(body).collect()
    }
}
