//! Who may use the console. Admins alone change it, and nobody takes the role from themselves, so
//! that there is always an admin.

use askama::Template;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::text::visible;
use recourse_edge::ApiResponse;
use recourse_store::{
    CreateOperatorOutcome, EndSessionsOutcome, NewOperator, OperatorRole, Permission, RemoveOperatorOutcome,
    ResetIdentityOutcome, SetRoleOutcome,
};
use recourse_support::case::AgentName;

use super::{Around, Asked, Notice, Page, Stop, no_order, rule};
use crate::{ConsoleError, Form, Frame, html, see_other};

#[derive(Template)]
#[template(path = "settings-operators.html")]
struct OperatorsPage {
    frame: Frame,
    around: Around,
    rows: Vec<Row>,
    roles: [&'static str; 4],
}

struct Row {
    name: String,
    email: String,
    role: &'static str,
    is_active: bool,
    /// Whether the operator has signed in at the identity provider.
    is_linked: bool,
    /// Whether it is the visitor.
    is_self: bool,
}

/// All operators.
pub(super) async fn show(asked: &Asked<'_>) -> Result<ApiResponse, ConsoleError> {
    page(asked, Notice::of(asked), 200, "shown").await
}

async fn page(
    asked: &Asked<'_>,
    notice: Notice,
    status: u16,
    outcome: &'static str,
) -> Result<ApiResponse, ConsoleError> {
    asked.visitor.may(Permission::SeeOperators)?;
    asked.visitor.viewed(asked.app, "settings_operators", None).await?;
    let operators = asked.app.store.operators().await?;
    let row = |operator: &recourse_store::Operator| Row {
        name: visible(operator.name.as_str()).into_owned(),
        email: visible(operator.email.as_str()).into_owned(),
        role: operator.role.name(),
        is_active: operator.is_active(),
        is_linked: operator.identity.is_some(),
        is_self: operator.id() == asked.visitor.operator.id(),
    };
    let page = OperatorsPage {
        frame: asked.frame(Page::Operators),
        around: asked.around(Page::Operators, notice)?,
        rows: operators.iter().map(row).collect(),
        roles: OperatorRole::ALL.map(OperatorRole::name),
    };
    Ok(html(status, outcome, &page))
}

/// A form about an operator. The address is in its body, never in an address of a page.
pub(super) async fn change(asked: &Asked<'_>, form: Form) -> Result<ApiResponse, ConsoleError> {
    asked.visitor.may(Permission::Operators)?;
    match Box::pin(ordered(asked, &form)).await {
        Ok(code) => Ok(see_other(&format!("/console/settings/operators?done={code}"), "done")),
        Err(Stop::Console(error)) => Err(error),
        Err(Stop::Wrong(wrong)) => page(asked, Notice::refused(wrong, form), 422, "refused").await,
    }
}

async fn ordered(asked: &Asked<'_>, form: &Form) -> Result<&'static str, Stop> {
    let email = rule("The mail address", MailAddress::parse_typed(form.one("email")?))?;
    let (order, store) = (form.one("do")?, &asked.app.store);
    let is_self = recourse_store::OperatorId::of(&email) == asked.visitor.operator.id();
    if is_self && matches!(order, "role" | "remove") {
        let sentence = "You cannot change your own role or remove yourself. Another admin can.";
        return Err(Stop::Wrong(sentence.to_owned()));
    }
    let (audit, tokens) = (asked.audit(form)?, asked.app.context.write_tokens()?);
    let role = || form.one("role").map(str::parse::<OperatorRole>);
    let (action, done) = match order {
        "create" => ("operator_create", "created"),
        "role" => ("operator_role", "role"),
        "end_sessions" => ("operator_end_sessions", "sessions_ended"),
        "reset_identity" => ("operator_reset_identity", "identity_reset"),
        "remove" => ("operator_remove", "removed"),
        _ => return Err(no_order()),
    };
    let new = match order {
        "create" => Some(NewOperator {
            email: email.clone(),
            name: rule("The name", AgentName::parse(form.one("name")?))?,
            role: rule("The role", role()?)?,
            reuse_name: form.opt("reuse_name")?.is_some(),
        }),
        _ => None,
    };
    let role = if order == "role" { Some(rule("The role", role()?)?) } else { None };
    let entry = asked.visitor.begin(asked.app, action, None).await?;
    let refused = match (new, role) {
        (Some(new), _) => match store.create_operator(&new, &audit, tokens).await? {
            CreateOperatorOutcome::Created => None,
            CreateOperatorOutcome::Taken => Some(("exists", "There is an operator with this address.")),
            CreateOperatorOutcome::NameTaken => Some(("taken", "Another operator has this name.")),
            CreateOperatorOutcome::NameRetired => Some((
                "retired",
                "An operator who was removed had this name. Tick the box if it is the same person with a new address.",
            )),
        },
        (None, Some(role)) => match store.set_operator_role(&email, role, &audit, tokens).await? {
            SetRoleOutcome::Changed => None,
            SetRoleOutcome::Already => Some(("unchanged", "The operator had this role before.")),
            SetRoleOutcome::NoOperator => Some(NOBODY),
        },
        (None, None) if order == "remove" => match store.remove_operator(&email, &audit, tokens).await? {
            RemoveOperatorOutcome::Removed => None,
            RemoveOperatorOutcome::NoOperator => Some(NOBODY),
        },
        (None, None) if order == "reset_identity" => match store.reset_identity(&email, &audit, tokens).await? {
            ResetIdentityOutcome::Reset => None,
            ResetIdentityOutcome::Already => Some(("unchanged", "There was nothing to reset.")),
            ResetIdentityOutcome::NoOperator => Some(NOBODY),
        },
        (None, None) => match store.end_operator_sessions(&email, &audit, tokens).await? {
            EndSessionsOutcome::Ended => None,
            EndSessionsOutcome::NoOperator => Some(NOBODY),
        },
    };
    match refused {
        None => {
            entry.done(asked.app).await;
            Ok(done)
        }
        Some((code, sentence)) => {
            entry.refused(asked.app, code).await;
            Err(Stop::Wrong(sentence.to_owned()))
        }
    }
}

const NOBODY: (&str, &str) = ("no_operator", "There is no such operator, or the operator was removed.");
