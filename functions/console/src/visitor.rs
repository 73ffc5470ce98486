//! Who uses the console: the session behind the cookie, what its operator may do, and the audit
//! log of it.

use std::net::IpAddr;

use recourse_dispute::number::DisputeNumber;
use recourse_edge::{App, Request};
use recourse_store::{
    AuditLogEntry, AuditLogId, AuditOperator, AuditOutcome, Operator, Permission, Session, SessionToken,
};

use crate::action::AuditAction;
use crate::cookie::SESSION_COOKIE;
use crate::error::{ConsoleError, Refusal};
use crate::form::Form;
use crate::frame::{Frame, Nav, Person};
use crate::look::LOOK_HEADER;
use crate::origin::is_same_origin;
use crate::seal::Seals;

/// An operator with a session.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Who it is.
    pub operator: Operator,
    /// The session.
    pub session: Session,
    /// What only its pages have.
    pub(crate) seals: Seals,
    from: Option<IpAddr>,
}

/// The entry of a change in the audit log.
#[derive(Debug)]
#[must_use = "an entry says that a change was attempted until it is ended"]
pub struct Entry(AuditLogId);

impl Visitor {
    /// Who sent the request, by the cookie of the session.
    ///
    /// # Errors
    /// [`ConsoleError::SignedOut`] without a session that is good now.
    pub async fn of(app: &App, request: &Request) -> Result<Self, ConsoleError> {
        let token = request.cookie(SESSION_COOKIE).and_then(|token| SessionToken::parse(token).ok());
        let token = token.ok_or(ConsoleError::SignedOut)?;
        let now = app.context.now();
        let (session, operator) = app.store.session(&token, now).await?.ok_or(ConsoleError::SignedOut)?;
        // A page that looks again by itself is no use of the session, or it would never be idle.
        if request.header(LOOK_HEADER).is_none() {
            app.store.touch_session(&session, now).await?;
        }
        let seals = Seals::of(app, session.digest()).await?;
        Ok(Self { operator, session, seals, from: source(request) })
    }

    /// Whether the role allows it, for a page that leaves out what it does not.
    #[must_use]
    pub fn can(&self, permission: Permission) -> bool {
        self.operator.role.may(permission)
    }

    /// Refuses what the role does not allow.
    ///
    /// # Errors
    /// [`ConsoleError::Forbidden`].
    pub fn may(&self, permission: Permission) -> Result<(), ConsoleError> {
        if self.can(permission) { Ok(()) } else { Err(self.refuse("role")) }
    }

    /// A refusal of something that this operator sent. `reason` is what the audit log has of it.
    #[must_use]
    pub fn refuse(&self, reason: &'static str) -> ConsoleError {
        ConsoleError::Forbidden(Refusal { operator: Some(self.operator.clone()), reason })
    }

    /// The form that the request has, from a page of ours.
    ///
    /// # Errors
    /// [`ConsoleError::Forbidden`] where it is from elsewhere or its field `csrf` is not that of
    /// the session, and [`ConsoleError::BadForm`].
    pub fn form(&self, request: &Request) -> Result<Form, ConsoleError> {
        if !is_same_origin(request) {
            return Err(self.refuse("origin"));
        }
        let form = Form::read(request)?;
        let is_ours = form.opt("csrf")?.is_some_and(|sent| self.seals.is_csrf(sent));
        if is_ours { Ok(form) } else { Err(self.refuse("csrf")) }
    }

    /// The frame of a page.
    #[must_use]
    pub fn frame(&self, title: &str, nav: Nav) -> Frame {
        let person = Person { name: self.operator.name.as_str().to_owned(), role: self.operator.role };
        Frame::new(title, person, self.seals.csrf(), nav)
    }

    /// Notes in the audit log what is about to be shown.
    ///
    /// # Errors
    /// [`ConsoleError::Service`] where it cannot be noted: then nothing may be shown.
    pub async fn viewed(
        &self,
        app: &App,
        action: AuditAction,
        case: Option<DisputeNumber>,
    ) -> Result<(), ConsoleError> {
        self.write(app, action, case, AuditOutcome::Done).await.map(drop)
    }

    /// Notes in the audit log what is about to be changed.
    ///
    /// # Errors
    /// [`ConsoleError::Service`] where it cannot be noted: then nothing may be changed.
    pub async fn begin(
        &self,
        app: &App,
        action: AuditAction,
        case: Option<DisputeNumber>,
    ) -> Result<Entry, ConsoleError> {
        self.write(app, action, case, AuditOutcome::Attempted).await.map(Entry)
    }

    async fn write(
        &self,
        app: &App,
        action: AuditAction,
        case: Option<DisputeNumber>,
        outcome: AuditOutcome,
    ) -> Result<AuditLogId, ConsoleError> {
        let entry = AuditLogEntry {
            at: app.context.now(),
            operator: Some(AuditOperator::from(&self.operator)),
            action: action.name().to_owned(),
            case,
            from: self.from,
            outcome,
        };
        Ok(app.store.write_audit(&entry, &app.context.write_token()?).await?)
    }
}

impl Entry {
    /// Notes that the change is done.
    pub async fn done(self, app: &App) {
        self.end(app, AuditOutcome::Done).await;
    }

    /// Notes that the change is not done, with a code such as `changed`.
    pub async fn refused(self, app: &App, code: &'static str) {
        self.end(app, AuditOutcome::Refused(code.to_owned())).await;
    }

    /// Where the outcome cannot be noted, the entry still says that the change was attempted. It is
    /// too late to take the change back.
    async fn end(self, app: &App, outcome: AuditOutcome) {
        if let Err(error) = app.store.end_audit(&self.0, &outcome).await {
            tracing::warn!(
                error_code = error.code(),
                error = %error,
                "writing the outcome of a change to the audit log failed; its entry stays attempted"
            );
        }
    }
}

/// Notes in the audit log what somebody did who has no session, or was refused.
pub(crate) async fn note(
    app: &App,
    request: &Request,
    action: AuditAction,
    operator: Option<&Operator>,
    outcome: AuditOutcome,
) -> Result<(), ConsoleError> {
    let entry = AuditLogEntry {
        at: app.context.now(),
        operator: operator.map(AuditOperator::from),
        action: action.name().to_owned(),
        case: DisputeNumber::from_any_view(request.parameter("case")).ok(),
        from: source(request),
        outcome,
    };
    app.store.write_audit(&entry, &app.context.write_token()?).await?;
    Ok(())
}

/// Where a request came from.
fn source(request: &Request) -> Option<IpAddr> {
    request.source_ip().parse().ok()
}

#[cfg(test)]
pub(crate) mod testing {
    use recourse_edge::Request;

    /// A request as API Gateway hands it over.
    pub(crate) fn request(method: &str, headers: &[(&str, &str)], cookies: &[&str], body: &str) -> Request {
        let headers: std::collections::BTreeMap<_, _> = headers.iter().copied().collect();
        serde_json::from_value(serde_json::json!({
            "rawPath": "/console", "headers": headers, "cookies": cookies, "body": body,
            "requestContext": {"http": {"method": method, "sourceIp": "192.0.2.7"}}
        }))
        .unwrap()
    }
}
