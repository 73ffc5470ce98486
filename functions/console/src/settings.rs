//! `/console/settings`: what supervisors set, and auditors read.
//!
//! Each page is shown by GET and takes its forms by POST. A form that is refused is shown again
//! with what it had, and the reason. One that is done leads back to its page, so that loading the
//! page again sends nothing twice. A new secret is on the answer to its form alone.

mod account;
mod accounts;
mod forget;
mod health;
mod operators;
mod outbox;
mod playbooks;
mod secret;
mod templates;

use std::fmt::Display;

use lambda_http::Error;
use recourse_aws::Aws;
use recourse_casework::{Casework, Settings};
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::Actor;
use recourse_edge::{ApiResponse, App, Request};
use recourse_files::Files;
use recourse_mail::Composer;
use recourse_operations::{CurrentCasework, Submission, typed};
use recourse_store::{AuditContext, Permission, StoreError};

use crate::{ConsoleError, Form, Frame, Nav, Visitor, not_found, see_other};

/// What the pages of the settings need besides the store.
#[derive(Debug)]
pub struct SettingsPages {
    casework: CurrentCasework,
    files: Files,
    composer: Composer,
    /// What the deployment is for.
    environment: String,
}

impl SettingsPages {
    /// That of a function, from its environment.
    ///
    /// # Errors
    /// Where the environment is wrong.
    pub fn from_environment() -> Result<Self, Error> {
        let aws = Aws::from_environment()?;
        let files = Files::of(&aws)?;
        Ok(Self {
            casework: CurrentCasework::new(Settings::from_environment(&aws)?, files.clone()),
            composer: Composer::from_environment(&aws)?,
            environment: aws.variable("ENVIRONMENT")?,
            files,
        })
    }

    /// Answers a request for a page of the settings, or a form of one.
    ///
    /// # Errors
    /// [`ConsoleError`].
    pub async fn answer(&self, app: &App, http: &Request) -> Result<ApiResponse, ConsoleError> {
        let visitor = Visitor::of(app, http).await?;
        visitor.may(Permission::SeeSettings)?;
        let request = &SettingsRequest { app, visitor: &visitor, query: &http.query };
        let form = match http.method.as_str() {
            "GET" => None,
            "POST" => Some(visitor.form(http)?),
            _ => return Ok(not_found(&visitor)),
        };
        match (http.parameter("page"), form) {
            ("", None) => Ok(see_other("/console/settings/accounts", "redirected")),
            ("accounts", None) => Box::pin(accounts::show(request)).await,
            ("accounts", Some(form)) => Box::pin(accounts::change(request, form)).await,
            ("templates", None) => Box::pin(templates::show(request, self)).await,
            ("playbooks", None) => Box::pin(playbooks::show(request, self)).await,
            ("playbooks", Some(form)) => Box::pin(playbooks::try_out(request, self, form)).await,
            ("outbox", None) => Box::pin(outbox::show(request)).await,
            ("outbox", Some(form)) => Box::pin(outbox::change(request, form)).await,
            ("health", None) => Box::pin(health::show(request, self)).await,
            ("operators", None) => Box::pin(operators::show(request)).await,
            ("operators", Some(form)) => Box::pin(operators::change(request, form)).await,
            ("forget", None) => Box::pin(forget::show(request)).await,
            ("forget", Some(form)) => Box::pin(forget::change(request, self, form)).await,
            _ => Ok(not_found(&visitor)),
        }
    }

    /// The rules of the support process as they are now.
    async fn casework(&self, app: &App) -> Result<std::sync::Arc<Casework>, ConsoleError> {
        Ok(self.casework.current_or_unreadable(app.context.now()).await?)
    }
}

/// A request for a page of the settings, and who sent it.
struct SettingsRequest<'a> {
    app: &'a App,
    visitor: &'a Visitor,
    query: &'a str,
}

impl SettingsRequest<'_> {
    /// A value of the address, where it has one.
    fn query(&self, name: &str) -> Option<String> {
        let mut values = form_urlencoded::parse(self.query.as_bytes());
        values.find(|(sent, value)| sent == name && !value.is_empty()).map(|(_, value)| value.into_owned())
    }

    /// Who changes something now, and why the form says.
    fn audit(&self, form: &Form) -> Result<AuditContext, FormError> {
        let why = form.opt("why")?.map(|why| rule("The reason", typed::why(why))).transpose()?;
        let by = PerformedBy { actor: Actor::Operator, name: self.visitor.operator.name.as_str().to_owned() };
        Ok(AuditContext { by, at: self.app.context.now(), why })
    }

    /// What every page of the settings has.
    fn layout(&self, page: Page, form_result: FormResult) -> Result<Layout, ConsoleError> {
        let tabs = Page::ALL.into_iter().filter(|tab| self.visitor.can(tab.seen_by()));
        Ok(Layout {
            tabs: tabs.map(|tab| Tab { label: tab.label(), href: tab.address(), is_current: tab == page }).collect(),
            may_change: self.visitor.can(page.changed_by()),
            submission: Submission::new(self.app.context.bytes()?).as_str().to_owned(),
            csrf: self.frame(page).csrf,
            form_result,
        })
    }

    fn frame(&self, page: Page) -> Frame {
        self.visitor.frame(page.label(), Nav::Settings)
    }
}

/// A page of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Accounts,
    Templates,
    Playbooks,
    Outbox,
    Health,
    Operators,
    Forget,
}

impl Page {
    const ALL: [Self; 7] =
        [Self::Accounts, Self::Templates, Self::Playbooks, Self::Outbox, Self::Health, Self::Operators, Self::Forget];

    fn label(self) -> &'static str {
        match self {
            Self::Accounts => "Accounts and keys",
            Self::Templates => "Mails",
            Self::Playbooks => "Playbooks",
            Self::Outbox => "Outbox",
            Self::Health => "Health",
            Self::Operators => "Operators",
            Self::Forget => "Personal data",
        }
    }

    fn address(self) -> &'static str {
        match self {
            Self::Accounts => "/console/settings/accounts",
            Self::Templates => "/console/settings/templates",
            Self::Playbooks => "/console/settings/playbooks",
            Self::Outbox => "/console/settings/outbox",
            Self::Health => "/console/settings/health",
            Self::Operators => "/console/settings/operators",
            Self::Forget => "/console/settings/forget",
        }
    }

    /// What it takes to see it.
    fn seen_by(self) -> Permission {
        match self {
            Self::Operators => Permission::SeeOperators,
            Self::Forget => Permission::Forget,
            Self::Accounts | Self::Templates | Self::Playbooks | Self::Outbox | Self::Health => Permission::SeeSettings,
        }
    }

    /// What it takes to change something on it.
    fn changed_by(self) -> Permission {
        match self {
            Self::Operators => Permission::Operators,
            Self::Forget => Permission::Forget,
            Self::Accounts | Self::Templates | Self::Playbooks | Self::Outbox | Self::Health => Permission::Settings,
        }
    }
}

/// A link to a page of the settings.
struct Tab {
    label: &'static str,
    href: &'static str,
    is_current: bool,
}

/// What every page of the settings has around its content.
struct Layout {
    tabs: Vec<Tab>,
    /// Whether the forms are there.
    may_change: bool,
    /// By which a form is known when it comes twice.
    submission: String,
    csrf: String,
    form_result: FormResult,
}

impl Layout {
    /// What a field had in a form that was refused, or nothing.
    fn typed(&self, name: &'static str) -> &str {
        self.form_result.form.as_ref().and_then(|form| form.all(name).next()).unwrap_or_default()
    }

    /// Whether a choice was made in a form that was refused.
    fn chose(&self, name: &'static str, value: &str) -> bool {
        self.typed(name) == value
    }
}

/// What a page says about the form that was sent before.
#[derive(Default)]
struct FormResult {
    /// What was done.
    done: Option<&'static str>,
    /// Why the form was refused.
    error: Option<String>,
    /// The form that was refused.
    form: Option<Form>,
}

impl FormResult {
    /// By the code that the address has.
    fn of(request: &SettingsRequest<'_>) -> Self {
        let code = request.query("done");
        let known = code.and_then(|code| DONE.iter().find(|(known, _)| *known == code));
        Self { done: known.map(|(_, sentence)| *sentence), ..Self::default() }
    }

    /// Nothing, with what a form had.
    fn with(form: Form) -> Self {
        Self { form: Some(form), ..Self::default() }
    }

    fn refused(error: String, form: Form) -> Self {
        Self { error: Some(error), form: Some(form), done: None }
    }
}

/// What a page says when a form is done, by the code in its address.
const DONE: [(&str, &str); 12] = [
    ("created", "It is created."),
    ("set", "It is set. Functions use it within 60 seconds."),
    ("suspended", "The account is suspended. Functions cache a key for up to 60 seconds."),
    ("resumed", "The account may call again."),
    ("revoked", "The key is revoked. Functions cache a key for up to 60 seconds."),
    ("user_removed", "The person is removed. A token that was issued before expires within 15 minutes."),
    ("redriven", "The mails wait to be sent. The next sweep sends them, within a minute."),
    ("role", "The operator has the role from the next request on."),
    ("sessions_ended", "All sessions of the operator are over."),
    ("identity_reset", "Whoever signs in next at the identity provider with the operator's address is the operator."),
    ("removed", "The operator is removed, and all sessions are over."),
    ("unchanged", "It was so already. Nothing was changed."),
];

/// Why an order of a form is not done.
enum FormError {
    /// The page is not shown.
    Console(ConsoleError),
    /// The page is shown again with this sentence.
    Invalid(String),
}

impl From<ConsoleError> for FormError {
    fn from(error: ConsoleError) -> Self {
        Self::Console(error)
    }
}

impl From<StoreError> for FormError {
    fn from(error: StoreError) -> Self {
        Self::Console(error.into())
    }
}

impl From<recourse_edge::NoRandomness> for FormError {
    fn from(error: recourse_edge::NoRandomness) -> Self {
        Self::Console(error.into())
    }
}

/// A value of a field, or the rule that it breaks.
fn rule<T, E: Display>(what: &str, read: Result<T, E>) -> Result<T, FormError> {
    read.map_err(|error| {
        let rule = error.to_string();
        // Most rules go on after the field's name; some are sentences of their own.
        let goes_on = ["must ", "is "].iter().any(|verb| rule.starts_with(verb));
        let joint = if goes_on { " " } else { ": " };
        FormError::Invalid(format!("{what}{joint}{}.", rule.trim_end_matches('.')))
    })
}

/// A failure of the store once an order was begun.
fn after_order(error: StoreError) -> FormError {
    FormError::Console(ConsoleError::from(error).after_order())
}

/// A form that orders nothing that there is.
fn no_order() -> FormError {
    FormError::Console(ConsoleError::BadForm("The form orders something that there is not."))
}

/// A time for people.
fn time(at: recourse_dispute::time::UnixMillis) -> String {
    at.to_the_minute()
}

#[cfg(test)]
mod tests {
    use recourse_store::OperatorRole;

    use super::*;

    #[test]
    fn a_rule_is_one_sentence() {
        let wrong = |read: Result<(), &str>| match rule("The name", read) {
            Err(FormError::Invalid(sentence)) => sentence,
            _ => panic!("no rule was broken"),
        };
        assert_eq!(wrong(Err("must be short")), "The name must be short.");
        assert_eq!(wrong(Err("must be short.")), "The name must be short.");
        assert_eq!(wrong(Err("is no name")), "The name is no name.");
        assert_eq!(wrong(Err("the part after the @ must be a host")), "The name: the part after the @ must be a host.");
    }

    #[test]
    fn a_code_of_the_address_is_known_once() {
        for (at, (code, _)) in DONE.iter().enumerate() {
            assert_eq!(DONE.iter().position(|(other, _)| other == code), Some(at), "{code}");
        }
    }

    #[test]
    fn operators_and_erasures_are_the_admins_alone() {
        for page in Page::ALL {
            let is_admins = matches!(page, Page::Operators | Page::Forget);
            assert_eq!(!OperatorRole::Supervisor.may(page.changed_by()), is_admins, "{page:?}");
            assert_eq!(!OperatorRole::Supervisor.may(page.seen_by()), is_admins, "{page:?}");
            assert!(OperatorRole::Admin.may(page.changed_by()), "{page:?}");
        }
        assert!(!OperatorRole::Auditor.may(Page::Forget.seen_by()));
    }
}
