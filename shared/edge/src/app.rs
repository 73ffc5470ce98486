//! What an endpoint works with.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use recourse_aws::{Aws, BadVariable};
use recourse_dispute::ids::{AccountId, DomainCode, KeyId};
use recourse_signing::clock::Window;
use recourse_store::{Account, Credential, Domain, Sealer, Store, StoreError};

use crate::ttl_cache::TtlCache;
use crate::{ServiceError, SystemContext};

/// What the deployment chose.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How far a signed timestamp may be from the clock of the function.
    pub window: Window,
    /// The address that texts name for questions.
    pub support_address: String,
}

/// What every endpoint needs, made once when the function starts.
#[derive(Debug)]
pub struct App {
    /// Where disputes live.
    pub store: Store,
    /// What the deployment chose.
    pub settings: Settings,
    /// The clock, the randomness and the metrics sink.
    pub context: SystemContext,
    pub(crate) sealer: Sealer,
    pub(crate) credentials: TtlCache<KeyId, Credential>,
    pub(crate) domains: TtlCache<DomainCode, Domain>,
    pub(crate) accounts: TtlCache<AccountId, Account>,
}

impl App {
    /// The application state of a function, from its environment.
    ///
    /// # Errors
    /// [`BadVariable`], also for a clock window that is longer than nonces are stored.
    pub fn from_environment(context: SystemContext) -> Result<Self, BadVariable> {
        let aws = Aws::from_environment()?;
        let window = aws.variable("CLOCK_WINDOW_SECONDS")?.parse().ok().and_then(Window::of);
        let window = window.ok_or_else(|| BadVariable::Invalid {
            name: "CLOCK_WINDOW_SECONDS",
            reason: "must be a whole number of seconds, 900 at most".to_owned(),
        })?;
        Ok(Self {
            store: Store::from_environment(&aws)?,
            settings: Settings { window, support_address: aws.variable("SUPPORT_ADDRESS")? },
            context,
            sealer: Sealer::from_environment(&aws)?,
            credentials: TtlCache::default(),
            domains: TtlCache::default(),
            accounts: TtlCache::default(),
        })
    }

    /// Opens the connections and unwraps the data key while the function starts, when it has the
    /// whole processor. Where that fails, the first request tries again and answers for it.
    pub(crate) async fn prepare(&self) {
        if let Err(error) = self.sealer.prepare(&self.store).await {
            tracing::warn!(
                error_code = error.code(),
                error = %error,
                "unwrapping the data key at start failed; the first request tries again"
            );
        }
    }

    /// What seals a new secret.
    #[must_use]
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// Seals a text, such as the place in a list that a cursor names, for a caller who gives it
    /// back and must not read it. The result needs no escaping in a query.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub async fn seal_text(&self, text: &str, purpose: &str) -> Result<String, ServiceError> {
        let sealed = self.sealer.seal_derived(&self.store, text.as_bytes(), purpose, self.context.bytes()?).await?;
        Ok(BASE64URL.encode(sealed))
    }

    /// Opens what [`Self::seal_text`] sealed for the same purpose; `None` for anything else.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub async fn open_text(&self, sealed: &str, purpose: &str) -> Result<Option<String>, ServiceError> {
        let Ok(sealed) = BASE64URL.decode(sealed) else { return Ok(None) };
        match self.sealer.open_derived(&self.store, &sealed, purpose).await {
            Ok(text) => Ok(String::from_utf8(text.to_vec()).ok()),
            Err(StoreError::InvariantViolated { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// A key for another use than sealing, derived from the deployment's data key.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub async fn derived(&self, purpose: &str) -> Result<[u8; 32], ServiceError> {
        Ok(self.sealer.derive(&self.store, purpose).await?)
    }
}
