//! `recourse account show`: an account with its keys and its audit trail.

use clap::Args;
use recourse_dispute::environment::Environment;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::{AccountId, DomainCode, KeyId, MerchantId};
use recourse_dispute::time::UnixMillis;
use recourse_store::{AccountEvent, AccountRecord, AccountStatus, AuditEntry, KeyRecord, Role, Store};
use serde::Serialize;

use super::failed;
use crate::ending::{Ending, Failure};
use crate::output::{Format, utc, visible};
use recourse_operations::accounts;
use recourse_operations::labels::{role, who};

const EXAMPLES: &str = "\
Examples:
  recourse account show acct_demo
  recourse account show acct_demo --json --addresses";

/// Show an account, its keys, and who changed what
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Show {
    /// The account's id
    #[arg(value_name = "ACCOUNT", value_parser = AccountId::parse)]
    id: AccountId,
    /// Print the registered mail address
    #[arg(long)]
    addresses: bool,
    #[command(flatten)]
    format: Format,
}

/// An account for a program. Times are ISO 8601.
#[derive(Serialize)]
struct AccountJson<'a> {
    id: &'a AccountId,
    name: &'a str,
    environment: Environment,
    status: AccountStatus,
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_id: Option<&'a MerchantId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain_code: Option<&'a DomainCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    keys: Vec<KeyJson<'a>>,
    audit: Vec<AuditEntryJson<'a>>,
}

/// A key for a program. Times are ISO 8601.
#[derive(Serialize)]
pub(crate) struct KeyJson<'a> {
    key: &'a KeyId,
    role: Role,
    created_at: Option<String>,
    revoked_at: Option<String>,
}

#[derive(Serialize)]
struct AuditEntryJson<'a> {
    at: String,
    version: u64,
    event: &'a AccountEvent,
    by: &'a PerformedBy,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

impl Show {
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let record = accounts::record(store, &self.id).await.map_err(|error| failed(&self.id, error))?;
        let email = self.addresses.then(|| record.account.email.as_str());
        self.format.print(&to_json(&record, email), || text(&record, email))?;
        Ok(Ending::Done)
    }
}

fn text(record: &AccountRecord, email: Option<&str>) -> String {
    let account = &record.account;
    let environment = match account.environment {
        Environment::Production => "production",
        Environment::Staging => "staging: no workflow, no mail",
    };
    let status = match record.status {
        AccountStatus::Active => "active",
        AccountStatus::Suspended => "suspended: all of its keys are refused",
    };
    let mut lines = vec![
        format!("{}  {status}", account.id),
        String::new(),
        format!("  name         {}", visible(&account.name)),
        format!("  environment  {environment}"),
        format!("  mail         {}", email.unwrap_or("one address; --addresses shows it")),
    ];
    lines.extend(account.merchant_id.as_ref().map(|id| format!("  merchant id  {id}")));
    lines.extend(account.domain_code.as_ref().map(|code| format!("  domain code  {code}")));
    lines.push(String::new());
    lines.extend(key_lines(&record.keys));
    lines.push(String::new());
    lines.extend(record.audit.iter().flat_map(entry_lines));
    lines.join("\n")
}

pub(crate) fn keys_to_json(keys: &[KeyRecord]) -> Vec<KeyJson<'_>> {
    keys.iter()
        .map(|record| KeyJson {
            key: &record.key,
            role: record.role,
            created_at: record.created_at.map(UnixMillis::iso8601),
            revoked_at: record.revoked_at.map(UnixMillis::iso8601),
        })
        .collect()
}

/// Keys for a person, a line each.
pub(crate) fn key_lines(keys: &[KeyRecord]) -> Vec<String> {
    if keys.is_empty() {
        return vec!["no keys".to_owned()];
    }
    let since = |at: Option<UnixMillis>| at.map_or_else(|| "before records began".to_owned(), utc);
    let line = |record: &KeyRecord| {
        let role = role(record.role);
        let made = since(record.created_at);
        let end = record.revoked_at.map_or_else(|| "live".to_owned(), |at| format!("revoked {}", utc(at)));
        format!("{:<36}  {role:<8}  created {made}  {end}", record.key.as_str())
    };
    keys.iter().map(line).collect()
}

fn entry_lines(entry: &AuditEntry) -> Vec<String> {
    let what = accounts::did(&entry.event);
    let mut lines = vec![format!("{}  {:<28}  {what}", utc(entry.at), visible(&who(&entry.by)))];
    lines.extend(entry.why.as_deref().map(|why| format!("{:<22}{}", "", visible(why))));
    lines
}

fn to_json<'a>(record: &'a AccountRecord, email: Option<&'a str>) -> AccountJson<'a> {
    AccountJson {
        id: &record.account.id,
        name: &record.account.name,
        environment: record.account.environment,
        status: record.status,
        version: record.version,
        merchant_id: record.account.merchant_id.as_ref(),
        domain_code: record.account.domain_code.as_ref(),
        email,
        keys: keys_to_json(&record.keys),
        audit: record
            .audit
            .iter()
            .map(|entry| AuditEntryJson {
                at: entry.at.iso8601(),
                version: entry.version,
                event: &entry.event,
                by: &entry.by,
                why: entry.why.as_deref(),
            })
            .collect(),
    }
}
