//! Secrets at rest: sealed under a data key that KMS wraps.
//!
//! The deployment has one data key, wrapped by the KMS key and stored as an item. A function reads
//! and unwraps it once, while it starts. Each secret is sealed by AES-256-GCM with a fresh nonce
//! and bound to the id of its credential, so that a sealed secret that is moved to another
//! credential does not decrypt.

use std::sync::OnceLock;

use aws_sdk_kms::Client as Kms;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use recourse_aws::{Aws, BadVariable, Service};
use recourse_signing::Secret;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::{StoreError, sdk};
use crate::items::{Item, item};
use crate::transact::{TransactOutcome, TransactionBuilder, WriteItem};
use crate::{Store, WriteToken, keys};

/// What binds a wrapped data key to its use, for KMS.
const CONTEXT: (&str, &str) = ("recourse", "sealing");

/// Opens sealed secrets; holds the data key once it was unwrapped.
#[derive(Debug)]
pub struct Sealer {
    kms: Kms,
    key_id: String,
    data_key: OnceLock<DataKey>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Wrapped {
    #[serde(with = "serde_bytes")]
    wrapped: Vec<u8>,
}

/// A data key in the clear; never printed, wiped when dropped.
struct DataKey(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for DataKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("[REDACTED]")
    }
}

impl Sealer {
    /// A sealer under the KMS key `key_id`.
    #[must_use]
    pub fn new(kms: Kms, key_id: String) -> Self {
        Self { kms, key_id, data_key: OnceLock::new() }
    }

    /// The sealer of a function: the KMS key that `SEALING_KEY` names.
    ///
    /// # Errors
    /// [`BadVariable`].
    pub fn from_environment(aws: &Aws) -> Result<Self, BadVariable> {
        Ok(Self::new(Kms::new(&aws.config(Service::Kms)), aws.variable("SEALING_KEY")?))
    }

    /// Unwraps the data key unless that was done before. A function calls this while it starts,
    /// which also opens its connections, so that no request waits for it.
    ///
    /// # Errors
    /// [`StoreError`], also where the deployment has no data key yet, and so no credential.
    pub async fn prepare(&self, store: &Store) -> Result<(), StoreError> {
        self.data_key(store).await.map(|_| ())
    }

    /// Opens what [`Self::seal`] closed for the same purpose.
    ///
    /// # Errors
    /// [`StoreError`], also for a secret that was sealed for another purpose, or changed.
    pub async fn open(&self, store: &Store, sealed: &[u8], purpose: &str) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        open(&self.data_key(store).await?.cipher()?, sealed, purpose)
    }

    /// Seals a secret for a purpose under `nonce`, which is random and used once. Makes the data
    /// key of the deployment if it has none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn seal(
        &self,
        store: &Store,
        secret: &[u8],
        purpose: &str,
        nonce: [u8; NONCE_LEN],
        token: &WriteToken,
    ) -> Result<Vec<u8>, StoreError> {
        self.make_data_key(store, token).await?;
        seal(&self.data_key(store).await?.cipher()?, secret, purpose, nonce)
    }

    /// As [`Self::seal`], under a key that is derived for the purpose: for what callers have sealed
    /// again and again. One key must not seal more than 2^32 texts under random nonces (NIST SP
    /// 800-38D, 8.3), and those of secrets are few.
    ///
    /// # Errors
    /// [`StoreError`], also where the deployment has no data key yet.
    pub async fn seal_derived(
        &self,
        store: &Store,
        text: &[u8],
        purpose: &str,
        nonce: [u8; NONCE_LEN],
    ) -> Result<Vec<u8>, StoreError> {
        seal(&self.derived_cipher(store, purpose).await?, text, purpose, nonce)
    }

    /// Opens what [`Self::seal_derived`] closed for the same purpose.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_derived(
        &self,
        store: &Store,
        sealed: &[u8],
        purpose: &str,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        open(&self.derived_cipher(store, purpose).await?, sealed, purpose)
    }

    async fn derived_cipher(&self, store: &Store, purpose: &str) -> Result<LessSafeKey, StoreError> {
        DataKey(Zeroizing::new(self.derive(store, purpose).await?.to_vec())).cipher()
    }

    /// A key for another use than sealing, derived from the data key, so that nobody without the
    /// data key can make it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn derive(&self, store: &Store, purpose: &str) -> Result<[u8; 32], StoreError> {
        let data_key = self.data_key(store).await?;
        let key = Secret::from_bytes(&data_key.0);
        Ok(key.map_err(|_| wrong_length(&data_key.0))?.sign_bytes(purpose.as_bytes()))
    }

    async fn data_key(&self, store: &Store) -> Result<&DataKey, StoreError> {
        if let Some(known) = self.data_key.get() {
            return Ok(known);
        }
        let stored: Option<Wrapped> = store.get(&keys::sealing()).await?;
        let none = || {
            let what = "no data key is stored; `recourse key create` makes it with the first key";
            StoreError::invariant(what, keys::sealing())
        };
        let wrapped = stored.ok_or_else(none)?.wrapped;
        let answer = self
            .kms
            .decrypt()
            .key_id(&self.key_id)
            .ciphertext_blob(Blob::new(wrapped))
            .encryption_context(CONTEXT.0, CONTEXT.1)
            .send()
            .await
            .map_err(sdk("Decrypt"))?;
        let plain = Zeroizing::new(answer.plaintext.map(Blob::into_inner).unwrap_or_default());
        if plain.len() != AES_256_GCM.key_len() {
            return Err(wrong_length(&plain));
        }
        Ok(self.data_key.get_or_init(|| DataKey(plain)))
    }

    async fn make_data_key(&self, store: &Store, token: &WriteToken) -> Result<(), StoreError> {
        if self.data_key.get().is_some() || store.get::<Wrapped>(&keys::sealing()).await?.is_some() {
            return Ok(());
        }
        let made = self
            .kms
            .generate_data_key_without_plaintext()
            .key_id(&self.key_id)
            .key_spec(DataKeySpec::Aes256)
            .encryption_context(CONTEXT.0, CONTEXT.1)
            .send()
            .await
            .map_err(sdk("GenerateDataKey"))?;
        let wrapped = made.ciphertext_blob.map(Blob::into_inner).filter(|wrapped| !wrapped.is_empty());
        let none = || StoreError::invariant("GenerateDataKeyWithoutPlaintext returned no key", &self.key_id);
        let wrapped = wrapped.ok_or_else(none)?;
        let wrapped = Wrapped { wrapped };
        let mut builder = TransactionBuilder::default();
        let stored: Item = item(&keys::sealing(), "data-key", &wrapped)?;
        builder.create(store, WriteItem::Record, stored)?;
        match store.transact(token, builder).await? {
            // A refusal means that somebody else made one just now, which is the one to use.
            TransactOutcome::Done | TransactOutcome::Refused(_) => Ok(()),
        }
    }
}

impl DataKey {
    fn cipher(&self) -> Result<LessSafeKey, StoreError> {
        let key = UnboundKey::new(&AES_256_GCM, &self.0);
        key.map(LessSafeKey::new).map_err(|_| wrong_length(&self.0))
    }
}

fn open(key: &LessSafeKey, sealed: &[u8], purpose: &str) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let broken = || {
        let what = "the sealed secret does not decrypt: another data key, or another owner, encrypted it";
        StoreError::invariant(what, purpose)
    };
    let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
    let mut secret = Zeroizing::new(rest.to_vec());
    let length = key.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut secret).map_err(|_| broken())?.len();
    secret.truncate(length);
    Ok(secret)
}

fn seal(key: &LessSafeKey, secret: &[u8], purpose: &str, nonce: [u8; NONCE_LEN]) -> Result<Vec<u8>, StoreError> {
    let mut sealed = secret.to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose.as_bytes()), &mut sealed)
        .map_err(|_| StoreError::invariant("the secret cannot be encrypted by AES-256-GCM", purpose))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn wrong_length(data_key: &[u8]) -> StoreError {
    StoreError::invariant("the data key must have 32 bytes", format!("{} has {}", keys::sealing(), data_key.len()))
}
