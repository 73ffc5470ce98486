//! A browser in which an operator signed in before.
//!
//! Anybody may ask for links to an address, so links to an address are limited. Whoever uses up
//! that limit would keep the operator out. So a browser in which the operator signed in before has
//! a limit of its own, and a cookie by which it is known. The cookie lets nobody sign in: it only
//! says which limit counts.

use data_encoding::BASE64URL_NOPAD;
use recourse_dispute::addresses::MailAddress;
use recourse_edge::{App, Request, ServiceError};
use recourse_signing::Secret;
use recourse_store::OperatorId;

use crate::cookie::host_cookie;

/// The cookie.
const KNOWN_COOKIE: &str = "__Host-recourse-known";
/// How long a browser is known after a sign-in, in seconds: half a year.
const KNOWN_SECONDS: i64 = 180 * 24 * 60 * 60;
/// What the key of the cookies is derived for.
const PURPOSE: &str = "console known browser";

/// What knows browsers again.
pub(crate) struct KnownBrowsers(Secret);

impl KnownBrowsers {
    /// Those of the deployment.
    pub(crate) async fn of(app: &App) -> Result<Self, ServiceError> {
        let empty = |_| ServiceError::invariant("the key of the browsers' cookies is empty", PURPOSE);
        Ok(Self(Secret::from_bytes(&app.derived(PURPOSE).await?).map_err(empty)?))
    }

    /// The id of the request's browser, where the operator with this address signed in with it.
    pub(crate) fn id<'a>(&self, request: &'a Request, email: &MailAddress) -> Option<&'a str> {
        let (id, tag) = request.cookie(KNOWN_COOKIE)?.split_once('.')?;
        let tag = BASE64URL_NOPAD.decode(tag.as_bytes()).ok()?;
        self.0.verify_bytes(&message(email, id), &tag).then_some(id)
    }

    /// The `Set-Cookie` after a sign-in. A browser that is known keeps its id; another one gets a
    /// new one out of random bytes.
    pub(crate) fn cookie(&self, request: &Request, email: &MailAddress, random: [u8; 16]) -> String {
        let new = BASE64URL_NOPAD.encode(&random);
        let id = self.id(request, email).unwrap_or(&new);
        let tag = BASE64URL_NOPAD.encode(&self.0.sign_bytes(&message(email, id)));
        host_cookie(KNOWN_COOKIE, &format!("{id}.{tag}"), KNOWN_SECONDS)
    }
}

/// What is sealed: the digest of the address, which is of one length, and the browser's id.
fn message(email: &MailAddress, id: &str) -> Vec<u8> {
    format!("{} {id}", OperatorId::of(email).as_str()).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visitor::testing::request;

    fn browsers(key: &[u8]) -> KnownBrowsers {
        KnownBrowsers(Secret::from_bytes(key).unwrap())
    }

    fn with(cookie: &str) -> Request {
        request("POST", &[], &[cookie.split(';').next().unwrap()], "")
    }

    #[test]
    fn a_browser_is_known_for_the_operator_who_signed_in_with_it() {
        let address = |text| MailAddress::parse(text).unwrap();
        let (aisyah, ben) = (address("aisyah@demo.example"), address("ben@demo.example"));
        let known = browsers(b"key");
        let cookie = known.cookie(&request("GET", &[], &[], ""), &aisyah, [7; 16]);
        assert!(cookie.starts_with("__Host-recourse-known=BwcHBwcHBwcHBwcHBwcHBw."), "{cookie}");
        assert!(cookie.contains("; Max-Age=15552000; Secure; HttpOnly; SameSite=Lax"), "{cookie}");
        let sent = with(&cookie);
        assert_eq!(known.id(&sent, &aisyah), Some("BwcHBwcHBwcHBwcHBwcHBw"));
        assert_eq!(known.id(&sent, &address("AISYAH@demo.example")), Some("BwcHBwcHBwcHBwcHBwcHBw"));
        assert_eq!((known.id(&sent, &ben), browsers(b"other").id(&sent, &aisyah)), (None, None));
        assert_eq!(known.cookie(&sent, &aisyah, [9; 16]), cookie, "it keeps its id");
        assert_ne!(known.cookie(&sent, &ben, [9; 16]), cookie);
        for forged in ["", "x", "x.y", ".", "BwcHBwcHBwcHBwcHBwcHBw."] {
            assert_eq!(known.id(&with(&format!("{KNOWN_COOKIE}={forged}")), &aisyah), None, "{forged}");
        }
    }
}
