//! Lists of webhook endpoints and of their deliveries, a page at a time.

use recourse_dispute::environment::Environment;
use recourse_dispute::ids::AccountId;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;
use recourse_edge::App;
use recourse_operations::webhooks::retained;
use recourse_store::{DeliveryId, DeliveryPage, Endpoint};

use crate::{ApiError, query};

/// The largest page of endpoints, and the usual one.
const MAX_ENDPOINTS: u8 = 100;
const USUAL_ENDPOINTS: u8 = 50;
/// The largest page of deliveries, and the usual one. Each has a body and up to twenty attempts,
/// and an answer has at most 6 MB.
const MAX_DELIVERIES: u8 = 50;
const USUAL_DELIVERIES: u8 = 20;

/// Which endpoints are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointQuery {
    account: Option<AccountId>,
    limit: u8,
    cursor: Option<WebhookId>,
}

/// A page of endpoints, in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointPage {
    /// The endpoints.
    pub endpoints: Vec<Endpoint>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<WebhookId>,
}

impl EndpointQuery {
    /// Reads a query as it was sent.
    ///
    /// # Errors
    /// [`ApiError::InvalidQuery`] with all that is wrong.
    pub fn read(query: &str) -> Result<Self, ApiError> {
        let mut read = Self { account: None, limit: USUAL_ENDPOINTS, cursor: None };
        query::read(query, |name, text| match name {
            "account" => {
                AccountId::parse(text).map(|account| read.account = Some(account)).map_err(|error| format!("{error}."))
            }
            "limit" => query::limit(text, MAX_ENDPOINTS).map(|limit| read.limit = limit),
            "cursor" => WebhookId::parse(text).map(|id| read.cursor = Some(id)).map_err(|_| BAD_CURSOR.to_owned()),
            _ => query::unknown(),
        })
        .map_err(ApiError::InvalidQuery)?;
        Ok(read)
    }

    /// The endpoints of an environment that are asked for, out of all of the deployment.
    #[must_use]
    pub fn page(&self, environment: Environment, mut all: Vec<Endpoint>) -> EndpointPage {
        all.retain(|endpoint| {
            endpoint.environment == environment
                && self.account.as_ref().is_none_or(|account| endpoint.account == *account)
                && self.cursor.as_ref().is_none_or(|cursor| endpoint.id > *cursor)
        });
        all.sort_by(|one, other| one.id.cmp(&other.id));
        let limit = usize::from(self.limit);
        let is_more = all.len() > limit;
        all.truncate(limit);
        let next = all.last().map(|last| last.id.clone()).filter(|_| is_more);
        EndpointPage { endpoints: all, next }
    }
}

const BAD_CURSOR: &str = "must be the next of an earlier answer.";

/// Which deliveries of an endpoint are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryQuery {
    since: Option<UnixMillis>,
    until: Option<UnixMillis>,
    /// Whether only those are shown that failed so far, or were given up.
    pub failed: bool,
    limit: u8,
    cursor: Option<(UnixMillis, String)>,
}

impl DeliveryQuery {
    /// Reads a query as it was sent.
    ///
    /// # Errors
    /// [`ApiError::InvalidQuery`] with all that is wrong.
    pub fn read(query: &str) -> Result<Self, ApiError> {
        let mut read = Self { since: None, until: None, failed: false, limit: USUAL_DELIVERIES, cursor: None };
        let time = |text: &str| UnixMillis::parse(text).map(Some).map_err(|error| format!("{error}."));
        query::read(query, |name, text| match name {
            "since" => time(text).map(|at| read.since = at),
            "until" => time(text).map(|at| read.until = at),
            "failed" => {
                let flag = text.parse::<bool>().map_err(|_| "must be true or false.".to_owned());
                flag.map(|failed| read.failed = failed)
            }
            "limit" => query::limit(text, MAX_DELIVERIES).map(|limit| read.limit = limit),
            "cursor" => cursor(text).map(|cursor| read.cursor = Some(cursor)).ok_or_else(|| BAD_CURSOR.to_owned()),
            _ => query::unknown(),
        })
        .map_err(ApiError::InvalidQuery)?;
        Ok(read)
    }

    /// The next deliveries to an endpoint, the newest first, before [`Self::failed`] is applied.
    ///
    /// # Errors
    /// [`ApiError::Service`].
    pub async fn page(&self, app: &App, endpoint: &WebhookId) -> Result<DeliveryPage, ApiError> {
        let range = retained(self.since, self.until, app.context.now());
        let after = self.cursor.as_ref().map(|(created_at, event)| DeliveryId {
            endpoint: endpoint.clone(),
            created_at: *created_at,
            event: event.clone(),
        });
        Ok(app.store.delivery_page(endpoint, range, after.as_ref(), i32::from(self.limit)).await?)
    }

    /// Where a page that ended with this delivery goes on.
    #[must_use]
    pub fn next(last: &DeliveryId) -> String {
        format!("{}~{}", last.created_at.0, last.event)
    }
}

/// Reads [`DeliveryQuery::next`].
fn cursor(text: &str) -> Option<(UnixMillis, String)> {
    let (created_at, event) = text.split_once('~')?;
    let is_time = (1..=15).contains(&created_at.len()) && created_at.bytes().all(|byte| byte.is_ascii_digit());
    let event = super::event(event).ok()?;
    Some((UnixMillis(created_at.parse::<i64>().ok().filter(|_| is_time)?), event))
}
