//! `recourse webhook list`: the endpoints of an account, or of all.

use clap::Args;
use recourse_dispute::ids::AccountId;
use recourse_operations::webhooks::EndpointView;
use recourse_store::Store;

use super::view;
use crate::ending::{Ending, Failure};
use crate::output::{Format, note, visible};

const EXAMPLES: &str = "\
Examples:
  recourse webhook list
  recourse webhook list acct_new --json";

/// List webhook endpoints
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    /// Only the endpoints of this account
    #[arg(value_parser = AccountId::parse)]
    account: Option<AccountId>,
    #[command(flatten)]
    format: Format,
}

impl List {
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let mut endpoints = store.webhooks().await?;
        endpoints.retain(|endpoint| self.account.as_ref().is_none_or(|account| endpoint.account == *account));
        endpoints.sort_by(|one, other| (&one.account, one.created_at).cmp(&(&other.account, other.created_at)));
        if endpoints.is_empty() {
            note("there is no webhook endpoint; `recourse webhook add` makes one");
        }
        let shown: Vec<_> = endpoints.iter().map(view).collect();
        if self.format.is_json() || !shown.is_empty() {
            self.format.print(&shown, || shown.iter().map(line).collect::<Vec<_>>().join("\n"))?;
        }
        Ok(Ending::Done)
    }
}

fn line(endpoint: &EndpointView<'_>) -> String {
    let events = match (endpoint.everything, endpoint.events.is_empty()) {
        (true, true) => "every event of its environment".to_owned(),
        (true, false) => format!("{} of its environment", endpoint.events.join(",")),
        (false, true) => "every event".to_owned(),
        (false, false) => endpoint.events.join(","),
    };
    let state = match (endpoint.reason, endpoint.failing_since.as_deref()) {
        (Some(reason), _) => format!("disabled: {}", visible(reason)),
        (None, Some(since)) => format!("failing since {since}"),
        (None, None) => "enabled".to_owned(),
    };
    format!("{}  {:<24}  {}  {events}  {state}", endpoint.id, endpoint.account, visible(endpoint.url))
}
