//! Access tokens: short-lived, signed, and verified without a read.
//!
//! A token is a JWT, signed with HMAC-SHA256 by the deployment itself, which alone reads it. Its
//! key is derived from the data key, which a function unwraps once while it starts, and from the
//! period in which the token was made. The token's header names the period: every
//! [`PERIOD_SECONDS`] a new key signs, without anybody doing anything, and a token is good in its
//! own period and the next.
//!
//! **Invariant:** one algorithm, whatever a token's header says.

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{Error as Unsigned, Signer, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, DomainCode};
use recourse_dispute::time::UnixMillis;
use recourse_edge::{App, ServiceError};
use recourse_signing::Secret;
use serde::{Deserialize, Serialize};

/// How long a token is good: 15 minutes. A bank whose account is suspended gets no new one.
pub const LIFE_SECONDS: i64 = 15 * 60;
/// The scope of a token: all calls of the API.
const SCOPE: &str = "disputes";
/// Who makes them.
const ISSUER: &str = "recourse-arbiter";
/// How long one key signs: 30 days.
const PERIOD_SECONDS: i64 = 30 * 24 * 60 * 60;
/// The longest token that is looked at, in bytes.
const LONGEST: usize = 2_048;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who made it.
    pub iss: String,
    /// The user, or the client where no user signed in.
    pub sub: String,
    /// The bank or merchant.
    pub domain: DomainCode,
    /// Its account.
    pub account: AccountId,
    /// The account's environment.
    pub environment: Environment,
    /// What it allows.
    pub scope: String,
    /// When it was made, in Unix seconds.
    pub iat: i64,
    /// When it ends, in Unix seconds.
    pub exp: i64,
}

impl Claims {
    /// What a token of now says.
    #[must_use]
    pub fn new(
        user: String,
        domain: DomainCode,
        account: AccountId,
        environment: Environment,
        now: UnixMillis,
    ) -> Self {
        let (iss, scope, iat) = (ISSUER.to_owned(), SCOPE.to_owned(), now.seconds());
        Self { iss, sub: user, domain, account, environment, scope, iat, exp: iat.saturating_add(LIFE_SECONDS) }
    }
}

/// Makes a token.
///
/// # Errors
/// [`ServiceError`].
pub async fn issue(app: &App, claims: &Claims) -> Result<String, ServiceError> {
    let period = claims.iat.div_euclid(PERIOD_SECONDS);
    let key = app.derived(&purpose(period)).await?;
    sign(&key, period, claims)
        .ok_or_else(|| ServiceError::invariant("the access token cannot be signed", &claims.account))
}

/// The claims of a token that this deployment signed and that is good now; `None` of any other.
pub(crate) async fn read(app: &App, token: &str) -> Result<Option<Claims>, ServiceError> {
    let now = app.context.now();
    let Some(period) = period(token, now) else { return Ok(None) };
    let key = app.derived(&purpose(period)).await?;
    Ok(verify(&key, token, now))
}

fn purpose(period: i64) -> String {
    format!("arbiter-token/{period}")
}

/// The period whose key signed, as the token says: the current or the previous period.
fn period(token: &str, now: UnixMillis) -> Option<i64> {
    if token.len() > LONGEST {
        return None;
    }
    let period: i64 = decode_header(token).ok()?.kid?.parse().ok()?;
    let current = now.seconds().div_euclid(PERIOD_SECONDS);
    (current - 1..=current).contains(&period).then_some(period)
}

fn sign(key: &[u8; 32], period: i64, claims: &Claims) -> Option<String> {
    install();
    let header = Header { kid: Some(period.to_string()), ..Header::new(Algorithm::HS256) };
    encode(&header, claims, &EncodingKey::from_secret(key)).ok()
}

fn verify(key: &[u8; 32], token: &str, now: UnixMillis) -> Option<Claims> {
    install();
    let mut validation = Validation::new(Algorithm::HS256);
    // Times are compared below, with our own clock.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.set_issuer(&[ISSUER]);
    let claims: Claims = decode(token, &DecodingKey::from_secret(key), &validation).ok()?.claims;
    let good = claims.exp > now.seconds() && claims.exp - claims.iat <= LIFE_SECONDS && claims.scope == SCOPE;
    good.then_some(claims)
}

/// HMAC-SHA256. The library signs and verifies nothing else.
struct Hs256(Secret);

impl Hs256 {
    fn of(key: &[u8]) -> Result<Box<Self>, Error> {
        Secret::from_bytes(key).map(|key| Box::new(Self(key))).map_err(|_| ErrorKind::InvalidKeyFormat.into())
    }
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| match algorithm {
        Algorithm::HS256 => Ok(Hs256::of(key.as_bytes())?),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    verifier_factory: |algorithm, key| match algorithm {
        Algorithm::HS256 => Ok(Hs256::of(key.try_get_as_bytes()?)?),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    key_utils: KeyUtils::new_unimplemented(),
};

/// Once in a process; later calls change nothing.
fn install() {
    let _ = PROVIDER.install_default();
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, Unsigned> {
        Ok(self.0.sign_bytes(message).to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Unsigned> {
        if self.0.verify_bytes(message, signature) { Ok(()) } else { Err(Unsigned::new()) }
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests;
