//! The sign-in at the company's own identity provider.
//!
//! The browser is led to the provider and back. What comes back counts once, for ten minutes, in
//! the browser that began. The nonce and the PKCE verifier are made of what that browser holds in
//! its cookie and of the state, so that neither is stored.
//!
//! The person has to be an operator by a mail address that the provider has verified. From the
//! first sign-in on, the operator is that person at the provider: somebody who gets the address
//! later is not.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use lambda_http::Error;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::Actor;
use recourse_edge::{ApiResponse, App, NoRandomness, Request, ServiceError, TtlCache};
use recourse_identity::{Attempt, Discovery, IdentityClient, IdentityError, Person};
use recourse_signing::Secret;
use recourse_store::{
    AuditContext, AuditOutcome, ConsoleToken, IDENTITY_MS, IdentityAttempt, LinkIdentityOutcome, Operator,
    OperatorIdentity, StoreError, TakeIdentityOutcome,
};
use tokio::time::timeout;

use super::{BROWSER_COOKIE, browser};
use crate::action::AuditAction;
use crate::address::ConsoleAddress;
use crate::cookie::host_cookie;
use crate::error::ConsoleError;
use crate::form::Form;
use crate::page::see_other;
use crate::visitor::note;

/// How long all requests to the provider may take for one request of a browser.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest code of a provider, in bytes.
const MAX_CODE: usize = 2_048;

/// The identity provider that the deployment names, and what it says of itself.
#[derive(Debug)]
pub struct IdentityProvider {
    client: IdentityClient,
    known: TtlCache<(), Discovery>,
}

/// A sign-in at the provider that came to nothing.
#[derive(Debug)]
pub(super) struct Refused {
    /// The step at which it failed.
    pub(super) code: &'static str,
    operator: Option<Operator>,
}

/// Why nobody is signed in.
enum Stop {
    /// The page is not shown.
    Console(ConsoleError),
    /// The page says that nobody is signed in.
    Refused(Refused),
}

impl From<ConsoleError> for Stop {
    fn from(error: ConsoleError) -> Self {
        Self::Console(error)
    }
}

impl From<ServiceError> for Stop {
    fn from(error: ServiceError) -> Self {
        Self::Console(error.into())
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Console(error.into())
    }
}

impl From<NoRandomness> for Stop {
    fn from(error: NoRandomness) -> Self {
        Self::Console(error.into())
    }
}

/// A refusal, which the log has with its step. `why` is no text that anybody sent.
fn refuse(code: &'static str, why: &dyn Display, operator: Option<Operator>) -> Stop {
    tracing::info!(step = code, error = %why, "a sign-in at the identity provider was refused");
    Stop::Refused(Refused { code, operator })
}

fn failed(error: IdentityError) -> Stop {
    refuse(error.code(), &error, None)
}

/// What was decided, as far as it is no failure of ours.
fn decided<T>(done: Result<T, Stop>) -> Result<Result<T, Refused>, ConsoleError> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(Stop::Refused(refused)) => Ok(Err(refused)),
        Err(Stop::Console(error)) => Err(error),
    }
}

impl Refused {
    /// Writes it to the audit log.
    pub(super) async fn note(&self, app: &App, request: &Request) -> Result<(), ConsoleError> {
        let outcome = AuditOutcome::Refused(self.code.to_owned());
        note(app, request, AuditAction::SignIn, self.operator.as_ref(), outcome).await
    }
}

impl IdentityProvider {
    /// That of a function: `OIDC_ISSUER` and `OIDC_CLIENT_ID`, parameters of template.yaml. `None`
    /// where both are empty.
    ///
    /// # Errors
    /// Where they are wrong.
    pub fn from_environment() -> Result<Option<Self>, Error> {
        let variable = |name| std::env::var(name).unwrap_or_default();
        let client = IdentityClient::of(&variable("OIDC_ISSUER"), &variable("OIDC_CLIENT_ID"))?;
        Ok(client.map(|client| Self { client, known: TtlCache::default() }))
    }

    /// Its host, for people.
    pub(super) fn host(&self) -> String {
        self.client.host()
    }

    /// Leads the browser to the provider.
    pub(super) async fn begin(
        &self,
        app: &App,
        request: &Request,
        address: &ConsoleAddress,
    ) -> Result<Result<ApiResponse, Refused>, ConsoleError> {
        decided(self.led_to(app, request, address).await)
    }

    /// The operator who signed in, by the request with which the browser came back.
    pub(super) async fn finish(
        &self,
        app: &App,
        request: &Request,
        address: &ConsoleAddress,
    ) -> Result<Result<Operator, Refused>, ConsoleError> {
        decided(self.identified(app, request, address).await)
    }

    async fn led_to(&self, app: &App, request: &Request, address: &ConsoleAddress) -> Result<ApiResponse, Stop> {
        let discovery = within(self.discovery(app)).await?;
        let attempt =
            IdentityAttempt { state: ConsoleToken::new(app.context.bytes()?), browser: browser(app, request)? };
        let texts = Texts::of(&attempt, request, address)?;
        let url = self.client.authorize_url(&discovery, &texts.attempt(&attempt)).map_err(failed)?;
        app.store.begin_identity(&attempt, &app.context.write_token()?, app.context.now()).await?;
        let cookie = host_cookie(BROWSER_COOKIE, attempt.browser.reveal(), IDENTITY_MS / 1000);
        Ok(see_other(&url, "redirected_to_provider").with_cookie(cookie))
    }

    async fn identified(&self, app: &App, request: &Request, address: &ConsoleAddress) -> Result<Operator, Stop> {
        let form = Form::of_address(request).map_err(|_| refuse("callback", &"the address is too long", None))?;
        let field = |name| form.opt(name).map_err(|_| refuse("callback", &"a field is there twice", None));
        let state = field("state")?.and_then(|state| ConsoleToken::parse(state).ok());
        let state = state.ok_or_else(|| refuse("state", &"there is no state", None))?;
        // A browser without the cookie is another browser.
        let attempt = IdentityAttempt { state, browser: browser(app, request)? };
        match app.store.take_identity(&attempt, &app.context.write_token()?, app.context.now()).await? {
            TakeIdentityOutcome::Taken => {}
            TakeIdentityOutcome::OtherBrowser => {
                return Err(refuse("other_browser", &"another browser began it", None));
            }
            TakeIdentityOutcome::NotGood => {
                return Err(refuse("state", &"it was finished before, has run out, or was never begun", None));
            }
        }
        if field("iss")?.is_some_and(|issuer| issuer != self.client.issuer()) {
            return Err(failed(IdentityError::Issuer));
        }
        if let Some(error) = field("error")? {
            let code = if error == "access_denied" { "access_denied" } else { "provider_error" };
            return Err(refuse(code, &known_error(error), None));
        }
        let code = field("code")?.filter(|code| code.len() <= MAX_CODE);
        let code = code.ok_or_else(|| refuse("code", &"there is no code, or it is too long", None))?;
        let secret = app.store.identity_secret(app.sealer()).await?;
        let secret = secret.ok_or_else(|| refuse("no_secret", &"`recourse operator identity-secret` sets it", None))?;
        let texts = Texts::of(&attempt, request, address)?;
        let asked = texts.attempt(&attempt);
        let person = within(self.person(app, &asked, secret.expose(), code)).await?;
        operator(app, person).await
    }

    /// Asks the provider who it is. A key that is not known may be a new one, so the keys are
    /// fetched anew, once.
    async fn person(&self, app: &App, asked: &Attempt<'_>, secret: &str, code: &str) -> Result<Person, IdentityError> {
        let discovery = self.discovery(app).await?;
        let tokens = self.client.exchange(&discovery, asked, secret, code).await?;
        let now = app.context.now();
        match self.client.person(&discovery, asked, &tokens, now).await {
            Err(IdentityError::UnknownKey) => {
                let fresh = self.known.put((), self.client.discover().await?, now);
                self.client.person(&fresh, asked, &tokens, now).await
            }
            done => done,
        }
    }

    /// What the provider says of itself, read within the last minute.
    async fn discovery(&self, app: &App) -> Result<Arc<Discovery>, IdentityError> {
        let now = app.context.now();
        match self.known.get(&(), now) {
            Some(known) => Ok(known),
            None => Ok(self.known.put((), self.client.discover().await?, now)),
        }
    }
}

/// Waits for the provider, and not for too long.
async fn within<T>(work: impl Future<Output = Result<T, IdentityError>>) -> Result<T, Stop> {
    match timeout(PATIENCE, Box::pin(work)).await {
        Ok(done) => done.map_err(failed),
        Err(_) => Err(refuse("provider_late", &"the provider took too long", None)),
    }
}

/// The operator whom a person is.
async fn operator(app: &App, person: Person) -> Result<Operator, Stop> {
    let Person { issuer, subject, email } = person;
    let identity = OperatorIdentity { issuer, subject };
    let unknown = || refuse("unknown_operator", &"no operator has the mail address", None);
    let operator = app.store.operator(&email).await?.filter(Operator::is_active).ok_or_else(unknown)?;
    let other = |operator| {
        let why = "the operator is another person at the provider; see `recourse operator reset-identity`";
        refuse("other_subject", &why, Some(operator))
    };
    match &operator.identity {
        Some(known) if **known == identity => return Ok(operator),
        Some(_) => return Err(other(operator)),
        None => {}
    }
    let by = PerformedBy { actor: Actor::Operator, name: operator.name.as_str().to_owned() };
    let audit = AuditContext { by, at: app.context.now(), why: None };
    match app.store.link_identity(&email, &identity, &audit, app.context.write_tokens()?).await? {
        LinkIdentityOutcome::Linked(operator) => Ok(*operator),
        LinkIdentityOutcome::Other(operator) => Err(other(*operator)),
        LinkIdentityOutcome::Taken(operator) => {
            let why = "the person is another operator; see `recourse operator reset-identity`";
            Err(refuse("other_operator", &why, Some(*operator)))
        }
        LinkIdentityOutcome::NoOperator => Err(unknown()),
    }
}

/// The error of a provider, if it is one that OpenID Connect or OAuth 2.0 has.
fn known_error(error: &str) -> &'static str {
    const KNOWN: [&str; 12] = [
        "access_denied",
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "invalid_request",
        "invalid_scope",
        "login_required",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_response_type",
        "registration_not_supported",
    ];
    KNOWN.into_iter().find(|known| *known == error).unwrap_or("an error of the provider's own")
}

/// What goes to the provider with an attempt.
struct Texts {
    redirect: String,
    nonce: String,
    verifier: String,
}

impl Texts {
    /// Those of an attempt. Whoever lacks the cookie's value cannot make them.
    fn of(attempt: &IdentityAttempt, request: &Request, address: &ConsoleAddress) -> Result<Self, ServiceError> {
        let origin = address.origin(request);
        let origin = origin.ok_or_else(|| ServiceError::invariant("the request came to no host", "sign_in"))?;
        let empty = |_| ServiceError::invariant("what a browser holds is empty", "sign_in");
        let key = Secret::from_bytes(attempt.browser.reveal().as_bytes()).map_err(empty)?;
        let made = |what: &str| {
            BASE64URL_NOPAD.encode(&key.sign_bytes(format!("identity {what} {}", attempt.state.reveal()).as_bytes()))
        };
        let redirect = format!("{origin}/console/sign-in/callback");
        Ok(Self { redirect, nonce: made("nonce"), verifier: made("verifier") })
    }

    fn attempt<'a>(&'a self, attempt: &'a IdentityAttempt) -> Attempt<'a> {
        let Self { redirect, nonce, verifier } = self;
        Attempt { redirect, state: attempt.state.reveal(), nonce, verifier }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visitor::testing::request;

    fn attempt(state: u8, browser: u8) -> IdentityAttempt {
        IdentityAttempt { state: ConsoleToken::new([state; 32]), browser: ConsoleToken::new([browser; 32]) }
    }

    #[test]
    fn nonce_and_verifier_belong_to_one_attempt_of_one_browser() {
        let request = request("GET", &[("host", "a.example")], &[], "");
        let texts = |state, browser| Texts::of(&attempt(state, browser), &request, &ConsoleAddress::default()).unwrap();
        let (first, again) = (texts(1, 2), texts(1, 2));
        assert_eq!((&first.nonce, &first.verifier), (&again.nonce, &again.verifier));
        assert_eq!(first.redirect, "https://a.example/console/sign-in/callback");
        assert_eq!((first.nonce.len(), first.verifier.len()), (43, 43), "PKCE takes 43 to 128 characters");
        for other in [texts(1, 3), texts(3, 2)] {
            assert!(first.nonce != other.nonce && first.verifier != other.verifier);
        }
        assert_ne!(first.nonce, first.verifier);
    }

    #[test]
    fn an_error_that_is_not_known_is_not_repeated() {
        assert_eq!(known_error("login_required"), "login_required");
        for hostile in ["", "Access_denied", "<script>", "a@b.example"] {
            assert_eq!(known_error(hostile), "an error of the provider's own");
        }
    }
}
