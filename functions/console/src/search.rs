//! Search: disputes by what people know of them, in one box.
//!
//! A mail address is personal, and addresses of pages end up in logs and histories. So the form is
//! sent by POST: a search for what may be one (`is_private`) is answered at once, and every other
//! one leads to an address of its own, which can be kept and sent to a colleague.

mod reading;

use std::collections::BTreeMap;

use askama::Template;
use recourse_dispute::environment::Environment;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::text::visible;
use recourse_edge::{ApiResponse, App, Request};
use recourse_operations::{disputes_called, labels, owner_name};
use recourse_store::{FoundCase, Permission, Store, StoreError};
use recourse_support::case::State;

use crate::action::AuditAction;
use crate::error::ConsoleError;
use crate::form::Form;
use crate::frame::{Frame, Nav};
use crate::page::{html, see_other};
use crate::visitor::Visitor;

use self::reading::{CHOICES, MAX_TEXT, Reading, Readings, read};

/// How many disputes a page has of a text that is read in one way.
const PAGE: u8 = 25;
/// How many it has for each way of a text that is read in several. Together they fit in one batch.
const EACH: u8 = 12;
/// The longest cursor: a time and a number.
const MAX_CURSOR: usize = 40;

/// What is searched for.
#[derive(Clone, Debug, Default)]
struct SearchRequest {
    text: String,
    /// The reading that was chosen.
    chosen: Option<&'static str>,
    is_staging: bool,
    /// Where the page begins.
    after: Option<String>,
}

impl SearchRequest {
    fn of(form: &Form) -> Result<Self, ConsoleError> {
        let text = form.opt("q")?.unwrap_or_default();
        if text.len() > 4 * MAX_TEXT {
            return Err(ConsoleError::BadForm("A search has at most 254 letters."));
        }
        let chosen = form.opt("as")?;
        let after = form.opt("after")?;
        let is_cursor =
            |after: &str| after.len() <= MAX_CURSOR && after.bytes().all(|byte| byte.is_ascii_digit() || byte == b'#');
        if !after.is_none_or(is_cursor) {
            return Err(ConsoleError::BadForm("The page of results is not named as this page names it."));
        }
        Ok(Self {
            text: text.trim().to_owned(),
            chosen: CHOICES.into_iter().map(|(name, _)| name).find(|name| chosen == Some(name)),
            is_staging: form.opt("environment")? == Some(Environment::Staging.name()),
            after: after.map(str::to_owned),
        })
    }

    /// A way on: a form for what is private, and a link for all else.
    fn link(&self, label: String, chosen: Option<&'static str>, is_staging: bool, after: Option<String>) -> SearchLink {
        let address = (!is_private(&self.text)).then(|| self.address(chosen, is_staging, after.as_deref()));
        SearchLink { label, address, chosen, is_staging, after }
    }

    fn environment(&self) -> Environment {
        if self.is_staging { Environment::Staging } else { Environment::Production }
    }

    /// The address of this search, with another reading, environment and page.
    fn address(&self, chosen: Option<&str>, is_staging: bool, after: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &self.text);
        let environment = is_staging.then(|| Environment::Staging.name());
        for (name, value) in [("environment", environment), ("as", chosen), ("after", after)] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        format!("/console/search?{}", query.finish())
    }
}

/// Whether a text must be in no address of a page: what has an `@`, in any of its widths, is or may
/// have been meant as a mail address.
fn is_private(text: &str) -> bool {
    text.contains(['@', '\u{ff20}', '\u{fe6b}'])
}

/// A dispute that was found, as the page shows it.
struct Row {
    case_id: String,
    state: String,
    tag: &'static str,
    owner: Option<String>,
    channel: &'static str,
    opened: String,
    amount: String,
    /// The paid amount, where it is another one than the disputed one.
    paid: Option<String>,
    product: Option<String>,
    refid: String,
    trxid: String,
    account: String,
    is_staging: bool,
    found_by: String,
}

/// A way on.
struct SearchLink {
    label: String,
    /// Where the link leads; `None` for a form, which has what follows in hidden fields.
    address: Option<String>,
    chosen: Option<&'static str>,
    is_staging: bool,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
    text: String,
    is_staging: bool,
    /// What the text was read as, in words.
    read_as: Vec<String>,
    /// Why nothing was searched for.
    error: Option<String>,
    rows: Vec<Row>,
    /// Whether a search was made.
    is_done: bool,
    /// Whether this is not the first page.
    goes_on: bool,
    unread: Vec<String>,
    /// A transaction that exists and has no dispute.
    without_dispute: bool,
    more: Vec<SearchLink>,
    others: Vec<SearchLink>,
    max: usize,
}

impl SearchPage {
    fn new(visitor: &Visitor, search: &SearchRequest) -> Self {
        Self {
            frame: visitor.frame("Search", Nav::Search),
            text: search.text.clone(),
            is_staging: search.is_staging,
            read_as: Vec::new(),
            error: None,
            rows: Vec::new(),
            is_done: false,
            goes_on: search.after.is_some(),
            unread: Vec::new(),
            without_dispute: false,
            more: Vec::new(),
            others: Vec::new(),
            max: MAX_TEXT,
        }
    }

    fn environment(&self) -> &'static str {
        if self.is_staging { "staging" } else { "production" }
    }
}

/// `GET /console/search`: the form, and the results of everything that is not private.
///
/// # Errors
/// [`ConsoleError`].
pub async fn show(app: &App, request: &Request) -> Result<ApiResponse, ConsoleError> {
    let visitor = Visitor::of(app, request).await?;
    visitor.may(Permission::Read)?;
    let search = SearchRequest::of(&Form::of_address(request)?)?;
    if is_private(&search.text) {
        let mut page = SearchPage::new(&visitor, &search);
        page.error = Some(
            "What may be a mail address is not searched for by the address of a page, which ends up in logs and \
             histories. Send it with the button."
                .to_owned(),
        );
        return Ok(html(200, "address_in_query", &page));
    }
    let readings = read(&search.text, search.chosen, app.context.now());
    answer(app, &visitor, &search, readings).await
}

/// `POST /console/search`: the results for what is private. Every other search is led to its own
/// address.
///
/// # Errors
/// [`ConsoleError`].
pub async fn ask(app: &App, request: &Request) -> Result<ApiResponse, ConsoleError> {
    let visitor = Visitor::of(app, request).await?;
    visitor.may(Permission::Read)?;
    let search = SearchRequest::of(&visitor.form(request)?)?;
    match read(&search.text, search.chosen, app.context.now()) {
        Readings::As(_) if !is_private(&search.text) => {
            Ok(see_other(&search.address(search.chosen, search.is_staging, None), "redirected"))
        }
        readings => answer(app, &visitor, &search, readings).await,
    }
}

async fn answer(
    app: &App,
    visitor: &Visitor,
    search: &SearchRequest,
    readings: Readings,
) -> Result<ApiResponse, ConsoleError> {
    let mut page = SearchPage::new(visitor, search);
    let readings = match readings {
        Readings::Nothing => return Ok(html(200, "shown", &page)),
        Readings::Wrong(reason) => {
            page.error = Some(reason);
            page.others = others(search, &[]);
            return Ok(html(200, "not_searched", &page));
        }
        Readings::As(readings) => readings,
    };
    visitor
        .viewed(app, if is_private(&search.text) { AuditAction::SearchEmail } else { AuditAction::Search }, None)
        .await?;
    page.read_as = readings.iter().map(Reading::words).collect();
    page.is_done = true;
    page.others = others(search, &readings);
    find(&app.store, search, &readings, &mut page).await?;
    Ok(html(200, "shown", &page))
}

/// Fills the page with what is found: at most one query for each reading, and one batch.
async fn find(
    store: &Store,
    search: &SearchRequest,
    readings: &[Reading],
    page: &mut SearchPage,
) -> Result<(), StoreError> {
    let environment = search.environment();
    let each = if readings.len() == 1 { PAGE } else { EACH };
    let mut found_by: BTreeMap<DisputeNumber, Vec<&'static str>> = BTreeMap::new();
    for reading in readings {
        let (numbers, next) = match (reading, reading.key(environment)) {
            (_, Some(key)) => {
                let found = store.find(&key, search.after.as_deref(), each).await?;
                (found.numbers, found.next)
            }
            (Reading::Trxid(trxid), None) => {
                let record = store.transaction_record(environment, trxid).await?;
                page.without_dispute |= record.as_ref().is_some_and(|record| record.disputes.is_empty());
                let mut numbers = record.map(|record| record.disputes).unwrap_or_default();
                numbers.reverse();
                (numbers, None)
            }
            (_, None) => {
                let called = disputes_called(store, &search.text).await?;
                (called.into_iter().map(|dispute| dispute.number).collect(), None)
            }
        };
        for number in numbers.into_iter().take(usize::from(each)) {
            found_by.entry(number).or_default().push(reading.label());
        }
        if let Some(after) = next {
            let chosen = (readings.len() > 1 || search.chosen.is_some()).then(|| reading.name());
            let label = match readings {
                [_] => "Older ones".to_owned(),
                _ => format!("More by {}", reading.label()),
            };
            page.more.push(search.link(label, chosen, search.is_staging, Some(after)));
        }
    }
    let numbers: Vec<_> = found_by.keys().copied().collect();
    let (mut found, unread) = store.found_cases(&numbers).await?;
    found.sort_by_key(|found| std::cmp::Reverse((found.dispute.opened_at, found.dispute.number)));
    page.unread = unread.iter().map(|number| number.case_id()).collect();
    page.rows = found.iter().map(|found| row(found, &found_by)).collect();
    if page.rows.is_empty() && !page.goes_on {
        let other = !search.is_staging;
        let label = if other { "Search in staging" } else { "Search in production" };
        page.others.push(search.link(label.to_owned(), search.chosen, other, None));
    }
    Ok(())
}

/// The other readings of a text.
fn others(search: &SearchRequest, readings: &[Reading]) -> Vec<SearchLink> {
    if search.after.is_some() || readings.len() > 1 {
        return Vec::new();
    }
    let is_other = |name: &str| !readings.iter().any(|reading| reading.name() == name);
    let names = CHOICES.into_iter().filter(|(name, _)| *name != "case" && is_other(name));
    // What may be a mail address is no other name.
    let names = names.filter(|_| !is_private(&search.text));
    let link = |(name, words): (&'static str, &str)| {
        search.link(format!("Search it as {words}"), Some(name), search.is_staging, None)
    };
    names.map(link).collect()
}

fn row(found: &FoundCase, found_by: &BTreeMap<DisputeNumber, Vec<&'static str>>) -> Row {
    let FoundCase { dispute, case } = found;
    let state = case.as_ref().and_then(|case| case.effective(dispute));
    let process = case.as_ref().and_then(|case| case.support.as_ref());
    let facts = &dispute.facts;
    let owner = process.filter(|_| state != Some(State::Resolved)).and_then(|process| owner_name(&process.owner));
    Row {
        case_id: dispute.number.case_id(),
        state: state.map_or_else(|| labels::state(dispute.state), |state| labels::support_state(state).to_owned()),
        tag: match state {
            Some(State::WaitingForAgent) => "warn",
            Some(State::Resolved) => "good",
            None if !dispute.state.is_open() => "good",
            Some(_) | None => "",
        },
        owner: owner.map(|owner| visible(owner).into_owned()),
        channel: labels::channel(dispute.channel),
        opened: dispute.opened_at.to_the_minute(),
        amount: dispute.amount.grouped(),
        paid: (dispute.amount != facts.amount).then(|| facts.amount.grouped()),
        product: facts.product.as_deref().map(|product| visible(product).into_owned()),
        refid: visible(facts.refid.as_str()).into_owned(),
        trxid: facts.trxid.to_string(),
        account: facts.account.to_string(),
        is_staging: facts.environment == Environment::Staging,
        found_by: found_by.get(&dispute.number).map(|labels| labels.join(", ")).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_has_an_address_of_its_own() {
        let search = SearchRequest { text: "a b&c=1".to_owned(), ..SearchRequest::default() };
        assert_eq!(search.address(None, false, None), "/console/search?q=a+b%26c%3D1");
        let more = search.address(Some("refid"), true, Some("1#2"));
        assert_eq!(more, "/console/search?q=a+b%26c%3D1&environment=staging&as=refid&after=1%232");
    }

    #[test]
    fn other_readings_are_offered_and_never_for_an_address() {
        let of = |text: &str| {
            let search = SearchRequest { text: text.to_owned(), ..SearchRequest::default() };
            let Readings::As(readings) = read(text, None, recourse_dispute::time::UnixMillis(0)) else { panic!() };
            others(&search, &readings).iter().map(|link| link.label.clone()).collect::<Vec<_>>()
        };
        assert_eq!(
            of("2026-01-16"),
            ["Search it as a transaction id", "Search it as a refid", "Search it as another id"]
        );
        assert!(of("user@example.com").is_empty() && of("order-7").is_empty());
    }

    #[test]
    fn what_may_be_a_mail_address_is_in_no_address_of_a_page() {
        for text in ["user@example.com", "user@example", "@", "a@b@c", "order@7", "user\u{ff20}example.com"] {
            assert!(is_private(text), "{text}");
            let search = SearchRequest { text: text.to_owned(), ..SearchRequest::default() };
            assert_eq!(search.link("Older ones".to_owned(), Some("id"), true, None).address, None, "{text}");
        }
        for text in ["order-7", "MYR 50.00", "user at example.com", ""] {
            assert!(!is_private(text), "{text}");
        }
    }
}
