//! The accounts of a deployment, and the forms about them.

use askama::Template;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, DomainCode, KeyId, MerchantId, UserName};
use recourse_dispute::text::visible;
use recourse_edge::ApiResponse;
use recourse_operations::accounts::{self, AccountError, Done};
use recourse_operations::keys::{self, KeyBytes, KeyError, NewKey};
use recourse_operations::users::{self, UserError};
use recourse_operations::{Submission, typed};
use recourse_store::{Account, AccountStatus, Amendment, Permission, Role};

use super::{FormError, FormResult, Layout, Page, SettingsRequest, account, after_order, no_order, rule, secret};
use crate::action::AuditAction;
use crate::{ConsoleError, Entry, Form, Frame, html, not_found, see_other};

/// How many accounts the page shows.
const MAX_ROWS: usize = 200;

#[derive(Template)]
#[template(path = "settings-accounts.html")]
struct AccountsPage {
    frame: Frame,
    layout: Layout,
    /// What is looked for in ids and names.
    wanted: String,
    rows: Vec<Row>,
    /// How many fit; more than there are rows where not all are shown.
    count: usize,
    /// The ids of accounts that this release cannot read.
    unread: Vec<String>,
}

struct Row {
    id: String,
    name: String,
    environment: &'static str,
    is_suspended: bool,
    merchant_id: String,
    domain: String,
}

/// The list, or one account.
pub(super) async fn show(request: &SettingsRequest<'_>) -> Result<ApiResponse, ConsoleError> {
    match request.query("account") {
        Some(id) => {
            let Ok(id) = AccountId::parse(&id) else { return Ok(not_found(request.visitor)) };
            account::page(request, &id, FormResult::of(request), 200, "shown").await
        }
        None => list(request, FormResult::of(request), 200, "shown").await,
    }
}

async fn list(
    request: &SettingsRequest<'_>,
    form_result: FormResult,
    status: u16,
    outcome: &'static str,
) -> Result<ApiResponse, ConsoleError> {
    request.visitor.viewed(request.app, AuditAction::SettingsAccounts, None).await?;
    let found = request.app.store.accounts().await?;
    let wanted = request.query("q").unwrap_or_default();
    let part = wanted.to_lowercase();
    let fits = |account: &Account| {
        account.id.as_str().to_lowercase().contains(&part) || account.name.to_lowercase().contains(&part)
    };
    let fitting: Vec<_> = found.accounts.iter().filter(|(account, _)| fits(account)).collect();
    let row = |(account, status): &&(Account, AccountStatus)| Row {
        id: account.id.to_string(),
        name: visible(&account.name).into_owned(),
        environment: account.environment.name(),
        is_suspended: *status == AccountStatus::Suspended,
        merchant_id: account.merchant_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        domain: account.domain_code.as_ref().map(ToString::to_string).unwrap_or_default(),
    };
    let page = AccountsPage {
        frame: request.frame(Page::Accounts),
        layout: request.layout(Page::Accounts, form_result)?,
        wanted,
        rows: fitting.iter().take(MAX_ROWS).map(row).collect(),
        count: fitting.len(),
        unread: found.unread.iter().map(|(id, _)| id.to_string()).collect(),
    };
    Ok(html(status, outcome, &page))
}

/// What follows a form.
enum Next {
    /// The page of an account, which says what was done.
    Account(AccountId, &'static str),
    /// A page of its own.
    Page(Box<ApiResponse>),
}

/// A form of the list or of an account.
pub(super) async fn change(request: &SettingsRequest<'_>, form: Form) -> Result<ApiResponse, ConsoleError> {
    request.visitor.may(Permission::Settings)?;
    match Box::pin(ordered(request, &form)).await {
        Ok(Next::Account(id, code)) => {
            Ok(see_other(&format!("/console/settings/accounts?account={id}&done={code}"), "done"))
        }
        Ok(Next::Page(page)) => Ok(*page),
        Err(FormError::Console(error)) => Err(error),
        Err(FormError::Invalid(wrong)) => {
            let is_new = form.opt("do")? == Some("create");
            let id = form.opt("account")?.and_then(|id| AccountId::parse(id).ok()).filter(|_| !is_new);
            let form_result = FormResult::refused(wrong, form);
            match id {
                Some(id) => account::page(request, &id, form_result, 422, "refused").await,
                None => list(request, form_result, 422, "refused").await,
            }
        }
    }
}

async fn ordered(request: &SettingsRequest<'_>, form: &Form) -> Result<Next, FormError> {
    let id = rule("The id", AccountId::parse(form.one("account")?))?;
    match form.one("do")? {
        "create" => create(request, form, id).await,
        "set" => set(request, form, id).await,
        "suspend" => set_status(request, form, id, AccountStatus::Suspended).await,
        "resume" => set_status(request, form, id, AccountStatus::Active).await,
        "create_key" => create_key(request, form, id).await,
        "revoke_key" => revoke_key(request, form, id).await,
        "set_user" => set_user(request, form, id).await,
        "remove_user" => remove_user(request, form, id).await,
        _ => Err(no_order()),
    }
}

async fn create(request: &SettingsRequest<'_>, form: &Form, id: AccountId) -> Result<Next, FormError> {
    let environment = match form.one("environment")? {
        "production" => Environment::Production,
        "staging" => Environment::Staging,
        _ => return Err(no_order()),
    };
    let new = Account {
        id: id.clone(),
        name: rule("The name", typed::name(form.one("name")?))?,
        environment,
        email: rule("The mail address", MailAddress::parse_typed(form.one("email")?))?,
        merchant_id: merchant_id(form)?,
        domain_code: domain_code(form)?,
    };
    let audit = request.audit(form)?;
    let token = request.app.context.write_token()?;
    let entry = request.visitor.begin(request.app, AuditAction::AccountCreate, None).await?;
    let created = accounts::create(&request.app.store, &new, &audit, &token).await;
    ended(request, entry, created.map(|()| Done::Changed).map_err(account_error)).await?;
    Ok(Next::Account(id, "created"))
}

async fn set(request: &SettingsRequest<'_>, form: &Form, id: AccountId) -> Result<Next, FormError> {
    let email = form.opt("email")?.map(|email| rule("The mail address", MailAddress::parse_typed(email)));
    let amendment =
        Amendment { email: email.transpose()?, merchant_id: merchant_id(form)?, domain_code: domain_code(form)? };
    if amendment == Amendment::default() {
        return Err(FormError::Invalid("There is nothing to set: all fields are empty.".to_owned()));
    }
    let (audit, tokens) = (request.audit(form)?, request.app.context.write_tokens()?);
    let entry = request.visitor.begin(request.app, AuditAction::AccountSet, None).await?;
    let set = accounts::set(&request.app.store, &id, &amendment, &audit, tokens).await;
    let done = ended(request, entry, set.map_err(account_error)).await?;
    Ok(Next::Account(id, code(done, "set")))
}

async fn set_status(
    request: &SettingsRequest<'_>,
    form: &Form,
    id: AccountId,
    status: AccountStatus,
) -> Result<Next, FormError> {
    let (action, done) = match status {
        AccountStatus::Suspended => (AuditAction::AccountSuspend, "suspended"),
        AccountStatus::Active => (AuditAction::AccountResume, "resumed"),
    };
    let (audit, tokens) = (request.audit(form)?, request.app.context.write_tokens()?);
    let entry = request.visitor.begin(request.app, action, None).await?;
    let set = accounts::set_status(&request.app.store, &id, status, &audit, tokens).await;
    let changed = ended(request, entry, set.map_err(account_error)).await?;
    Ok(Next::Account(id, code(changed, done)))
}

async fn create_key(request: &SettingsRequest<'_>, form: &Form, id: AccountId) -> Result<Next, FormError> {
    let role = match form.one("role")? {
        "client" => Role::Client,
        "platform" => Role::Platform,
        _ => return Err(no_order()),
    };
    let submission = Submission::parse(form.one("submission")?)
        .map_err(|_| ConsoleError::BadForm("The form is not that of a page of the settings."))?;
    let (audit, context) = (request.audit(form)?, &request.app.context);
    // The form names the key, so a form that comes twice makes one.
    let name = submission.name_of(&["key", id.as_str(), form.one("role")?, request.visitor.operator.name.as_str()]);
    let bytes = KeyBytes { id: name, secret: context.bytes()?, nonce: context.bytes()? };
    let tokens = context.write_tokens()?;
    let entry = request.visitor.begin(request.app, AuditAction::KeyCreate, None).await?;
    let issued = keys::create(&request.app.store, request.app.sealer(), (&id, role), bytes, &audit, tokens).await;
    let NewKey { key, secret } = ended(request, entry, issued.map_err(key_error)).await?;
    let values = vec![("RECOURSE_KEY", key.as_str()), ("RECOURSE_SECRET", secret.expose())];
    Ok(Next::Page(Box::new(secret::page(request, "The key is created", id.as_str(), values))))
}

async fn revoke_key(request: &SettingsRequest<'_>, form: &Form, id: AccountId) -> Result<Next, FormError> {
    let key = rule("The key", KeyId::parse(form.one("key")?))?;
    let (audit, tokens) = (request.audit(form)?, request.app.context.write_tokens()?);
    let entry = request.visitor.begin(request.app, AuditAction::KeyRevoke, None).await?;
    let revoked = keys::revoke(&request.app.store, &key, &audit, tokens).await;
    let (_, done) = ended(request, entry, revoked.map_err(key_error)).await?;
    Ok(Next::Account(id, code(done, "revoked")))
}

async fn set_user(request: &SettingsRequest<'_>, form: &Form, id: AccountId) -> Result<Next, FormError> {
    let name = rule("The name", UserName::parse(form.one("name")?))?;
    let replace = form.opt("replace")?.is_some();
    let (audit, context) = (request.audit(form)?, &request.app.context);
    let (password, salt) = (users::drawn_password(context.bytes()?), context.bytes()?);
    let tokens = context.write_tokens()?;
    let entry = request.visitor.begin(request.app, AuditAction::UserSet, None).await?;
    let set = users::set(&request.app.store, (&id, &name), (&password, &salt), replace, &audit, tokens).await;
    ended(request, entry, set.map_err(user_error)).await?;
    let values = vec![("RECOURSE_USER", name.as_str()), ("RECOURSE_PASSWORD", password.as_str())];
    Ok(Next::Page(Box::new(secret::page(request, "The password is set", id.as_str(), values))))
}

async fn remove_user(request: &SettingsRequest<'_>, form: &Form, id: AccountId) -> Result<Next, FormError> {
    let name = rule("The name", UserName::parse(form.one("name")?))?;
    let (audit, tokens) = (request.audit(form)?, request.app.context.write_tokens()?);
    let entry = request.visitor.begin(request.app, AuditAction::UserRemove, None).await?;
    let removed = users::remove(&request.app.store, &id, &name, &audit, tokens).await;
    ended(request, entry, removed.map_err(user_error)).await?;
    Ok(Next::Account(id, "user_removed"))
}

fn merchant_id(form: &Form) -> Result<Option<MerchantId>, FormError> {
    form.opt("merchant_id")?.map(|id| rule("The merchant id", MerchantId::parse(id))).transpose()
}

fn domain_code(form: &Form) -> Result<Option<DomainCode>, FormError> {
    form.opt("domain")?.map(|code| rule("The domain code", DomainCode::parse(code))).transpose()
}

fn code(done: Done, changed: &'static str) -> &'static str {
    match done {
        Done::Changed => changed,
        Done::Already => "unchanged",
    }
}

/// Why an order is refused: a code for the audit log, and a sentence for the page. Else the store
/// failed, and the entry of the audit log stays attempted.
type Refused = Result<(&'static str, String), recourse_store::StoreError>;

/// Notes in the audit log what became of an order.
async fn ended<T>(request: &SettingsRequest<'_>, entry: Entry, result: Result<T, Refused>) -> Result<T, FormError> {
    match result {
        Ok(done) => {
            entry.done(request.app).await;
            Ok(done)
        }
        Err(Ok((code, sentence))) => {
            entry.refused(request.app, code).await;
            Err(FormError::Invalid(sentence))
        }
        Err(Err(error)) => Err(after_order(error)),
    }
}

fn account_error(error: AccountError) -> Refused {
    let (code, sentence) = match error {
        AccountError::Store(error) => return Err(error),
        AccountError::Unknown => ("no_account", "There is no such account.".to_owned()),
        AccountError::Exists => ("exists", "There is an account of this id already. Nothing was changed.".to_owned()),
        AccountError::Reserved => (
            "reserved",
            "This id stands for the event bus, and no account can have it. Choose another one. Nothing was changed."
                .to_owned(),
        ),
        AccountError::MerchantTaken => ("taken", "Another account has this merchant id.".to_owned()),
        AccountError::DomainTaken => ("taken", "Another account has this domain code.".to_owned()),
        AccountError::Fixed(field) => {
            let field = accounts::field(field);
            ("fixed", format!("The account has another {field}, which cannot be changed. Nothing was changed."))
        }
    };
    Ok((code, sentence))
}

fn key_error(error: KeyError) -> Refused {
    let (code, sentence) = match error {
        KeyError::Store(error) | KeyError::Lost(_, error) => return Err(error),
        KeyError::NoAccount => ("no_account", "There is no such account.".to_owned()),
        KeyError::Full(live) => {
            let live: Vec<_> = live.iter().map(KeyId::as_str).collect();
            let text = "The account has two live keys of this role already";
            ("full", format!("{text}: {}. Revoke the one that is no longer used first.", live.join(", ")))
        }
        KeyError::Taken(key) => (
            "repeated",
            format!(
                "This form was sent before, and made the key {key}. Its secret was shown then, and cannot be shown \
                 again. If nobody has it, revoke the key and create another one."
            ),
        ),
        KeyError::NoKey => ("no_key", "There is no such key.".to_owned()),
        KeyError::BadId(rule) => ("no_key", format!("The new key {rule}.")),
    };
    Ok((code, sentence))
}

fn user_error(error: UserError) -> Refused {
    let (code, sentence) = match error {
        UserError::Store(error) => return Err(error),
        UserError::NoAccount => ("no_account", "There is no such account.".to_owned()),
        UserError::NoDomain => {
            ("no_domain", "The account has no domain code, which its people sign in with. Set one first.".to_owned())
        }
        UserError::Password(error) => ("password", format!("The password was refused: {error}.")),
        UserError::Taken => {
            ("taken", "The person has a password already. Tick the box to replace it by a new one.".to_owned())
        }
        UserError::NoUser => ("no_user", "The account has nobody of this name.".to_owned()),
    };
    Ok((code, sentence))
}
