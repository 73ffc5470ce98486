//! Credentials, kept in process for a minute.
//!
//! A key that was revoked therefore dies within a minute. Nothing else is cached, and an unknown key is not either.

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
