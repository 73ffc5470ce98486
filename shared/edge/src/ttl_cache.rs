//! What a function caches for a minute: credentials, the accounts of domains, and accounts.
//!
//! A key that was revoked and an account that was suspended are therefore refused within a minute,
//! counted from before the read. Nothing else of the tables is cached, and an unknown key is not
//! cached either. The console's sign-in caches what an identity provider says of itself.
//! An account of the other environment is read anew each time, as if it did not exist.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, DomainCode, KeyId};
use recourse_dispute::time::UnixMillis;
use recourse_store::{Account, Credential, Domain, KeyLookup, StoreError};

use crate::caller_note::note_caller;
use crate::{App, Refusal, ServiceError};

/// How long a value that was read is used without reading it again.
const TTL_MS: i64 = 60_000;
/// How many values are cached; beyond that all are dropped, which costs a read each.
const MAX_ENTRIES: usize = 1_000;

/// What was read of each `K`, and when. A value is used for a minute.
#[derive(Debug)]
pub struct TtlCache<K, V>(Mutex<HashMap<K, (UnixMillis, Arc<V>)>>);

impl<K, V> Default for TtlCache<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V> TtlCache<K, V> {
    /// What was read of this key within the last minute.
    pub fn get(&self, key: &K, now: UnixMillis) -> Option<Arc<V>> {
        let stored = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, value) = stored.get(key)?;
        (now.0.abs_diff(since.0) < TTL_MS.unsigned_abs()).then(|| Arc::clone(value))
    }

    /// Caches what was read of this key at `now`, which is the time before the read.
    pub fn put(&self, key: K, value: V, now: UnixMillis) -> Arc<V> {
        let value = Arc::new(value);
        let mut stored = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if stored.len() >= MAX_ENTRIES {
            stored.clear();
        }
        stored.insert(key, (now, Arc::clone(&value)));
        value
    }
}

impl App {
    /// The credential of a key, where it was read within the last minute.
    pub(crate) fn known_credential(&self, key: &KeyId) -> Option<Arc<Credential>> {
        self.credentials.get(key, self.context.now())
    }

    /// The credential of a key, read and cached where the key is good.
    pub(crate) async fn credential(&self, key: &KeyId) -> Result<Result<Arc<Credential>, Refusal>, StoreError> {
        let now = self.context.now();
        Ok(match self.store.look_up_key(&self.sealer, key).await? {
            KeyLookup::Good(credential) => Ok(self.credentials.put(key.clone(), *credential, now)),
            KeyLookup::Revoked(account) => {
                note_caller(Some(key), &account);
                Err(Refusal::RevokedKey)
            }
            KeyLookup::Suspended(account) => {
                note_caller(Some(key), &account);
                Err(Refusal::SuspendedAccount)
            }
            KeyLookup::Unknown => Err(Refusal::UnknownKey),
        })
    }

    /// The account of this id in an environment, whatever its status.
    ///
    /// An account of the other environment costs a read each time, as a missing account does. So
    /// the time of an answer does not show whether the account exists.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub async fn account(
        &self,
        environment: Environment,
        id: &AccountId,
    ) -> Result<Option<Arc<Account>>, ServiceError> {
        let now = self.context.now();
        if let Some(known) = self.accounts.get(id, now).filter(|known| known.environment == environment) {
            return Ok(Some(known));
        }
        let read = self.store.account(id).await?.filter(|account| account.environment == environment);
        Ok(read.map(|account| self.accounts.put(id.clone(), account, now)))
    }

    /// These domains, in this order. A domain code that no account has is left out. One call reads
    /// all domains that are not cached.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub async fn domains(&self, codes: &[&DomainCode]) -> Result<Vec<Arc<Domain>>, ServiceError> {
        let now = self.context.now();
        let mut known: Vec<Arc<Domain>> = codes.iter().filter_map(|code| self.domains.get(code, now)).collect();
        let unknown: Vec<&DomainCode> =
            codes.iter().filter(|code| known.iter().all(|domain| domain.code != ***code)).copied().collect();
        if !unknown.is_empty() {
            let read = self.store.domains(&unknown).await?;
            known.extend(read.into_iter().map(|domain| self.domains.put(domain.code.clone(), domain, now)));
        }
        known.sort_by_key(|domain| codes.iter().position(|code| **code == domain.code));
        Ok(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cached_value_expires_after_a_minute_whichever_way_the_clock_goes() {
        let (stored, read_at) = (TtlCache::default(), UnixMillis(1_764_547_200_000));
        stored.put("known", 7, read_at);
        let is_kept = |millis| stored.get(&"known", read_at.plus(millis)).is_some();
        assert!([-59_999, 0, 59_999].into_iter().all(is_kept));
        assert!(![-60_000, 60_000, 86_400_000].into_iter().any(is_kept));
        assert!(stored.get(&"unknown", read_at).is_none());
    }

    #[test]
    fn past_the_most_all_are_forgotten() {
        let (stored, now) = (TtlCache::default(), UnixMillis(0));
        for n in 0..=MAX_ENTRIES {
            stored.put(n, n, now);
        }
        assert!(stored.get(&0, now).is_none());
        assert!(stored.get(&MAX_ENTRIES, now).is_some());
    }
}
