//! Operators: the people who may use the console, each with an address, a name and a role.
//!
//! An operator's key is a digest of the address. The name is the one by which cases name their
//! agent, so no two operators have the same, in whatever case, and the name of somebody who was
//! removed is free again only for a caller who says that it is to be used again.

use std::fmt;

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::time::UnixMillis;
use recourse_support::case::AgentName;
use serde::{Deserialize, Serialize};

use super::role::{OperatorRole, Permission};
use crate::addresses::digest_of;
use crate::error::StoreError;
use crate::items::{Item, body, item, text, value};
use crate::keys::{AUDIT, OPERATORS, SK};
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{AuditContext, Store, WriteToken, keys};

/// The write that claims a name.
const NAME: WriteItem = WriteItem::Pointer("operator-name");
/// The write that claims a person at the identity provider.
pub(super) const IDENTITY: WriteItem = WriteItem::Pointer("operator-identity");
/// How many operators one read gets.
const BATCH: usize = 100;

/// The key of an operator: the SHA-256 of the address in lower case, in hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperatorId(String);

impl OperatorId {
    /// The id of the operator with this address.
    #[must_use]
    pub fn of(address: &MailAddress) -> Self {
        Self(digest_of(address))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads 64 hexadecimal digits in lower case.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 64 && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }
}

/// It is made of an address, so Debug shows no more than is needed to tell two apart.
impl fmt::Debug for OperatorId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "OperatorId({})", self.0.get(..8).unwrap_or_default())
    }
}

/// Whether an operator may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatorStatus {
    /// The operator may.
    Active,
    /// The operator was removed. What was recorded of the operator stays.
    Removed,
}

/// Who an operator is at the identity provider.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorIdentity {
    /// The provider.
    pub issuer: String,
    /// The provider's name for the person, which it gives to nobody else: 1 to 255 characters.
    pub subject: String,
}

/// It names a person, so Debug does not show it.
impl fmt::Debug for OperatorIdentity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("OperatorIdentity([REDACTED])")
    }
}

/// Somebody who may use the console, or might.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// Where sign-in links go.
    pub email: MailAddress,
    /// The name by which cases name their agent.
    pub name: AgentName,
    /// What the operator may do.
    pub role: OperatorRole,
    /// Whether the operator may sign in.
    pub status: OperatorStatus,
    /// Counts the changes, from 1.
    pub version: u64,
    /// Counts how often all sessions were ended. A session and a link are of one count, and are
    /// over when it has moved.
    pub session_epoch: u64,
    /// Who the operator is at the identity provider, since the first sign-in there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Box<OperatorIdentity>>,
}

impl Operator {
    /// The operator's key.
    #[must_use]
    pub fn id(&self) -> OperatorId {
        OperatorId::of(&self.email)
    }

    /// Whether the operator may sign in.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == OperatorStatus::Active
    }

    /// Whether the operator works on cases now, so that a case can be given to the operator.
    #[must_use]
    pub fn works(&self) -> bool {
        self.is_active() && self.role.may(Permission::Work)
    }

    /// The same after a change that ends no session.
    pub(super) fn next(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }
}

/// An operator to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOperator {
    /// The address.
    pub email: MailAddress,
    /// The name.
    pub name: AgentName,
    /// The role.
    pub role: OperatorRole,
    /// Whether the name may be one of somebody who was removed, as when a person has a new address.
    pub reuse_name: bool,
}

/// An operator with the changes so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorRecord {
    /// The operator.
    pub operator: Operator,
    /// Who changed what, oldest first.
    pub audit: Vec<OperatorEntry>,
}

/// One change of an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorEntry {
    /// The operator's version that it made.
    pub version: u64,
    /// When.
    pub at: UnixMillis,
    /// Who ordered it.
    pub by: PerformedBy,
    /// What was done.
    pub event: OperatorEvent,
    /// Why, where it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What was done to an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatorEvent {
    /// The operator was created, the first time or again.
    Created {
        /// Under this name.
        name: AgentName,
        /// In this role.
        role: OperatorRole,
    },
    /// The operator got another role.
    RoleSet(OperatorRole),
    /// All sessions of the operator were ended.
    SessionsEnded,
    /// The operator was removed, and all sessions were ended.
    Removed,
    /// The operator signed in at the identity provider for the first time.
    IdentityLinked(OperatorIdentity),
    /// Who the operator is at the identity provider was forgotten.
    IdentityReset,
}

/// What became of a new operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateOperatorOutcome {
    /// The operator may sign in.
    Created,
    /// There is an operator with this address, who stays as before.
    Taken,
    /// Another operator has the name.
    NameTaken,
    /// An operator who was removed had the name, and it is not to be used again.
    NameRetired,
}

/// What became of another role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetRoleOutcome {
    /// It holds from the operator's next request on.
    Changed,
    /// The operator had it before: nothing is written.
    Already,
    /// There is no such operator, or the operator was removed.
    NoOperator,
    /// Who orders it is no admin any more, or is that very operator: nothing is written.
    NoAdmin,
}

/// What became of a removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoveOperatorOutcome {
    /// The operator may not sign in any more, and all sessions are over.
    Removed,
    /// There is no such operator, or the operator was removed before: nothing is written.
    NoOperator,
    /// Who orders it is no admin any more, or is that very operator: nothing is written.
    NoAdmin,
}

/// What became of an order to end all sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndSessionsOutcome {
    /// All sessions and links so far are over.
    Ended,
    /// There is no such operator, or the operator was removed.
    NoOperator,
}

/// Who has a name, or who a person at the identity provider is.
#[derive(Serialize, Deserialize)]
struct StoredClaim {
    held_by: OperatorId,
}

/// An entry of the list of operators.
#[derive(Serialize, Deserialize)]
struct StoredEntry {
    id: OperatorId,
}

impl Store {
    /// An operator by the address, in any case; also one who was removed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn operator(&self, email: &MailAddress) -> Result<Option<Operator>, StoreError> {
        self.operator_by_id(&OperatorId::of(email)).await
    }

    pub(super) async fn operator_by_id(&self, id: &OperatorId) -> Result<Option<Operator>, StoreError> {
        self.get(&keys::operator(id.as_str())).await
    }

    /// An operator with all changes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn operator_record(&self, email: &MailAddress) -> Result<Option<OperatorRecord>, StoreError> {
        let key = keys::operator(OperatorId::of(email).as_str());
        let (mut operator, mut audit) = (None, Vec::new());
        for item in self.partition(&key.pk, None).await? {
            match text(&item, SK) {
                Some(sk) if sk == key.sk => operator = Some(body(item)?),
                Some(sk) if sk.starts_with(AUDIT) => audit.push(body(item)?),
                // A later release may keep more with an operator than this one knows.
                _ => {}
            }
        }
        Ok(operator.map(|operator| OperatorRecord { operator, audit }))
    }

    /// Every operator, by name; also those who were removed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn operators(&self) -> Result<Vec<Operator>, StoreError> {
        let entries = self.partition(OPERATORS, None).await?.into_iter();
        let wanted = entries
            .map(|entry| Ok(keys::operator(body::<StoredEntry>(entry)?.id.as_str())))
            .collect::<Result<Vec<_>, StoreError>>()?;
        let mut operators = Vec::with_capacity(wanted.len());
        for keys in wanted.chunks(BATCH) {
            for item in self.batch(keys).await? {
                operators.push(body::<Operator>(item)?);
            }
        }
        operators.sort_by_cached_key(|operator| (operator.name.as_str().to_lowercase(), operator.id()));
        Ok(operators)
    }

    /// Creates an operator, or brings one back who was removed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_operator(
        &self,
        new: &NewOperator,
        audit: &AuditContext,
        token: impl FnMut() -> WriteToken,
    ) -> Result<CreateOperatorOutcome, StoreError> {
        let id = &OperatorId::of(&new.email);
        self.rounds("create_operator", keys::operator(id.as_str()), token, |token| async move {
            let before = self.operator_by_id(id).await?;
            if before.as_ref().is_some_and(Operator::is_active) {
                return Ok(Some(CreateOperatorOutcome::Taken));
            }
            let mut builder = TransactionBuilder::default();
            if let Err(outcome) = self.claim_name(&mut builder, id, new).await? {
                return Ok(Some(outcome));
            }
            let after = Operator {
                email: new.email.clone(),
                name: new.name.clone(),
                role: new.role,
                status: OperatorStatus::Active,
                version: before.as_ref().map_or(0, |before| before.version) + 1,
                session_epoch: before.as_ref().map_or(0, |before| before.session_epoch),
                // Who comes back may be somebody else with the same address.
                identity: None,
            };
            if before.is_none() {
                let entry = item(&keys::operator_entry(id.as_str()), "operator-entry", &StoredEntry { id: id.clone() });
                builder.create(self, WriteItem::Record, entry?)?;
            }
            let event = OperatorEvent::Created { name: new.name.clone(), role: new.role };
            self.operator_steps(&mut builder, before.as_ref(), &after, event, audit, &token)?;
            self.commit(&token, builder, CreateOperatorOutcome::Created, |_| None).await
        })
        .await
    }

    /// Gives an operator another role. It is ordered by the operator `admin`, who has to be another
    /// one and an admin in the moment of the change: so of admins who demote each other at once,
    /// one stays. `None` is for whoever may write the table.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_operator_role(
        &self,
        email: &MailAddress,
        role: OperatorRole,
        admin: Option<&OperatorId>,
        audit: &AuditContext,
        token: impl FnMut() -> WriteToken,
    ) -> Result<SetRoleOutcome, StoreError> {
        let id = &OperatorId::of(email);
        self.rounds("set_operator_role", keys::operator(id.as_str()), token, |token| async move {
            let Some(before) = self.operator_by_id(id).await?.filter(Operator::is_active) else {
                return Ok(Some(SetRoleOutcome::NoOperator));
            };
            if before.role == role {
                return Ok(Some(SetRoleOutcome::Already));
            }
            let mut builder = TransactionBuilder::default();
            if !self.demand_admin(&mut builder, admin, id).await? {
                return Ok(Some(SetRoleOutcome::NoAdmin));
            }
            let after = Operator { role, ..before.next() };
            self.operator_steps(&mut builder, Some(&before), &after, OperatorEvent::RoleSet(role), audit, &token)?;
            self.commit(&token, builder, SetRoleOutcome::Changed, |_| None).await
        })
        .await
    }

    /// Removes an operator and ends all sessions of the operator. What was recorded stays, and so
    /// do the cases that the operator has. `admin` is as of [`Self::set_operator_role`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_operator(
        &self,
        email: &MailAddress,
        admin: Option<&OperatorId>,
        audit: &AuditContext,
        token: impl FnMut() -> WriteToken,
    ) -> Result<RemoveOperatorOutcome, StoreError> {
        let id = &OperatorId::of(email);
        self.rounds("remove_operator", keys::operator(id.as_str()), token, |token| async move {
            let Some(before) = self.operator_by_id(id).await?.filter(Operator::is_active) else {
                return Ok(Some(RemoveOperatorOutcome::NoOperator));
            };
            let mut builder = TransactionBuilder::default();
            if !self.demand_admin(&mut builder, admin, id).await? {
                return Ok(Some(RemoveOperatorOutcome::NoAdmin));
            }
            let (status, session_epoch) = (OperatorStatus::Removed, before.session_epoch + 1);
            let after = Operator { status, session_epoch, identity: None, ..before.next() };
            self.operator_steps(&mut builder, Some(&before), &after, OperatorEvent::Removed, audit, &token)?;
            self.commit(&token, builder, RemoveOperatorOutcome::Removed, |_| None).await
        })
        .await
    }

    /// Ends all sessions of an operator, and makes all links that were mailed so far useless.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_operator_sessions(
        &self,
        email: &MailAddress,
        audit: &AuditContext,
        token: impl FnMut() -> WriteToken,
    ) -> Result<EndSessionsOutcome, StoreError> {
        let id = &OperatorId::of(email);
        self.rounds("end_operator_sessions", keys::operator(id.as_str()), token, |token| async move {
            let Some(before) = self.operator_by_id(id).await?.filter(Operator::is_active) else {
                return Ok(Some(EndSessionsOutcome::NoOperator));
            };
            let after = Operator { session_epoch: before.session_epoch + 1, ..before.next() };
            let ended = EndSessionsOutcome::Ended;
            self.change_operator(&before, &after, OperatorEvent::SessionsEnded, audit, &token, ended).await
        })
        .await
    }

    /// Demands that `admin` is another operator than `id` and stays an admin while `id` is changed.
    /// `false` where that is not so.
    async fn demand_admin(
        &self,
        builder: &mut TransactionBuilder,
        admin: Option<&OperatorId>,
        id: &OperatorId,
    ) -> Result<bool, StoreError> {
        let Some(admin) = admin else { return Ok(true) };
        let stored = self.operator_by_id(admin).await?;
        let Some(stored) = stored.filter(|one| one.is_active() && one.role == OperatorRole::Admin && admin != id)
        else {
            return Ok(false);
        };
        let version = Item::from([(":version".to_owned(), value(stored.version)?)]);
        builder.check(self, WriteItem::Account, &keys::operator(admin.as_str()), "version = :version", version)?;
        Ok(true)
    }

    /// Claims a new operator's name: it is free, the operator's own from before, or that of
    /// somebody who was removed.
    async fn claim_name(
        &self,
        builder: &mut TransactionBuilder,
        id: &OperatorId,
        new: &NewOperator,
    ) -> Result<Result<(), CreateOperatorOutcome>, StoreError> {
        let key = keys::operator_name(new.name.as_str());
        let claim = item(&key, "operator-name", &StoredClaim { held_by: id.clone() })?;
        let Some(StoredClaim { held_by: holder }) = self.get(&key).await? else {
            return builder.create(self, NAME, claim).map(Ok);
        };
        if holder != *id {
            let before = self.operator_by_id(&holder).await?;
            let before = before.ok_or_else(|| StoreError::invariant("the name's operator is not there", &key))?;
            if before.is_active() && before.name.as_str().to_lowercase() == new.name.as_str().to_lowercase() {
                return Ok(Err(CreateOperatorOutcome::NameTaken));
            }
            if !new.reuse_name {
                return Ok(Err(CreateOperatorOutcome::NameRetired));
            }
            let version = Item::from([(":version".to_owned(), value(before.version)?)]);
            let holder = keys::operator(holder.as_str());
            builder.check(self, WriteItem::Account, &holder, "version = :version", version)?;
        }
        let holder = Item::from([(":holder".to_owned(), value(&holder)?)]);
        builder.put(self, NAME, claim, "held_by = :holder", holder).map(Ok)
    }

    /// Writes a change that was decided on `before`; `None` where somebody else changed the
    /// operator meanwhile.
    pub(super) async fn change_operator<T>(
        &self,
        before: &Operator,
        after: &Operator,
        event: OperatorEvent,
        audit: &AuditContext,
        token: &WriteToken,
        done: T,
    ) -> Result<Option<T>, StoreError> {
        let mut builder = TransactionBuilder::default();
        self.operator_steps(&mut builder, Some(before), after, event, audit, token)?;
        self.commit(token, builder, done, |_| None).await
    }

    /// The operator after a change, who the operator is at the identity provider, and the audit
    /// entry of the change.
    pub(super) fn operator_steps(
        &self,
        builder: &mut TransactionBuilder,
        before: Option<&Operator>,
        after: &Operator,
        event: OperatorEvent,
        audit: &AuditContext,
        token: &WriteToken,
    ) -> Result<(), StoreError> {
        let id = after.id();
        self.identity_steps(builder, before, after)?;
        let stored = item(&keys::operator(id.as_str()), "operator", after)?;
        match before {
            None => builder.create(self, WriteItem::Account, stored)?,
            Some(before) => {
                let version = Item::from([(":version".to_owned(), value(before.version)?)]);
                builder.put(self, WriteItem::Account, stored, "version = :version", version)?;
            }
        }
        let AuditContext { by, at, why } = audit.clone();
        let entry = OperatorEntry { version: after.version, at, by, event, why };
        let entry = item(&keys::operator_audit(id.as_str(), after.version), "audit", &entry)?;
        // Never rewritten, unlike the operator: it knows our own change also after somebody else's.
        builder.create(self, WriteItem::Record, token.stamp(entry))
    }

    /// Who a person at the identity provider is, as far as a change of an operator moves that: no
    /// person is two operators.
    fn identity_steps(
        &self,
        builder: &mut TransactionBuilder,
        before: Option<&Operator>,
        after: &Operator,
    ) -> Result<(), StoreError> {
        let was = before.and_then(|before| before.identity.as_ref());
        if was == after.identity.as_ref() {
            return Ok(());
        }
        let condition = "attribute_not_exists(PK) OR held_by = :holder";
        let holder = || Ok::<_, StoreError>(Item::from([(":holder".to_owned(), value(after.id())?)]));
        if let Some(was) = was {
            let key = keys::operator_identity(&was.issuer, &was.subject);
            builder.delete(self, IDENTITY, &key, condition, holder()?)?;
        }
        if let Some(identity) = &after.identity {
            let key = keys::operator_identity(&identity.issuer, &identity.subject);
            let claim = item(&key, "operator-identity", &StoredClaim { held_by: after.id() })?;
            builder.put(self, IDENTITY, claim, condition, holder()?)?;
        }
        Ok(())
    }
}
