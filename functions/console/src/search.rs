//! Search: disputes by what people know of them, in one box.
//!
//! A mail address is personal, and addresses of pages end up in logs and histories. So the form is
//! sent by POST: a search for an address is answered at once, and every other one leads to an
//! address of its own, which can be kept and sent to a colleague.

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

/// What was asked for.
#[derive(Clone, Debug, Default)]
struct Asked {
    text: String,
    /// The reading that was chosen.
    chosen: Option<&'static str>,
    is_staging: bool,
    /// Where the page begins.
    after: Option<String>,
}

impl Asked {
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

/// A way on: a link, or for a mail address a form.
struct Way {
    label: String,
    address: String,
    /// The hidden fields of a form.
    after: Option<String>,
    is_staging: bool,
    is_form: bool,
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
    wrong: Option<String>,
    rows: Vec<Row>,
    /// Whether a search was made.
    is_done: bool,
    /// Whether this is not the first page.
    goes_on: bool,
    unread: Vec<String>,
    /// A transaction that exists and has no dispute.
    without_dispute: bool,
    more: Vec<Way>,
    others: Vec<Way>,
    max: usize,
}

impl SearchPage {
    fn new(visitor: &Visitor, asked: &Asked) -> Self {
        Self {
            frame: visitor.frame("Search", Nav::Search),
            text: asked.text.clone(),
            is_staging: asked.is_staging,
            read_as: Vec::new(),
            wrong: None,
            rows: Vec::new(),
            is_done: false,
            goes_on: asked.after.is_some(),
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

/// `GET /console/search`: the form, and the results of everything but a mail address.
///
/// # Errors
/// [`ConsoleError`].
pub async fn show(app: &App, request: &Request) -> Result<ApiResponse, ConsoleError> {
    let visitor = Visitor::of(app, request).await?;
    visitor.may(Permission::Read)?;
    let asked = Asked::of(&Form::of_address(request)?)?;
    match read(&asked.text, asked.chosen, app.context.now()) {
        Readings::As(readings) if readings.iter().any(|reading| matches!(reading, Reading::Email(_))) => {
            let mut page = SearchPage::new(&visitor, &asked);
            page.wrong = Some(
                "A mail address is not searched for by the address of a page, which ends up in logs and histories. \
                 Send it with the button."
                    .to_owned(),
            );
            Ok(html(200, "address_in_query", &page))
        }
        readings => answer(app, &visitor, &asked, readings).await,
    }
}

/// `POST /console/search`: the results for a mail address. Every other search is led to its own
/// address.
///
/// # Errors
/// [`ConsoleError`].
pub async fn ask(app: &App, request: &Request) -> Result<ApiResponse, ConsoleError> {
    let visitor = Visitor::of(app, request).await?;
    visitor.may(Permission::Read)?;
    let asked = Asked::of(&visitor.form(request)?)?;
    match read(&asked.text, asked.chosen, app.context.now()) {
        Readings::As(readings) if !readings.iter().any(|reading| matches!(reading, Reading::Email(_))) => {
            Ok(see_other(&asked.address(asked.chosen, asked.is_staging, None), "led_on"))
        }
        readings => answer(app, &visitor, &asked, readings).await,
    }
}

async fn answer(app: &App, visitor: &Visitor, asked: &Asked, readings: Readings) -> Result<ApiResponse, ConsoleError> {
    let mut page = SearchPage::new(visitor, asked);
    let readings = match readings {
        Readings::Nothing => return Ok(html(200, "shown", &page)),
        Readings::Wrong(reason) => {
            page.wrong = Some(reason);
            page.others = others(asked, &[]);
            return Ok(html(200, "not_searched", &page));
        }
        Readings::As(readings) => readings,
    };
    let is_email = readings.iter().any(|reading| matches!(reading, Reading::Email(_)));
    visitor.viewed(app, if is_email { "search_email" } else { "search" }, None).await?;
    page.read_as = readings.iter().map(Reading::words).collect();
    page.is_done = true;
    page.others = others(asked, &readings);
    find(&app.store, asked, &readings, is_email, &mut page).await?;
    Ok(html(200, "shown", &page))
}

/// Fills the page with what is found: at most one query for each reading, and one batch.
async fn find(
    store: &Store,
    asked: &Asked,
    readings: &[Reading],
    is_email: bool,
    page: &mut SearchPage,
) -> Result<(), StoreError> {
    let environment = asked.environment();
    let each = if readings.len() == 1 { PAGE } else { EACH };
    let mut found_by: BTreeMap<DisputeNumber, Vec<&'static str>> = BTreeMap::new();
    for reading in readings {
        let (numbers, next) = match (reading, reading.key(environment)) {
            (_, Some(key)) => {
                let found = store.find(&key, asked.after.as_deref(), each).await?;
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
                let called = disputes_called(store, &asked.text).await?;
                (called.into_iter().map(|dispute| dispute.number).collect(), None)
            }
        };
        for number in numbers.into_iter().take(usize::from(each)) {
            found_by.entry(number).or_default().push(reading.label());
        }
        if let Some(after) = next {
            let chosen = (readings.len() > 1 || asked.chosen.is_some()).then(|| reading.name());
            page.more.push(Way {
                label: if readings.len() == 1 {
                    "Older ones".to_owned()
                } else {
                    format!("More by {}", reading.label())
                },
                address: asked.address(chosen, asked.is_staging, Some(&after)),
                after: Some(after),
                is_staging: asked.is_staging,
                is_form: is_email,
            });
        }
    }
    let numbers: Vec<_> = found_by.keys().copied().collect();
    let (mut found, unread) = store.found_cases(&numbers).await?;
    found.sort_by_key(|found| std::cmp::Reverse((found.dispute.opened_at, found.dispute.number)));
    page.unread = unread.iter().map(|number| number.case_id()).collect();
    page.rows = found.iter().map(|found| row(found, &found_by)).collect();
    if page.rows.is_empty() && !page.goes_on {
        let other = !asked.is_staging;
        page.others.push(Way {
            label: if other { "Search in staging" } else { "Search in production" }.to_owned(),
            address: asked.address(asked.chosen, other, None),
            after: None,
            is_staging: other,
            is_form: is_email,
        });
    }
    Ok(())
}

/// The other readings of a text.
fn others(asked: &Asked, readings: &[Reading]) -> Vec<Way> {
    if asked.after.is_some() || readings.len() > 1 {
        return Vec::new();
    }
    let is_other = |name: &str| !readings.iter().any(|reading| reading.name() == name);
    let names = CHOICES.into_iter().filter(|(name, _)| *name != "case" && is_other(name));
    // The address of a page never has a mail address in it.
    let names = names.filter(|_| !asked.text.contains('@'));
    let way = |(name, words): (&str, &str)| Way {
        label: format!("Search it as {words}"),
        address: asked.address(Some(name), asked.is_staging, None),
        after: None,
        is_staging: asked.is_staging,
        is_form: false,
    };
    names.map(way).collect()
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
        let asked = Asked { text: "a b&c=1".to_owned(), ..Asked::default() };
        assert_eq!(asked.address(None, false, None), "/console/search?q=a+b%26c%3D1");
        let more = asked.address(Some("refid"), true, Some("1#2"));
        assert_eq!(more, "/console/search?q=a+b%26c%3D1&environment=staging&as=refid&after=1%232");
    }

    #[test]
    fn other_readings_are_offered_and_never_for_an_address() {
        let of = |text: &str| {
            let asked = Asked { text: text.to_owned(), ..Asked::default() };
            let Readings::As(readings) = read(text, None, recourse_dispute::time::UnixMillis(0)) else { panic!() };
            others(&asked, &readings).iter().map(|way| way.label.clone()).collect::<Vec<_>>()
        };
        assert_eq!(
            of("2026-01-16"),
            ["Search it as a transaction id", "Search it as a refid", "Search it as another id"]
        );
        assert!(of("user@example.com").is_empty() && of("order-7").is_empty());
    }
}
