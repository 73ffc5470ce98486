//! Who gets a token (Arbiter contract, "Token: Passport OAuth 2.0"): the two grants of RFC 6749,
//! and its error codes.

use std::sync::Arc;

use recourse_dispute::ids::UserName;
use recourse_dispute::time::UnixMillis;
use recourse_edge::{Api, ApiResponse, App, Refusal, Request, ServiceError, note_refusal};
use recourse_signing::password;
use recourse_store::{Admission, Credential, LoginOutcome, LoginThrottle, Role};
use serde_json::json;
use zeroize::Zeroizing;

use crate::caller::program;

/// Far more than any honest form, in bytes.
const MAX_BYTES: usize = 8 * 1024;
/// How many wrong passwords a user may have in a quarter of an hour.
const MAX_WRONG: u32 = 10;
/// How many passwords of one user are verified at the same time, which bounds simultaneous guesses.
const MAX_AT_ONCE: u32 = 40;

/// How often a sign-in is attempted before the client is asked to come again: within five seconds,
/// of the fifteen that the function has.
const MAX_ROUNDS: u32 = 4;
/// When to come again, in seconds.
const RETRY_AFTER_SECONDS: &str = "1";

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// 401: the client's own credentials, whatever is wrong with them.
    Client,
    /// 400: the form; what is wrong with it.
    Form(&'static str),
    /// 400: a grant that is neither.
    Unsupported,
    /// 400: user or password, or too many login attempts: all alike.
    User,
    /// 429: so many sign-ins of the user are under way that this one was not looked at. It says
    /// nothing of the password.
    Contended,
    /// 500 or 503: us.
    Service(ServiceError),
}

/// The token's endpoint, for what endpoints share.
#[derive(Clone, Copy, Debug)]
pub struct TokenRequest;

impl Api for TokenRequest {
    const NAME: &'static str = "arbiter";
    type Error = TokenError;

    fn answer(error: &TokenError, _: &App, _: &Request) -> ApiResponse {
        let said = |status, error: &'static str, description: &str| {
            let body = json!({ "error": error, "error_description": description });
            ApiResponse::json(status, error, &body).with_header("cache-control", "no-store")
        };
        match error {
            TokenError::Client => said(401, "invalid_client", "Bad client credentials")
                .with_header("www-authenticate", "Basic realm=\"passport\""),
            TokenError::Form(what) => said(400, "invalid_request", what),
            TokenError::Unsupported => said(400, "unsupported_grant_type", "Unsupported grant type"),
            TokenError::User => said(400, "invalid_grant", "Bad credentials"),
            // RFC 6749 has no code for it; RFC 8628 has this one for the same endpoint.
            TokenError::Contended => said(429, "slow_down", "Too many sign-ins of this user at once; please try again")
                .with_header("retry-after", RETRY_AFTER_SECONDS),
            TokenError::Service(error) if error.is_temporary() => {
                said(error.status(), "temporarily_unavailable", "Please try again, and back off")
            }
            TokenError::Service(error) => said(error.status(), "server_error", "Server Error"),
        }
    }
}

/// What a client asks a token for. Not `Debug`: there is a password in it.
pub enum Grant {
    /// For one of its users.
    Password {
        /// Who.
        user: String,
        /// The password.
        password: Zeroizing<String>,
    },
    /// For itself.
    Client,
}

impl Grant {
    /// Reads the form.
    ///
    /// # Errors
    /// [`TokenError::Form`], or [`TokenError::Unsupported`].
    pub fn read(body: &[u8]) -> Result<Self, TokenError> {
        if body.len() > MAX_BYTES {
            return Err(TokenError::Form("The form is too large"));
        }
        let field = |name: &str| {
            let mut values = form_urlencoded::parse(body).filter(|(known, _)| known == name);
            let first = values.next().map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty());
            // RFC 6749, 3.2: no parameter twice.
            if values.next().is_some() { Err(TokenError::Form("A parameter is there twice")) } else { Ok(first) }
        };
        match field("grant_type")?.as_deref() {
            None => Err(TokenError::Form("Missing grant type")),
            Some("client_credentials") => Ok(Self::Client),
            Some("password") => {
                let user = field("username")?.ok_or(TokenError::Form("Missing username"))?;
                let password = field("password")?.ok_or(TokenError::Form("Missing password"))?;
                Ok(Self::Password { user, password: Zeroizing::new(password) })
            }
            Some(_) => Err(TokenError::Unsupported),
        }
    }
}

/// The client that a request's Basic credentials name. It is a bank or merchant with a key of role
/// `client`. The secret may be sent as it is or form-encoded.
///
/// # Errors
/// [`TokenError::Client`], or a [`ServiceError`].
pub async fn client(app: &App, request: &Request) -> Result<Arc<Credential>, TokenError> {
    let known = app.oauth_client(request).await?.ok_or(TokenError::Client)?;
    if known.role != Role::Client {
        note_refusal(Refusal::WrongRole);
        return Err(TokenError::Client);
    }
    if known.account.domain_code.is_none() {
        note_refusal(Refusal::NoDomainCode);
        return Err(TokenError::Client);
    }
    Ok(known)
}

/// The user that a grant is good for: the client itself, or a user of its account whose password is
/// right. An unknown user, a user with too many failed attempts and a wrong password get the same
/// answer after the same work.
///
/// # Errors
/// [`TokenError::User`]; [`TokenError::Contended`] where more sign-ins of the user are under way
/// than are looked at, and stay so for a while; or a [`ServiceError`].
pub async fn granted(app: &App, client: &Credential, grant: &Grant) -> Result<String, TokenError> {
    let Grant::Password { user, password } = grant else { return Ok(program(&client.key)) };
    let name = UserName::parse(user).map_err(|_| TokenError::User)?;
    let account = &client.account.id;
    let throttle = LoginThrottle { account, user: &name, max_wrong: MAX_WRONG, max_at_once: MAX_AT_ONCE };
    let (admission, now) = admitted(app, &throttle).await?;
    let known = app.store.password_of(account, &name).await?.filter(|_| admission == Admission::Open);
    let ended = match (admission, password::verify(password, known.as_deref())) {
        (Admission::Open, true) => LoginOutcome::Good,
        (Admission::Open, false) => LoginOutcome::Wrong,
        (Admission::Locked | Admission::Contended, _) => LoginOutcome::Locked,
    };
    app.store.end_login(&throttle, ended, now).await?;
    if ended == LoginOutcome::Good { Ok(name.to_string()) } else { Err(TokenError::User) }
}

/// How a login attempt begins, and when it did. Where too many are being verified it waits and
/// looks again, after pauses that grow and differ.
async fn admitted(app: &App, throttle: &LoginThrottle<'_>) -> Result<(Admission, UnixMillis), TokenError> {
    let token = app.context.write_token()?;
    for round in 0..MAX_ROUNDS {
        if let Some(before) = round.checked_sub(1) {
            tokio::time::sleep(token.contention_backoff(before)).await;
        }
        let now = app.context.now();
        let admission = app.store.begin_login(throttle, now).await?;
        if admission != Admission::Contended {
            return Ok((admission, now));
        }
    }
    Err(TokenError::Contended)
}

recourse_edge::from_service_errors!(TokenError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let read = |form: &str| match Grant::read(form.as_bytes()) {
            Ok(Grant::Client) => Ok("client".to_owned()),
            Ok(Grant::Password { user, password }) => Ok(format!("{user} {}", *password)),
            Err(refusal) => Err(refusal),
        };
        assert_eq!(read("grant_type=client_credentials"), Ok("client".to_owned()));
        assert_eq!(read("grant_type=password&username=a.b&password=x%20%26+y"), Ok("a.b x & y".to_owned()));
        assert_eq!(read(""), Err(TokenError::Form("Missing grant type")));
        assert_eq!(read("{\"grant_type\":\"password\"}"), Err(TokenError::Form("Missing grant type")));
        assert_eq!(read("grant_type=password&password=x"), Err(TokenError::Form("Missing username")));
        assert_eq!(read("grant_type=password&username=x&password="), Err(TokenError::Form("Missing password")));
        assert_eq!(read("grant_type=implicit"), Err(TokenError::Unsupported));
        assert_eq!(
            read("grant_type=client_credentials&grant_type=password"),
            Err(TokenError::Form("A parameter is there twice"))
        );
        assert_eq!(read(&"x".repeat(MAX_BYTES + 1)), Err(TokenError::Form("The form is too large")));
    }
}
