//! One account: what it is, its keys, its people, and what was done to it.

use askama::Template;
use recourse_dispute::ids::AccountId;
use recourse_dispute::text::visible;
use recourse_edge::ApiResponse;
use recourse_operations::accounts;
use recourse_operations::labels::{role, who};
use recourse_store::{AccountRecord, AccountStatus, AuditEntry, KeyRecord};

use super::{FormResult, Layout, Page, SettingsRequest, time};
use crate::action::AuditAction;
use crate::{ConsoleError, Frame, Nav, html, not_found};

#[derive(Template)]
#[template(path = "settings-account.html")]
struct AccountPage {
    frame: Frame,
    layout: Layout,
    id: String,
    name: String,
    environment: &'static str,
    is_suspended: bool,
    email: String,
    merchant_id: Option<String>,
    domain: Option<String>,
    keys: Vec<KeyRow>,
    people: Vec<Person>,
    changes: Vec<Change>,
}

struct KeyRow {
    key: String,
    role: &'static str,
    created: String,
    revoked: Option<String>,
}

struct Person {
    name: String,
    since: String,
}

struct Change {
    at: String,
    who: String,
    what: String,
    why: Option<String>,
}

/// The page of an account.
pub(super) async fn page(
    request: &SettingsRequest<'_>,
    id: &AccountId,
    form_result: FormResult,
    status: u16,
    outcome: &'static str,
) -> Result<ApiResponse, ConsoleError> {
    request.visitor.viewed(request.app, AuditAction::SettingsAccount, None).await?;
    let Some(record) = request.app.store.account_record(id).await? else { return Ok(not_found(request.visitor)) };
    Ok(html(status, outcome, &AccountPage::of(request, &record, form_result)?))
}

impl AccountPage {
    fn of(
        request: &SettingsRequest<'_>,
        record: &AccountRecord,
        form_result: FormResult,
    ) -> Result<Self, ConsoleError> {
        let account = &record.account;
        let mut keys: Vec<_> = record.keys.iter().collect();
        keys.sort_by_key(|key| (!key.is_live(), key.created_at));
        Ok(Self {
            frame: request.visitor.frame(account.id.as_str(), Nav::Settings),
            layout: request.layout(Page::Accounts, form_result)?,
            id: account.id.to_string(),
            name: visible(&account.name).into_owned(),
            environment: account.environment.name(),
            is_suspended: record.status == AccountStatus::Suspended,
            email: visible(account.email.as_str()).into_owned(),
            merchant_id: account.merchant_id.as_ref().map(ToString::to_string),
            domain: account.domain_code.as_ref().map(ToString::to_string),
            keys: keys.into_iter().map(key_row).collect(),
            people: record
                .users()
                .into_iter()
                .map(|user| Person { name: user.name.to_string(), since: time(user.set_at) })
                .collect(),
            changes: record.audit.iter().rev().map(change).collect(),
        })
    }
}

fn key_row(key: &KeyRecord) -> KeyRow {
    KeyRow {
        key: key.key.to_string(),
        role: role(key.role),
        created: key.created_at.map_or_else(|| "before records began".to_owned(), time),
        revoked: key.revoked_at.map(time),
    }
}

fn change(entry: &AuditEntry) -> Change {
    Change {
        at: time(entry.at),
        who: visible(&who(&entry.by)).into_owned(),
        what: visible(&accounts::did(&entry.event)).into_owned(),
        why: entry.why.as_deref().map(|why| visible(why).into_owned()),
    }
}
