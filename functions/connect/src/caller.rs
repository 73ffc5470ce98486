//! Who calls, for which merchant, and whether the call is a repeat of another one.

use std::sync::Arc;

use recourse_dispute::dispute::Dispute;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::policy::visibility::Viewer;
use recourse_edge::{App, Refusal, Request, note_refusal};
use recourse_store::{Account, Credential, Role};

use crate::{ApiError, Problem};

/// The header by which a client says that two requests are one.
const IDEMPOTENCE_KEY: &str = "x-gcs-idempotence-key";
/// The longest such key, in characters.
const MAX_KEY: usize = 40;

/// An authenticated caller, in the merchant's name.
#[derive(Clone, Debug)]
pub struct Caller {
    credential: Arc<Credential>,
    pub(crate) merchant: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) idempotence_key: Option<String>,
}

/// Authenticates a request and checks that the key is of the merchant in the path. That comes
/// before anything that a merchant could learn from.
///
/// # Errors
/// [`ApiError`].
pub async fn caller(app: &App, request: &Request) -> Result<Caller, ApiError> {
    let credential = app.authenticate_gcs::<ApiError>(request).await?;
    let merchant = request.parameter("merchantId");
    let is_theirs = credential.account.merchant_id.as_ref().is_some_and(|own| own.as_str() == merchant);
    if credential.role != Role::Client || !is_theirs {
        note_refusal(if credential.role == Role::Client { Refusal::OtherMerchant } else { Refusal::WrongRole });
        return Err(Problem::OtherMerchant.into());
    }
    let idempotence_key = request.header(IDEMPOTENCE_KEY).map(str::to_owned);
    if idempotence_key.as_ref().is_some_and(|key| !is_key(key)) {
        let rule = "must be 1 to 40 printable ASCII characters";
        return Err(Problem::invalid("X-GCS-Idempotence-Key", rule).into());
    }
    Ok(Caller {
        credential,
        merchant: merchant.to_owned(),
        method: request.method.clone(),
        path: request.path.clone(),
        idempotence_key,
    })
}

/// In which roles an account looks at a dispute here. This API serves the transaction's account and
/// the opener, so a domain code gives no role.
pub(crate) fn viewer(dispute: &Dispute, account: &Account) -> Viewer {
    dispute.viewer(&account.id, None, account.environment)
}

fn is_key(key: &str) -> bool {
    (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}

impl Caller {
    /// The merchant's account.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.credential.account
    }

    /// Whether the call says by an idempotence key which request it is.
    #[must_use]
    pub fn is_idempotent(&self) -> bool {
        self.idempotence_key.is_some()
    }

    /// The caller as the history names it.
    #[must_use]
    pub fn by(&self) -> PerformedBy {
        PerformedBy { actor: Actor::Opener, name: self.credential.key.to_string() }
    }
}
