//! The provider's description, the code that it hands out, and the token that it gives for it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreErrorResponseType, CoreIdToken, CoreIdTokenClaims,
    CoreIdTokenVerifier, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreTokenResponse,
};
use openidconnect::http::Request;
use openidconnect::http::header::{ACCEPT, AUTHORIZATION};
use openidconnect::{
    AccessToken, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    DiscoveryError, HttpRequest, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RequestTokenError, Scope, SignatureVerificationError, TokenResponse,
};
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::time::UnixMillis;
use recourse_provider::{Client, ProviderError};
use serde::Deserialize;

use crate::{BadIdentity, IdentityError};

/// The algorithms of signatures that are accepted. `none`, and those under a secret that both sides
/// know, are none of them.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
];
/// How long one request to the provider may take. A sign-in makes up to five within the time of a
/// function.
const PATIENCE: Duration = Duration::from_secs(3);
/// How far the provider's clock may be ahead, in milliseconds.
const AHEAD_MS: i64 = 5 * 60 * 1000;
/// The longest subject: OpenID Connect Core 1.0, 2.
const MAX_SUBJECT: usize = 255;

/// Talks to the provider that the deployment names.
pub struct IdentityClient {
    http: Client,
    issuer: IssuerUrl,
    client_id: ClientId,
}

/// The provider's description of itself, with its keys.
pub struct Discovery(CoreProviderMetadata);

/// What binds a sign-in at the provider to the one that asks for it.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// Where the provider leads the browser back to.
    pub redirect: &'a str,
    /// The text with which the provider leads the browser back.
    pub state: &'a str,
    /// The text that the ID token must have.
    pub nonce: &'a str,
    /// The text that proves to the provider who asked for the code: 43 to 128 characters (PKCE).
    pub verifier: &'a str,
}

/// What the provider gave for a code. None of it is verified yet.
pub struct Tokens {
    id: CoreIdToken,
    access: AccessToken,
}

/// Who signed in at the provider.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// The provider.
    pub issuer: String,
    /// The provider's name for the person, which it gives to nobody else: 1 to 255 characters.
    pub subject: String,
    /// The person's mail address, which the provider says it has verified.
    pub email: MailAddress,
}

/// Neither names the person.
impl std::fmt::Debug for Person {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Person([REDACTED])")
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Tokens([REDACTED])")
    }
}

impl std::fmt::Debug for Attempt<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Attempt([REDACTED])")
    }
}

impl std::fmt::Debug for Discovery {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Discovery({} keys)", self.0.jwks().keys().len())
    }
}

impl std::fmt::Debug for IdentityClient {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("IdentityClient").field("issuer", &self.issuer.as_str()).finish_non_exhaustive()
    }
}

/// The claims of a person, as the userinfo endpoint answers them.
#[derive(Deserialize)]
struct UserInfo {
    sub: String,
    email: Option<String>,
    email_verified: Option<bool>,
}

type Core = CoreClient<
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointMaybeSet,
    openidconnect::EndpointMaybeSet,
>;

impl IdentityClient {
    /// The client of a deployment, by its parameters. `None` where both are empty: then operators
    /// sign in by mailed links.
    ///
    /// # Errors
    /// [`BadIdentity`].
    pub fn of(issuer: &str, client_id: &str) -> Result<Option<Self>, BadIdentity> {
        match (issuer, client_id) {
            ("", "") => return Ok(None),
            ("", _) | (_, "") => return Err(BadIdentity::Half),
            _ => {}
        }
        let http = Client::new()?.and_local(issuer).within_time(PATIENCE);
        let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|_| BadIdentity::Issuer)?;
        if !http.takes(issuer.as_str()) || issuer.url().query().is_some() {
            return Err(BadIdentity::Issuer);
        }
        Ok(Some(Self { http, issuer, client_id: ClientId::new(client_id.to_owned()) }))
    }

    /// The provider's host, for people.
    #[must_use]
    pub fn host(&self) -> String {
        self.issuer.url().host_str().unwrap_or_default().to_owned()
    }

    /// The issuer, as it is configured and as the provider writes it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// Fetches the provider's description and its keys.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub async fn discover(&self) -> Result<Discovery, IdentityError> {
        let http = &self.http;
        let fetch = move |request: HttpRequest| http.fetch(request);
        let found = CoreProviderMetadata::discover_async(self.issuer.clone(), &fetch).await.map_err(undiscovered)?;
        // The browser is led to the first one, so nobody else checks it.
        let endpoints = [Some(found.authorization_endpoint().as_str()), found.token_endpoint().map(|url| url.as_str())];
        let are_good = endpoints.into_iter().all(|url| url.is_some_and(|url| self.http.takes(url)));
        if are_good { Ok(Discovery(found)) } else { Err(IdentityError::BadDiscovery) }
    }

    /// Where the browser is led to, so that the person signs in.
    ///
    /// # Errors
    /// [`IdentityError::BadDiscovery`] for a `redirect` that is no address.
    pub fn authorize_url(&self, discovery: &Discovery, attempt: &Attempt<'_>) -> Result<String, IdentityError> {
        let client = self.core(discovery, attempt.redirect, None)?;
        let (state, nonce) = (CsrfToken::new(attempt.state.to_owned()), Nonce::new(attempt.nonce.to_owned()));
        let verifier = PkceCodeVerifier::new(attempt.verifier.to_owned());
        let (url, _, _) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce)
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url.to_string())
    }

    /// Gives the code to the provider, which answers with tokens. The code is used up with it.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub async fn exchange(
        &self,
        discovery: &Discovery,
        attempt: &Attempt<'_>,
        secret: &str,
        code: &str,
    ) -> Result<Tokens, IdentityError> {
        let client = self.core(discovery, attempt.redirect, Some(secret))?;
        let request = client.exchange_code(AuthorizationCode::new(code.to_owned()));
        let request = request.map_err(|_| IdentityError::BadDiscovery)?;
        let request = request.set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier.to_owned()));
        let http = &self.http;
        let fetch = move |request: HttpRequest| http.fetch(request);
        let answer: CoreTokenResponse = request.request_async(&fetch).await.map_err(|error| match error {
            RequestTokenError::ServerResponse(refused) => match refused.error() {
                CoreErrorResponseType::InvalidClient | CoreErrorResponseType::UnauthorizedClient => {
                    IdentityError::ClientRefused
                }
                _ => IdentityError::CodeRefused,
            },
            RequestTokenError::Request(error) => IdentityError::NoToken(error),
            _ => IdentityError::BadToken,
        })?;
        let id = answer.id_token().cloned().ok_or(IdentityError::BadToken)?;
        Ok(Tokens { id, access: answer.access_token().clone() })
    }

    /// Who signed in, by an ID token that keeps all rules: issuer, audience, signature, time and
    /// nonce. Where it has no mail address, the userinfo endpoint is asked.
    ///
    /// # Errors
    /// [`IdentityError`]; with [`IdentityError::UnknownKey`], keys that are fetched anew may help.
    pub async fn person(
        &self,
        discovery: &Discovery,
        attempt: &Attempt<'_>,
        tokens: &Tokens,
        now: UnixMillis,
    ) -> Result<Person, IdentityError> {
        let claims = self.verified(discovery, tokens, attempt.nonce, now)?;
        let subject = claims.subject().as_str();
        if subject.is_empty() || subject.chars().count() > MAX_SUBJECT {
            return Err(IdentityError::IdToken);
        }
        let (email, is_verified) = match claims.email() {
            Some(email) => (Some(email.as_str().to_owned()), claims.email_verified()),
            None => {
                let info = self.user_info(discovery, &tokens.access, subject).await?;
                (info.email, info.email_verified)
            }
        };
        let email = email.and_then(|email| MailAddress::parse(&email).ok()).ok_or(IdentityError::NoEmail)?;
        if is_verified != Some(true) {
            return Err(IdentityError::UnverifiedEmail);
        }
        Ok(Person { issuer: self.issuer().to_owned(), subject: subject.to_owned(), email })
    }

    fn verified<'t>(
        &self,
        discovery: &Discovery,
        tokens: &'t Tokens,
        nonce: &str,
        now: UnixMillis,
    ) -> Result<&'t CoreIdTokenClaims, IdentityError> {
        let time = |at: UnixMillis| DateTime::<Utc>::from_timestamp_millis(at.0).ok_or(IdentityError::Expired);
        let (now, latest) = (time(now)?, time(now.plus(AHEAD_MS))?);
        let keys = discovery.0.jwks().clone();
        // As a public client: so no token counts that was signed under the client's secret.
        let verifier = CoreIdTokenVerifier::new_public_client(self.client_id.clone(), self.issuer.clone(), keys)
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || now)
            .set_issue_time_verifier_fn(move |issued| if issued <= latest { Ok(()) } else { Err(String::new()) });
        let claims = tokens.id.claims(&verifier, &Nonce::new(nonce.to_owned())).map_err(|error| unverified(&error))?;
        let is_ours = claims.authorized_party().is_none_or(|party| *party == self.client_id);
        if is_ours { Ok(claims) } else { Err(IdentityError::Audience) }
    }

    async fn user_info(
        &self,
        discovery: &Discovery,
        access: &AccessToken,
        subject: &str,
    ) -> Result<UserInfo, IdentityError> {
        let url = discovery.0.userinfo_endpoint().ok_or(IdentityError::NoEmail)?;
        let request = Request::get(url.as_str())
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, format!("Bearer {}", access.secret()))
            .body(Vec::new())
            .map_err(|_| IdentityError::BadUserInfo)?;
        let answer = self.http.fetch(request).await.map_err(IdentityError::NoUserInfo)?;
        if answer.status() != 200 {
            return Err(IdentityError::NoUserInfo(ProviderError::Status(answer.status().as_u16())));
        }
        let info: UserInfo = serde_json::from_slice(answer.body()).map_err(|_| IdentityError::BadUserInfo)?;
        // OpenID Connect Core 1.0, 5.3.2: otherwise it may be about anybody.
        if info.sub == subject { Ok(info) } else { Err(IdentityError::BadUserInfo) }
    }

    fn core(&self, discovery: &Discovery, redirect: &str, secret: Option<&str>) -> Result<Core, IdentityError> {
        let redirect = RedirectUrl::new(redirect.to_owned()).map_err(|_| IdentityError::BadDiscovery)?;
        let secret = secret.map(|secret| ClientSecret::new(secret.to_owned()));
        let client = CoreClient::from_provider_metadata(discovery.0.clone(), self.client_id.clone(), secret);
        Ok(client.set_redirect_uri(redirect).set_auth_type(auth_type(discovery)))
    }
}

/// How the client shows its secret: in a header, unless the provider takes it in the body alone.
fn auth_type(discovery: &Discovery) -> AuthType {
    let Some(taken) = discovery.0.token_endpoint_auth_methods_supported() else { return AuthType::BasicAuth };
    let takes = |method| taken.contains(&method);
    let in_body = !takes(CoreClientAuthMethod::ClientSecretBasic) && takes(CoreClientAuthMethod::ClientSecretPost);
    if in_body { AuthType::RequestBody } else { AuthType::BasicAuth }
}

fn undiscovered(error: DiscoveryError<ProviderError>) -> IdentityError {
    match error {
        DiscoveryError::Request(error) => IdentityError::NoDiscovery(error),
        DiscoveryError::Response(status, ..) if status != 200 => {
            IdentityError::NoDiscovery(ProviderError::Status(status.as_u16()))
        }
        DiscoveryError::Validation(_) => IdentityError::OtherIssuer,
        _ => IdentityError::BadDiscovery,
    }
}

fn unverified(error: &ClaimsVerificationError) -> IdentityError {
    use SignatureVerificationError::{DisallowedAlg, NoMatchingKey, NoSignature, UnsupportedAlg};
    match error {
        ClaimsVerificationError::Expired(_) => IdentityError::Expired,
        ClaimsVerificationError::InvalidAudience(_) => IdentityError::Audience,
        ClaimsVerificationError::InvalidIssuer(_) => IdentityError::Issuer,
        ClaimsVerificationError::InvalidNonce(_) => IdentityError::Nonce,
        ClaimsVerificationError::SignatureVerification(NoMatchingKey) => IdentityError::UnknownKey,
        ClaimsVerificationError::SignatureVerification(DisallowedAlg(_) | UnsupportedAlg(_) | NoSignature) => {
            IdentityError::Algorithm
        }
        ClaimsVerificationError::SignatureVerification(_) => IdentityError::Signature,
        _ => IdentityError::IdToken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuer_and_client_come_together_and_the_issuer_is_an_address() {
        assert!(IdentityClient::of("", "").unwrap().is_none());
        for (issuer, client) in [("", "recourse"), ("https://id.example", "")] {
            assert_eq!(IdentityClient::of(issuer, client).unwrap_err(), BadIdentity::Half);
        }
        for issuer in [
            "id.example",
            "http://id.example",
            "https://id.example?x=1",
            "https://id.example#x",
            "https://a:b@id.example",
            // Loopback is for the local cloud alone.
            "http://127.0.0.1:9000",
        ] {
            assert_eq!(IdentityClient::of(issuer, "recourse").unwrap_err(), BadIdentity::Issuer, "{issuer}");
        }
        let client = IdentityClient::of("https://id.example/realms/a/", "recourse").unwrap().unwrap();
        assert_eq!((client.issuer(), client.host().as_str()), ("https://id.example/realms/a/", "id.example"));
    }

    #[test]
    fn no_algorithm_of_the_list_is_none_or_under_a_shared_secret() {
        use openidconnect::JwsSigningAlgorithm;
        for algorithm in &ALGORITHMS {
            assert!(!algorithm.uses_shared_secret() && *algorithm != CoreJwsSigningAlgorithm::None);
        }
    }

    #[test]
    fn each_step_has_a_code_of_its_own_and_its_text_ends_no_sentence() {
        let late = ProviderError::Late;
        let all = [
            IdentityError::NoDiscovery(late),
            IdentityError::BadDiscovery,
            IdentityError::OtherIssuer,
            IdentityError::NoToken(late),
            IdentityError::ClientRefused,
            IdentityError::CodeRefused,
            IdentityError::BadToken,
            IdentityError::Algorithm,
            IdentityError::UnknownKey,
            IdentityError::Signature,
            IdentityError::Issuer,
            IdentityError::Audience,
            IdentityError::Expired,
            IdentityError::Nonce,
            IdentityError::IdToken,
            IdentityError::NoUserInfo(late),
            IdentityError::BadUserInfo,
            IdentityError::NoEmail,
            IdentityError::UnverifiedEmail,
        ];
        let codes: std::collections::BTreeSet<_> = all.iter().map(|error| error.code()).collect();
        assert_eq!(codes.len(), all.len());
        assert!(all.iter().all(|error| !error.to_string().ends_with('.')));
    }
}
