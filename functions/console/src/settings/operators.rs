//! Who may use the console. Admins alone change it, and none of them takes away their own role. Who
//! takes away another's has to be an admin in that moment, so of admins who remove each other at
//! once one stays. The command line alone leaves none, and creates another one.

use askama::Template;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::text::visible;
use recourse_edge::ApiResponse;
use recourse_store::{
    CreateOperatorOutcome, EndSessionsOutcome, NewOperator, OperatorId, OperatorRole, Permission,
    RemoveOperatorOutcome, ResetIdentityOutcome, SetRoleOutcome,
};
use recourse_support::case::AgentName;

use super::{FormError, FormResult, Layout, Page, SettingsRequest, after_order, no_order, rule};
use crate::action::AuditAction;
use crate::{ConsoleError, Form, Frame, html, see_other};

#[derive(Template)]
#[template(path = "settings-operators.html")]
struct OperatorsPage {
    frame: Frame,
    layout: Layout,
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
pub(super) async fn show(request: &SettingsRequest<'_>) -> Result<ApiResponse, ConsoleError> {
    page(request, FormResult::of(request), 200, "shown").await
}

async fn page(
    request: &SettingsRequest<'_>,
    form_result: FormResult,
    status: u16,
    outcome: &'static str,
) -> Result<ApiResponse, ConsoleError> {
    request.visitor.may(Permission::SeeOperators)?;
    request.visitor.viewed(request.app, AuditAction::SettingsOperators, None).await?;
    let operators = request.app.store.operators().await?;
    let row = |operator: &recourse_store::Operator| Row {
        name: visible(operator.name.as_str()).into_owned(),
        email: visible(operator.email.as_str()).into_owned(),
        role: operator.role.name(),
        is_active: operator.is_active(),
        is_linked: operator.identity.is_some(),
        is_self: operator.id() == request.visitor.operator.id(),
    };
    let page = OperatorsPage {
        frame: request.frame(Page::Operators),
        layout: request.layout(Page::Operators, form_result)?,
        rows: operators.iter().map(row).collect(),
        roles: OperatorRole::ALL.map(OperatorRole::name),
    };
    Ok(html(status, outcome, &page))
}

/// A form about an operator. The address is in its body, never in an address of a page.
pub(super) async fn change(request: &SettingsRequest<'_>, form: Form) -> Result<ApiResponse, ConsoleError> {
    request.visitor.may(Permission::Operators)?;
    match Box::pin(ordered(request, &form)).await {
        Ok(code) => Ok(see_other(&format!("/console/settings/operators?done={code}"), "done")),
        Err(FormError::Console(error)) => Err(error),
        Err(FormError::Invalid(wrong)) => page(request, FormResult::refused(wrong, form), 422, "refused").await,
    }
}

async fn ordered(request: &SettingsRequest<'_>, form: &Form) -> Result<&'static str, FormError> {
    let email = rule("The mail address", MailAddress::parse_typed(form.one("email")?))?;
    let (order, store) = (form.one("do")?, &request.app.store);
    let admin = &request.visitor.operator.id();
    if OperatorId::of(&email) == *admin && matches!(order, "role" | "remove") {
        let sentence = "You cannot change your own role or remove yourself. Another admin can.";
        return Err(FormError::Invalid(sentence.to_owned()));
    }
    let (audit, tokens) = (request.audit(form)?, request.app.context.write_tokens()?);
    let role = || form.one("role").map(str::parse::<OperatorRole>);
    let (action, done) = match order {
        "create" => (AuditAction::OperatorCreate, "created"),
        "role" => (AuditAction::OperatorRole, "role"),
        "end_sessions" => (AuditAction::OperatorEndSessions, "sessions_ended"),
        "reset_identity" => (AuditAction::OperatorResetIdentity, "identity_reset"),
        "remove" => (AuditAction::OperatorRemove, "removed"),
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
    let entry = request.visitor.begin(request.app, action, None).await?;
    let refused = match (new, role) {
        (Some(new), _) => match store.create_operator(&new, &audit, tokens).await.map_err(after_order)? {
            CreateOperatorOutcome::Created => None,
            CreateOperatorOutcome::Taken => Some(("exists", "There is an operator with this address.")),
            CreateOperatorOutcome::NameTaken => Some(("taken", "Another operator has this name.")),
            CreateOperatorOutcome::NameRetired => Some((
                "retired",
                "An operator who was removed had this name. Tick the box if it is the same person with a new address.",
            )),
        },
        (None, Some(role)) => {
            match store.set_operator_role(&email, role, Some(admin), &audit, tokens).await.map_err(after_order)? {
                SetRoleOutcome::Changed => None,
                SetRoleOutcome::Already => Some(("unchanged", "The operator had this role before.")),
                SetRoleOutcome::NoOperator => Some(NO_OPERATOR),
                SetRoleOutcome::NoAdmin => Some(NO_ADMIN),
            }
        }
        (None, None) if order == "remove" => {
            match store.remove_operator(&email, Some(admin), &audit, tokens).await.map_err(after_order)? {
                RemoveOperatorOutcome::Removed => None,
                RemoveOperatorOutcome::NoOperator => Some(NO_OPERATOR),
                RemoveOperatorOutcome::NoAdmin => Some(NO_ADMIN),
            }
        }
        (None, None) if order == "reset_identity" => {
            match store.reset_identity(&email, &audit, tokens).await.map_err(after_order)? {
                ResetIdentityOutcome::Reset => None,
                ResetIdentityOutcome::Already => Some(("unchanged", "There was nothing to reset.")),
                ResetIdentityOutcome::NoOperator => Some(NO_OPERATOR),
            }
        }
        (None, None) => match store.end_operator_sessions(&email, &audit, tokens).await.map_err(after_order)? {
            EndSessionsOutcome::Ended => None,
            EndSessionsOutcome::NoOperator => Some(NO_OPERATOR),
        },
    };
    match refused {
        None => {
            entry.done(request.app).await;
            Ok(done)
        }
        Some((code, sentence)) => {
            entry.refused(request.app, code).await;
            Err(FormError::Invalid(sentence.to_owned()))
        }
    }
}

const NO_OPERATOR: (&str, &str) = ("no_operator", "There is no such operator, or the operator was removed.");
const NO_ADMIN: (&str, &str) = ("no_admin", "You are no admin any more: somebody changed that at this moment.");
