//! Finding what a query asks for, in the caller's own list, the newest first.
//!
//! **Invariant:** one query reads at most [`MAX_READ`] entries of the list and one more, which says
//! whether that was all, however many there are. Nothing is ever scanned.

use recourse_dispute::dispute::Dispute;
use recourse_dispute::number::DisputeNumber;
use recourse_edge::{App, FieldErrors};
use recourse_store::{DisputeSummary, ListOwner};

use crate::{ApiError, Caller, Query, numbered};

/// How many entries one query reads at most.
const MAX_READ: usize = 10_000;
/// How many entries one call reads at most: a DynamoDB call ends after a megabyte, and an entry has
/// a third of a kilobyte.
const AT_ONCE: usize = 2_000;
/// How many at least, where those that were read first were not enough: what is asked for is rare.
const AT_ONCE_THEN: usize = 100;
/// By how much the next call reads more, so that rare disputes are found within ten calls, and
/// frequent ones without reading much more than them.
const GROWTH: usize = 4;

/// One page of disputes, and the total number that match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DisputeList {
    /// How many disputes the query asks for. Where the counters say it, it may be seconds late.
    pub count: u64,
    /// The page, with its disputes as they are now.
    pub content: Vec<Dispute>,
}

/// What a query asks for.
///
/// # Errors
/// [`ApiError::Invalid`] when it would take reading more than is read, or an [`ApiError::Service`].
pub async fn listed(app: &App, caller: &Caller, query: &Query) -> Result<DisputeList, ApiError> {
    if let Some(code) = &query.log_code {
        return one(app, caller, query, code).await;
    }
    let skip = usize::try_from(query.page - 1).unwrap_or(usize::MAX).saturating_mul(size(query));
    let wanted = skip.saturating_add(size(query));
    let counted = if query.is_counted() {
        Some(app.store.counted(caller.environment, &caller.domain, query.category, query.status).await?)
    } else {
        None
    };
    let enough = counted.map(|_| wanted);
    let found = find(app, caller, query, enough).await?;
    let page: Vec<DisputeNumber> = found.iter().skip(skip).take(size(query)).copied().collect();
    let count = counted.unwrap_or(u64::try_from(found.len()).unwrap_or(u64::MAX));
    Ok(DisputeList { count, content: shown(app.store.disputes(&page).await?) })
}

fn size(query: &Query) -> usize {
    usize::try_from(query.size).unwrap_or(1)
}

/// What was cancelled since its summary was read is not shown.
fn shown(mut disputes: Vec<Dispute>) -> Vec<Dispute> {
    disputes.retain(|dispute| dispute.log_code().is_some());
    disputes
}

/// The dispute with a log code, if the rest of the query asks for it as well.
async fn one(app: &App, caller: &Caller, query: &Query, code: &str) -> Result<DisputeList, ApiError> {
    let Some(number) = numbered(code) else { return Ok(DisputeList::default()) };
    let found = app.store.dispute(number).await?;
    let found = found.filter(|dispute| caller.finds(dispute, code) && query.takes(&DisputeSummary::of(dispute)));
    let count = u64::from(found.is_some());
    Ok(DisputeList { count, content: if query.page == 1 { found.into_iter().collect() } else { Vec::new() } })
}

/// The numbers of all that a query asks for, or of the first `enough`.
async fn find(
    app: &App,
    caller: &Caller,
    query: &Query,
    enough: Option<usize>,
) -> Result<Vec<DisputeNumber>, ApiError> {
    let party = ListOwner::Domain(caller.environment, caller.domain.clone());
    let (mut found, mut read, mut after) = (Vec::new(), 0_usize, None);
    let enough = enough.unwrap_or(usize::MAX);
    let mut at_once = enough.clamp(1, AT_ONCE);
    loop {
        let most = at_once.min(MAX_READ.saturating_sub(read)).max(1);
        let most = i32::try_from(most).unwrap_or(i32::MAX);
        let (summaries, next) =
            app.store.dispute_summaries(&party, query.created, after.as_deref(), most).await?.all()?;
        read = read.saturating_add(summaries.len());
        if read > MAX_READ {
            let rule = format!("A query reads at most {MAX_READ} disputes; narrow the dates.");
            return Err(ApiError::Invalid(FieldErrors::one("createdStartDate", rule)));
        }
        found.extend(summaries.iter().filter(|summary| query.takes(summary)).map(|summary| summary.number));
        after = next;
        if after.is_none() || found.len() >= enough {
            found.truncate(enough);
            return Ok(found);
        }
        at_once = at_once.saturating_mul(GROWTH).clamp(AT_ONCE_THEN, AT_ONCE);
    }
}
