//! The sign-in by a mailed link.
//!
//! A link works once, for ten minutes, in the browser that asked for it: the browser holds a second
//! secret in a cookie. So it may sign in by a plain GET, as a program that opens the links of mails
//! has no such cookie.

use askama::Template;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::notification::Notification;
use recourse_dispute::time::UnixMillis;
use recourse_edge::{ApiResponse, App, Request, ServiceError};
use recourse_store::{
    AuditOutcome, Cap, CapOutcome, ConsoleToken, LINK_MS, Operator, OperatorRole, OperatorStatus, SESSION_MAX_MS,
    SessionToken, SignInLink, TakeLinkOutcome,
};

use crate::action::AuditAction;
use crate::address::ConsoleAddress;
use crate::cookie::{SESSION_COOKIE, clear_cookie, host_cookie};
use crate::error::ConsoleError;
use crate::form::Form;
use crate::frame::Frame;
use crate::known_browser::KnownBrowsers;
use crate::origin::is_same_origin;
use crate::page::{html, see_other};
use crate::visitor::{Visitor, note};

/// The cookie of the browser that asked for a link.
pub const BROWSER_COOKIE: &str = "__Host-recourse-sign-in";

/// How many links one address is sent in an hour for one source, or for one browser in which its
/// operator signed in before.
const LINKS_TO_ADDRESS: u32 = 5;
/// How many links one address is sent in an hour for all sources together, without those browsers.
const LINKS_TO_ADDRESS_IN_ALL: u32 = 30;
/// How many links one source may ask for in an hour. All people of an office may be one source.
const LINKS_FROM_SOURCE: u32 = 60;

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
}

#[derive(Template)]
#[template(path = "sign-in.html")]
struct SignInPage {
    frame: Frame,
    state: State,
}

fn page(status: u16, outcome: &'static str, state: State) -> ApiResponse {
    let title = if state == State::Sent { "Look at your mail" } else { "Sign in" };
    html(status, outcome, &SignInPage { frame: Frame::anonymous(title), state })
}

/// `GET /console/sign-in`: the form, or the queue for who is signed in.
///
/// # Errors
/// [`ConsoleError`].
pub async fn show(app: &App, request: &Request, address: &ConsoleAddress) -> Result<ApiResponse, ConsoleError> {
    if let Some(origin) = address.elsewhere(request) {
        return Ok(see_other(&format!("{origin}/console/sign-in"), "redirected"));
    }
    if request.query == "sent" {
        return Ok(page(200, "shown", State::Sent));
    }
    match Visitor::of(app, request).await {
        Ok(_) => Ok(see_other("/console/queue", "redirected")),
        Err(ConsoleError::SignedOut) => Ok(page(200, "shown", State::Ask)),
        Err(error) => Err(error),
    }
}

/// `POST /console/sign-in`: mails a link, if the address is an operator's. The answer and the work
/// are the same for any address.
///
/// # Errors
/// [`ConsoleError`].
pub async fn ask(app: &App, request: &Request, address: &ConsoleAddress) -> Result<ApiResponse, ConsoleError> {
    let now = app.context.now();
    let (is_ours, typed) = (is_same_origin(request), typed_address(request));
    let browsers = KnownBrowsers::of(app).await?;
    let typed_email = typed.as_ref().ok().and_then(Option::as_ref);
    let browser = typed_email.and_then(|email| browsers.id(request, email)).filter(|_| is_ours);
    // Whatever else a source sends is counted, as a refusal costs an entry of the audit log. Nobody
    // can make an operator's own browser send a form of ours with its cookies.
    if browser.is_none() {
        count_source(app, request, now).await?;
    }
    if !is_ours {
        return Err(ConsoleError::refused("origin"));
    }
    let Some(email) = typed? else { return Ok(page(400, "no_address", State::NoAddress)) };
    let is_within = count_link(app, request, &email, browser, now).await?;
    let operator = app.store.operator(&email).await?.filter(Operator::is_active);
    let outcome = match (&operator, is_within) {
        (Some(_), true) => AuditOutcome::Done,
        (Some(_), false) => AuditOutcome::Refused("too_many".to_owned()),
        (None, _) => AuditOutcome::Refused("unknown_address".to_owned()),
    };
    note(app, request, AuditAction::SignInLink, operator.as_ref(), outcome).await?;
    // Links that the same browser asks for have the same cookie, so that each of them works.
    let known = request.cookie(BROWSER_COOKIE).and_then(|known| ConsoleToken::parse(known).ok());
    let browser = known.map_or_else(|| app.context.bytes().map(ConsoleToken::new), Ok)?;
    let link = SignInLink { token: ConsoleToken::new(app.context.bytes()?), browser };
    let token = app.context.write_token()?;
    match operator.filter(|_| is_within) {
        Some(operator) => {
            let mail = mail(&operator, &link, request, address, now)?;
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
    Ok(Operator { email, name, role, status, version: 0, session_epoch: u64::MAX })
}

/// The address that was typed; `None` where that is no address.
fn typed_address(request: &Request) -> Result<Option<MailAddress>, ConsoleError> {
    Ok(MailAddress::parse(Form::read(request)?.one("email")?.trim()).ok())
}

/// Counts a link to an address, and whether it may be mailed. The work is the same for any address.
/// A `browser` in which its operator signed in before has a limit of its own, so nobody who asks
/// for links keeps the operator out of it.
async fn count_link(
    app: &App,
    request: &Request,
    email: &MailAddress,
    browser: Option<&str>,
    now: UnixMillis,
) -> Result<bool, ConsoleError> {
    if let Some(browser) = browser {
        let cap = Cap::LinksToAddressIn(email, browser);
        return Ok(app.store.count(&cap, LINKS_TO_ADDRESS, now).await? == CapOutcome::Within);
    }
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
async fn count_source(app: &App, request: &Request, now: UnixMillis) -> Result<(), ConsoleError> {
    let Ok(source) = request.source_ip().parse() else { return Ok(()) };
    match app.store.count(&Cap::LinksFromSource(source), LINKS_FROM_SOURCE, now).await? {
        CapOutcome::Within => Ok(()),
        CapOutcome::Over => Err(ConsoleError::TooMany),
    }
}

/// `GET /console/link`: signs in, in the browser that asked for the link.
///
/// # Errors
/// [`ConsoleError`].
pub async fn open(app: &App, request: &Request) -> Result<ApiResponse, ConsoleError> {
    let token = request.query.strip_prefix("token=").and_then(|token| ConsoleToken::parse(token).ok());
    let Some(token) = token else { return Ok(page(403, "link_not_good", State::NotGood)) };
    let known = request.cookie(BROWSER_COOKIE).and_then(|known| ConsoleToken::parse(known).ok());
    // A browser without the cookie is another browser.
    let browser = known.map_or_else(|| app.context.bytes().map(ConsoleToken::new), Ok)?;
    let now = app.context.now();
    let taken = app.store.take_link(&SignInLink { token, browser }, &app.context.write_token()?, now).await?;
    let (code, state) = match taken {
        TakeLinkOutcome::Taken(operator) => return begin(app, request, &operator).await,
        TakeLinkOutcome::OtherBrowser => ("other_browser", State::OtherBrowser),
        TakeLinkOutcome::NotGood => ("link_not_good", State::NotGood),
    };
    count_source(app, request, now).await?;
    note(app, request, AuditAction::SignIn, None, AuditOutcome::Refused(code.to_owned())).await?;
    Ok(page(403, code, state))
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
        Err(ConsoleError::SignedOut) => return Ok(signed_out()),
        visitor => visitor?,
    };
    visitor.form(request)?;
    let entry = visitor.begin(app, AuditAction::SignOut, None).await?;
    app.store.end_session(&visitor.session).await?;
    entry.done(app).await;
    Ok(signed_out())
}

fn signed_out() -> ApiResponse {
    see_other("/console/sign-in", "signed_out").with_cookie(clear_cookie(SESSION_COOKIE))
}
