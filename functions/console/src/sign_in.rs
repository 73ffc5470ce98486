//! The sign-in: by a mailed link, or at the company's own identity provider.
//!
//! A link works once, for ten minutes, in the browser that asked for it: the browser holds a second
//! secret in a cookie. So it may sign in by a plain GET, as a program that opens the links of mails
//! has no such cookie.
//!
//! Where there is an identity provider, admins alone are mailed a link: somebody has to get in
//! while the provider does not work.

mod identity;

use std::net::IpAddr;

use askama::Template;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::notification::Notification;
use recourse_dispute::time::UnixMillis;
use recourse_edge::{ApiResponse, App, NoRandomness, Request, ServiceError};
use recourse_store::{
    AuditOutcome, Cap, CapOutcome, ConsoleToken, LINK_MS, Operator, OperatorRole, OperatorStatus, SESSION_MAX_MS,
    SessionToken, SignInLink, TakeLinkOutcome,
};

use crate::action::AuditAction;
use crate::address::ConsoleAddress;
use crate::cookie::{SESSION_COOKIE, clear_cookie, host_cookie, without_session};
use crate::error::ConsoleError;
use crate::form::Form;
use crate::frame::Frame;
use crate::known_browser::KnownBrowsers;
use crate::origin::is_same_origin;
use crate::page::{html, see_other};
use crate::visitor::{Visitor, note};

pub use identity::IdentityProvider;

/// The cookie of the browser that asked for a link, or began to sign in at the provider.
pub const BROWSER_COOKIE: &str = "__Host-recourse-sign-in";

/// How many links one address is sent in an hour for one source. A browser in which its operator
/// signed in before has as many of its own, so nobody who asks for links keeps the operator out.
const LINKS_TO_ADDRESS: u32 = 5;
/// How many links one address is sent in an hour for all sources together, besides those of such
/// browsers' own.
const LINKS_TO_ADDRESS_IN_ALL: u32 = 30;
/// How many links one source may ask for in an hour. All people of an office may be one source.
const LINKS_FROM_SOURCE: u32 = 60;
/// How many sign-ins at the provider one source may begin in an hour. They cost no mail, and people
/// who are signed in there begin one whenever a session is over.
const SIGN_INS_FROM_SOURCE: u32 = 300;

/// What the page of the sign-in says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing but the form.
    Ask,
    /// A link was asked for.
    Sent,
    /// What was typed is no address.
    NoAddress,
    /// A link was opened in another browser.
    OtherBrowser,
    /// A link was used before, or is too old.
    NotGood,
    /// The provider led the browser back, and nobody is signed in. It never says why.
    Refused,
    /// The provider cannot be reached, so the browser is not led to it.
    NoProvider,
}

#[derive(Template)]
#[template(path = "sign-in.html")]
struct SignInPage {
    frame: Frame,
    state: State,
    /// The host of the identity provider, where there is one.
    provider: Option<String>,
}

/// How operators sign in.
#[derive(Debug)]
pub struct SignIn {
    /// Where the console is.
    pub address: ConsoleAddress,
    /// The identity provider. Without one, every operator is mailed links.
    pub identity: Option<IdentityProvider>,
}

impl SignIn {
    /// That of a function, from its environment.
    ///
    /// # Errors
    /// Where the parameters of the identity provider are wrong.
    pub fn from_environment() -> Result<Self, lambda_http::Error> {
        Ok(Self { address: ConsoleAddress::from_environment(), identity: IdentityProvider::from_environment()? })
    }

    fn page(&self, status: u16, outcome: &'static str, state: State) -> ApiResponse {
        let title = if state == State::Sent { "Look at your mail" } else { "Sign in" };
        let provider = self.identity.as_ref().map(IdentityProvider::host);
        html(status, outcome, &SignInPage { frame: Frame::anonymous(title), state, provider })
    }

    /// Whether an operator may be mailed a link.
    fn mails(&self, operator: &Operator) -> bool {
        self.identity.is_none() || operator.role == OperatorRole::Admin
    }
}

/// `GET /console/sign-in`: the form, or the queue for who is signed in.
///
/// # Errors
/// [`ConsoleError`].
pub async fn show(app: &App, request: &Request, sign_in: &SignIn) -> Result<ApiResponse, ConsoleError> {
    if let Some(origin) = sign_in.address.elsewhere(request) {
        return Ok(see_other(&format!("{origin}/console/sign-in"), "redirected"));
    }
    if request.query == "sent" {
        return Ok(sign_in.page(200, "shown", State::Sent));
    }
    match Visitor::of(app, request).await {
        Ok(_) => Ok(see_other("/console/queue", "redirected")),
        Err(ConsoleError::SignedOut) => Ok(sign_in.page(200, "shown", State::Ask)),
        Err(error) => Err(error),
    }
}

/// `POST /console/sign-in`: mails a link, if the address is that of an operator who may have one.
/// The answer and the work are the same for any address.
///
/// # Errors
/// [`ConsoleError`].
pub async fn ask(app: &App, request: &Request, sign_in: &SignIn) -> Result<ApiResponse, ConsoleError> {
    let now = app.context.now();
    let (is_ours, typed) = (is_same_origin(request), typed_address(request));
    let browsers = KnownBrowsers::of(app).await?;
    let typed_email = typed.as_ref().ok().and_then(Option::as_ref);
    let known = typed_email.and_then(|email| browsers.id(request, email).map(|id| (email, id))).filter(|_| is_ours);
    // Nobody can make an operator's own browser send a form of ours with its cookies.
    let is_own = match known {
        Some((email, browser)) => {
            let cap = Cap::LinksToAddressIn(email, browser);
            app.store.count(&cap, LINKS_TO_ADDRESS, now).await? == CapOutcome::Within
        }
        None => false,
    };
    // Whatever else a source sends is counted, as a refusal costs an entry of the audit log. What a
    // browser sends beyond its own limit is a source's like any other's.
    if !is_own {
        count_source(app, request, Cap::LinksFromSource, LINKS_FROM_SOURCE).await?;
    }
    if !is_ours {
        return Err(ConsoleError::refused("origin"));
    }
    let Some(email) = typed? else { return Ok(sign_in.page(400, "no_address", State::NoAddress)) };
    let is_within = is_own || count_link(app, request, &email, now).await?;
    let operator = app.store.operator(&email).await?.filter(Operator::is_active);
    let refused = match &operator {
        None => Some("unknown_address"),
        Some(operator) if !sign_in.mails(operator) => Some("not_admin"),
        Some(_) if !is_within => Some("too_many"),
        Some(_) => None,
    };
    let outcome = refused.map_or(AuditOutcome::Done, |code| AuditOutcome::Refused(code.to_owned()));
    note(app, request, AuditAction::SignInLink, operator.as_ref(), outcome).await?;
    let link = SignInLink { token: ConsoleToken::new(app.context.bytes()?), browser: browser(app, request)? };
    let token = app.context.write_token()?;
    match operator.filter(|_| refused.is_none()) {
        Some(operator) => {
            let mail = mail(&operator, &link, request, &sign_in.address, now)?;
            app.store.enqueue_sign_in(&operator, &link, &mail, &token, now).await?;
        }
        // Nobody gets this link. It is stored so that the answer takes as long.
        None => app.store.create_link(&nobody(email)?, &link, &token, now).await?,
    }
    let cookie = host_cookie(BROWSER_COOKIE, link.browser.reveal(), LINK_MS / 1000);
    Ok(see_other("/console/sign-in?sent", "link_requested").with_cookie(cookie))
}

fn mail(
    operator: &Operator,
    link: &SignInLink,
    request: &Request,
    address: &ConsoleAddress,
    now: UnixMillis,
) -> Result<Notification, ServiceError> {
    let origin = address.origin(request);
    let origin = origin.ok_or_else(|| ServiceError::invariant("the request came to no host", "sign_in"))?;
    let leads_to = format!("{origin}/console/link?token={}", link.token.reveal());
    let mail = Notification::sign_in(&operator.email, operator.name.as_str(), &leads_to, now, now.plus(LINK_MS));
    mail.ok_or_else(|| ServiceError::invariant("the mail of a sign-in cannot be made", "sign_in"))
}

/// An operator whom no item is of, so that no link of it signs in.
fn nobody(email: MailAddress) -> Result<Operator, ServiceError> {
    let name = "Stranger".to_owned().try_into();
    let name = name.map_err(|_| ServiceError::invariant("a name has another form", "Stranger"))?;
    let (role, status) = (OperatorRole::Auditor, OperatorStatus::Removed);
    Ok(Operator { email, name, role, status, version: 0, session_epoch: u64::MAX, identity: None })
}

/// What the request's browser holds, or what it is to hold from now on. Of two attempts of one
/// browser, each counts.
fn browser(app: &App, request: &Request) -> Result<ConsoleToken, NoRandomness> {
    let known = request.cookie(BROWSER_COOKIE).and_then(|known| ConsoleToken::parse(known).ok());
    known.map_or_else(|| app.context.bytes().map(ConsoleToken::new), Ok)
}

/// The address that was typed; `None` where that is no address.
fn typed_address(request: &Request) -> Result<Option<MailAddress>, ConsoleError> {
    Ok(MailAddress::parse(Form::read(request)?.one("email")?.trim()).ok())
}

/// Counts a link to an address by its source, and whether it may be mailed. The work is the same
/// for any address.
async fn count_link(app: &App, request: &Request, email: &MailAddress, now: UnixMillis) -> Result<bool, ConsoleError> {
    if let Ok(source) = request.source_ip().parse() {
        let cap = Cap::LinksToAddressFrom(email, source);
        if app.store.count(&cap, LINKS_TO_ADDRESS, now).await? == CapOutcome::Over {
            return Ok(false);
        }
    }
    let cap = Cap::LinksToAddress(email);
    Ok(app.store.count(&cap, LINKS_TO_ADDRESS_IN_ALL, now).await? == CapOutcome::Within)
}

/// Counts an attempt of the request's source.
async fn count_source(
    app: &App,
    request: &Request,
    cap: fn(IpAddr) -> Cap<'static>,
    most: u32,
) -> Result<(), ConsoleError> {
    let Ok(source) = request.source_ip().parse() else { return Ok(()) };
    match app.store.count(&cap(source), most, app.context.now()).await? {
        CapOutcome::Within => Ok(()),
        CapOutcome::Over => Err(ConsoleError::TooMany),
    }
}

/// `GET /console/link`: signs in, in the browser that asked for the link.
///
/// # Errors
/// [`ConsoleError`].
pub async fn open(app: &App, request: &Request, sign_in: &SignIn) -> Result<ApiResponse, ConsoleError> {
    let token = request.query.strip_prefix("token=").and_then(|token| ConsoleToken::parse(token).ok());
    let Some(token) = token else { return Ok(sign_in.page(403, "link_not_good", State::NotGood)) };
    // A browser without the cookie is another browser.
    let link = SignInLink { token, browser: browser(app, request)? };
    let taken = app.store.take_link(&link, &app.context.write_token()?, app.context.now()).await?;
    let (code, state) = match taken {
        TakeLinkOutcome::Taken(operator) => return begin(app, request, &operator).await,
        TakeLinkOutcome::OtherBrowser => ("other_browser", State::OtherBrowser),
        TakeLinkOutcome::NotGood => ("link_not_good", State::NotGood),
    };
    count_source(app, request, Cap::LinksFromSource, LINKS_FROM_SOURCE).await?;
    note(app, request, AuditAction::SignIn, None, AuditOutcome::Refused(code.to_owned())).await?;
    Ok(sign_in.page(403, code, state))
}

/// `GET /console/sign-in/identity`: leads the browser to the identity provider.
///
/// # Errors
/// [`ConsoleError`]; [`ConsoleError::NotFound`] without a provider.
pub async fn to_provider(app: &App, request: &Request, sign_in: &SignIn) -> Result<ApiResponse, ConsoleError> {
    if let Some(origin) = sign_in.address.elsewhere(request) {
        return Ok(see_other(&format!("{origin}/console/sign-in/identity"), "redirected"));
    }
    let provider = sign_in.identity.as_ref().ok_or(ConsoleError::NotFound)?;
    match Visitor::of(app, request).await {
        Ok(_) => return Ok(see_other("/console/queue", "redirected")),
        Err(ConsoleError::SignedOut) => {}
        Err(error) => return Err(error),
    }
    count_source(app, request, Cap::SignInsFromSource, SIGN_INS_FROM_SOURCE).await?;
    match Box::pin(provider.begin(app, request, &sign_in.address)).await? {
        Ok(answer) => Ok(answer),
        Err(refused) => {
            refused.note(app, request).await?;
            Ok(sign_in.page(503, refused.code, State::NoProvider))
        }
    }
}

/// `GET /console/sign-in/callback`: signs in whom the provider names, in the browser that it was
/// asked from. Whatever is wrong, the page is the same; the audit log and the log have the step.
///
/// # Errors
/// [`ConsoleError`]; [`ConsoleError::NotFound`] without a provider.
pub async fn from_provider(app: &App, request: &Request, sign_in: &SignIn) -> Result<ApiResponse, ConsoleError> {
    let provider = sign_in.identity.as_ref().ok_or(ConsoleError::NotFound)?;
    match Box::pin(provider.finish(app, request, &sign_in.address)).await? {
        Ok(operator) => begin(app, request, &operator).await,
        Err(refused) => {
            count_source(app, request, Cap::SignInsFromSource, SIGN_INS_FROM_SOURCE).await?;
            refused.note(app, request).await?;
            Ok(sign_in.page(403, refused.code, State::Refused))
        }
    }
}

/// Begins the session of somebody who has shown who it is.
pub(crate) async fn begin(app: &App, request: &Request, operator: &Operator) -> Result<ApiResponse, ConsoleError> {
    note(app, request, AuditAction::SignIn, Some(operator), AuditOutcome::Done).await?;
    let session = SessionToken::new(&operator.id(), app.context.bytes()?);
    app.store.begin_session(operator, &session, &app.context.write_token()?, app.context.now()).await?;
    let cookie = host_cookie(SESSION_COOKIE, session.reveal(), SESSION_MAX_MS / 1000);
    let known = KnownBrowsers::of(app).await?.cookie(request, &operator.email, app.context.bytes()?);
    let answer = see_other("/console/queue", "signed_in").with_cookie(cookie).with_cookie(known);
    Ok(answer.with_cookie(clear_cookie(BROWSER_COOKIE)))
}

/// `POST /console/sign-out`: ends the session.
///
/// # Errors
/// [`ConsoleError`].
pub async fn sign_out(app: &App, request: &Request) -> Result<ApiResponse, ConsoleError> {
    let visitor = match Visitor::of(app, request).await {
        Err(ConsoleError::SignedOut) => return Ok(without_session(signed_out(), request)),
        visitor => visitor?,
    };
    visitor.form(request)?;
    let entry = visitor.begin(app, AuditAction::SignOut, None).await?;
    app.store.end_session(&visitor.session).await?;
    entry.done(app).await;
    Ok(without_session(signed_out(), request))
}

fn signed_out() -> ApiResponse {
    see_other("/console/sign-in", "signed_out")
}
