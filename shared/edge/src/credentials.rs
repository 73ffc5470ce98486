//! Credentials, kept in process for a minute.
//!
//! A key that was revoked and an account that was suspended therefore die within a minute, counted from before the read. Nothing else is cached,
//! and an unknown key is not either.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use recourse_dispute::ids::KeyId;
use recourse_dispute::time::UnixMillis;
use recourse_store::{Credential, Sealer, Store, StoreError};

/// How long a credential is taken to be what it was.
const KEPT_MS: i64 = 60_000;
/// How many are kept; past it all are forgotten, which costs a read each.
const MOST_KEPT: usize = 1_000;

#[derive(Debug, Default)]
pub(crate) struct Credentials(Mutex<HashMap<KeyId, (UnixMillis, Arc<Credential>)>>);

impl Credentials {
    /// The credential of a key, read where it is not known or too old.
    pub(crate) async fn get(
        &self,
        store: &Store,
        sealer: &Sealer,
        key: &KeyId,
        now: UnixMillis,
    ) -> Result<Option<Arc<Credential>>, StoreError> {
        if let Some(known) = self.kept(key, now) {
            return Ok(Some(known));
        }
        let read = store.credential(sealer, key).await?.map(Arc::new);
        if let Some(credential) = &read {
            self.keep(key.clone(), Arc::clone(credential), now);
        }
        Ok(read)
    }

    fn kept(&self, key: &KeyId, now: UnixMillis) -> Option<Arc<Credential>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, credential) = kept.get(key)?;
        (now.0.abs_diff(since.0) < KEPT_MS.unsigned_abs()).then(|| Arc::clone(credential))
    }

    fn keep(&self, key: KeyId, credential: Arc<Credential>, now: UnixMillis) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(key, (now, credential));
    }
}

#[cfg(test)]
mod tests {
    use recourse_dispute::addresses::MailAddress;
    use recourse_dispute::dispute::Environment;
    use recourse_dispute::ids::AccountId;
    use recourse_store::{Account, Role, SecretText};

    use super::*;

    #[test]
    fn a_credential_is_forgotten_after_a_minute_whichever_way_the_clock_goes() {
        let key = KeyId::parse("iimm_prod_x").unwrap();
        let account = Account {
            id: AccountId::parse("acct_x").unwrap(),
            name: "X".to_owned(),
            environment: Environment::Production,
            email: MailAddress::parse("disputes@x.example").unwrap(),
            merchant_id: None,
            domain_code: None,
        };
        let secret = SecretText::of(&[7; 32]);
        let credential = Arc::new(Credential { key: key.clone(), role: Role::Client, account, secret });
        let (kept, read_at) = (Credentials::default(), UnixMillis(1_764_547_200_000));
        kept.keep(key.clone(), credential, read_at);
        let is_kept = |millis| kept.kept(&key, read_at.plus(millis)).is_some();
        assert!([-59_999, 0, 59_999].into_iter().all(is_kept));
        assert!(![-60_000, 60_000, 86_400_000].into_iter().any(is_kept));
        assert!(kept.kept(&KeyId::parse("iimm_prod_y").unwrap(), read_at).is_none());
    }
}
