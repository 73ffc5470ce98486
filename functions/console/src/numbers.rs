//! Numbers: how many disputes were opened, answered and resolved, how long that took, and how many
//! no agent had to do anything about; as charts, as tables, and as CSV.
//!
//! They are counters, which `worker-counters` keeps (`recourse-store`). So a page costs eight
//! queries of the days that it shows, however many disputes there are.

mod chart;
mod period;
mod words;

use std::collections::BTreeMap;

use askama::Template;
use recourse_dispute::environment::Environment;
use recourse_dispute::time::Day;
use recourse_edge::{ApiResponse, App, Request, ServiceError};
use recourse_operations::csv_row;
use recourse_store::{AtMost, Dimension, NumbersRow, Permission};

use crate::action::AuditAction;
use crate::error::ConsoleError;
use crate::form::Form;
use crate::frame::{Frame, Nav};
use crate::page::{attachment, html};
use crate::visitor::Visitor;

use self::chart::Chart;
use self::period::Period;
use self::words::{dimension_words, duration, value_words};

/// How many values of a dimension a chart has. The table has all of them.
const CHARTED: usize = 12;

/// Which numbers are wanted.
struct NumbersRequest {
    period: Period,
    dimension: Dimension,
    environment: Environment,
    /// Why the period is another one than was asked for.
    wrong: Option<&'static str>,
}

impl NumbersRequest {
    fn of(request: &Request, today: Day) -> Result<Self, ConsoleError> {
        let form = Form::of_address(request)?;
        let (period, wrong) = match Period::read(form.opt("from")?, form.opt("to")?, today) {
            Ok(period) => (period, None),
            Err(rule) => (Period::last(30, today), Some(rule)),
        };
        let is_staging = form.opt("environment")? == Some(Environment::Staging.name());
        Ok(Self {
            period,
            dimension: form.opt("by")?.and_then(Dimension::parse).unwrap_or(Dimension::Channel),
            environment: if is_staging { Environment::Staging } else { Environment::Production },
            wrong,
        })
    }

    /// What the address of a page has behind its question mark.
    fn query(&self, period: &Period) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("from", &period.from.to_string()).append_pair("to", &period.to.to_string());
        query.append_pair("by", self.dimension.name()).append_pair("environment", self.environment.name());
        query.finish()
    }
}

/// A period that is one click away.
struct Shortcut {
    label: &'static str,
    query: String,
    is_current: bool,
}

/// An entry of the choice of dimensions.
struct Choice {
    name: &'static str,
    words: &'static str,
    is_current: bool,
}

/// A row of a table: a day, a value, or the whole period.
struct Line {
    name: String,
    opened: u64,
    answered: u64,
    resolved: u64,
    to_answer: [String; 2],
    to_resolution: [String; 2],
    unaided: String,
}

impl Line {
    fn of(name: String, row: &NumbersRow) -> Self {
        let times = |histogram: &recourse_store::Histogram| {
            [50, 90].map(|share| histogram.percentile(share).map_or_else(|| "–".to_owned(), duration))
        };
        Self {
            name,
            opened: row.opened,
            answered: row.answered,
            resolved: row.resolved,
            to_answer: times(&row.to_answer),
            to_resolution: times(&row.to_resolution),
            unaided: share(row),
        }
    }
}

/// The share of the resolved ones that no agent did anything about.
fn share(row: &NumbersRow) -> String {
    let per_cent = (row.unaided * 100 + row.resolved / 2).checked_div(row.resolved);
    per_cent.map_or_else(|| "–".to_owned(), |per_cent| format!("{per_cent} %"))
}

#[derive(Template)]
#[template(path = "numbers.html")]
struct NumbersPage {
    frame: Frame,
    from: String,
    to: String,
    is_staging: bool,
    max_days: i64,
    wrong: Option<&'static str>,
    shortcuts: Vec<Shortcut>,
    choices: Vec<Choice>,
    csv: String,
    is_empty: bool,
    total: Line,
    days: Vec<Line>,
    by: &'static str,
    values: Vec<Line>,
    charts: Vec<Chart>,
    by_value: Option<Chart>,
}

/// `GET /console/numbers`.
///
/// # Errors
/// [`ConsoleError`].
pub async fn show(app: &App, request: &Request) -> Result<ApiResponse, ConsoleError> {
    let visitor = Visitor::of(app, request).await?;
    visitor.may(Permission::Read)?;
    let today = Day::of(app.context.now());
    let wanted = NumbersRequest::of(request, today)?;
    visitor.viewed(app, AuditAction::Numbers, None).await?;
    let Period { from, to } = wanted.period;
    let all = app.store.numbers(wanted.environment, Dimension::All, from, to).await?;
    let by = match wanted.dimension {
        Dimension::All => Vec::new(),
        dimension => app.store.numbers(wanted.environment, dimension, from, to).await?,
    };
    Ok(html(200, "shown", &page(visitor.frame("Numbers", Nav::Numbers), &wanted, today, &all, &by)?))
}

fn page(
    frame: Frame,
    wanted: &NumbersRequest,
    today: Day,
    all: &[NumbersRow],
    by: &[NumbersRow],
) -> Result<NumbersPage, ConsoleError> {
    let days = wanted.period.days();
    let of_day = |day: &Day| all.iter().find(|row| row.day == *day).cloned();
    let of_days: Vec<_> =
        days.iter().map(|day| of_day(day).unwrap_or_else(|| NumbersRow::empty(*day, String::new()))).collect();
    let total = sum(wanted.period.from, String::new(), &of_days);
    let mut of_values: BTreeMap<&str, NumbersRow> = BTreeMap::new();
    for row in by {
        let empty = || NumbersRow::empty(wanted.period.from, row.value.clone());
        of_values.entry(&row.value).or_insert_with(empty).add(row);
    }
    let is_something = |row: &NumbersRow| row.opened + row.answered + row.resolved > 0;
    let mut of_values: Vec<_> = of_values.into_values().filter(is_something).collect();
    of_values.sort_by_key(|row| (std::cmp::Reverse(row.opened.max(row.resolved)), row.value.clone()));
    let named: Vec<_> = of_values.iter().map(|row| value_words(wanted.dimension, &row.value)).collect();
    let broken = || ServiceError::invariant("a chart cannot be drawn", wanted.period.from.to_string());
    let is_empty = !is_something(&total);
    let charts = if is_empty { Vec::new() } else { chart::of_days(&days, &of_days).ok_or_else(broken)? };
    let charted = of_values.len().min(CHARTED);
    let by_value = match (named.get(..charted), of_values.get(..charted)) {
        (Some(named), Some(rows)) if !rows.is_empty() => {
            Some(chart::of_values(dimension_words(wanted.dimension), named, rows).ok_or_else(broken)?)
        }
        _ => None,
    };
    let shortcuts = [("Today", 1), ("7 days", 7), ("30 days", 30), ("90 days", 90)].map(|(label, count)| {
        let period = Period::last(count, today);
        Shortcut { label, query: wanted.query(&period), is_current: period == wanted.period }
    });
    let choices = Dimension::EVERY.into_iter().filter(|dimension| *dimension != Dimension::All).map(|dimension| {
        Choice { name: dimension.name(), words: dimension_words(dimension), is_current: dimension == wanted.dimension }
    });
    Ok(NumbersPage {
        frame,
        from: wanted.period.from.to_string(),
        to: wanted.period.to.to_string(),
        is_staging: wanted.environment == Environment::Staging,
        max_days: Period::MAX_DAYS,
        wrong: wanted.wrong,
        shortcuts: shortcuts.into(),
        choices: choices.collect(),
        csv: format!("/console/numbers.csv?{}", wanted.query(&wanted.period)),
        is_empty,
        total: Line::of("All".to_owned(), &total),
        days: of_days.iter().rev().map(|row| Line::of(row.day.to_string(), row)).collect(),
        by: dimension_words(wanted.dimension),
        values: named.into_iter().zip(&of_values).map(|(name, row)| Line::of(name, row)).collect(),
        charts,
        by_value,
    })
}

fn sum(day: Day, value: String, rows: &[NumbersRow]) -> NumbersRow {
    rows.iter().fold(NumbersRow::empty(day, value), |mut sum, row| {
        sum.add(row);
        sum
    })
}

/// The columns of the CSV. Times are in seconds, each at most so long.
const COLUMNS: [&str; 12] = [
    "environment",
    "day",
    "by",
    "value",
    "opened",
    "answered",
    "resolved",
    "resolved_without_agent",
    "first_answer_median_seconds",
    "first_answer_p90_seconds",
    "resolution_median_seconds",
    "resolution_p90_seconds",
];

/// `GET /console/numbers.csv`: a row for each day and value.
///
/// # Errors
/// [`ConsoleError`].
pub async fn download(app: &App, request: &Request) -> Result<ApiResponse, ConsoleError> {
    let visitor = Visitor::of(app, request).await?;
    visitor.may(Permission::Read)?;
    let wanted = NumbersRequest::of(request, Day::of(app.context.now()))?;
    if let Some(rule) = wanted.wrong {
        return Err(ConsoleError::BadForm(rule));
    }
    visitor.viewed(app, AuditAction::NumbersCsv, None).await?;
    let Period { from, to } = wanted.period;
    let rows = app.store.numbers(wanted.environment, wanted.dimension, from, to).await?;
    let mut csv = table(&[COLUMNS.map(str::to_owned)])?;
    csv += &table(&rows.iter().map(|row| cells(&wanted, row)).collect::<Vec<_>>())?;
    let name = format!("numbers-{}-{}-{from}-{to}.csv", wanted.environment.name(), wanted.dimension.name());
    Ok(attachment("text/csv; charset=utf-8", &name, "shown", csv))
}

fn cells(wanted: &NumbersRequest, row: &NumbersRow) -> [String; 12] {
    let seconds = |time: Option<AtMost>| match time {
        Some(AtMost::Seconds(seconds)) => seconds.to_string(),
        // No number says it.
        Some(AtMost::MoreThan(seconds)) => format!("more than {seconds}"),
        None => String::new(),
    };
    [
        wanted.environment.name().to_owned(),
        row.day.to_string(),
        wanted.dimension.name().to_owned(),
        row.value.clone(),
        row.opened.to_string(),
        row.answered.to_string(),
        row.resolved.to_string(),
        row.unaided.to_string(),
        seconds(row.to_answer.percentile(50)),
        seconds(row.to_answer.percentile(90)),
        seconds(row.to_resolution.percentile(50)),
        seconds(row.to_resolution.percentile(90)),
    ]
}

fn table(rows: &[[String; 12]]) -> Result<String, ConsoleError> {
    let broken = |_| ServiceError::invariant("a row cannot be written as CSV", "numbers");
    let mut text = String::new();
    for row in rows {
        text += &csv_row(row).map_err(broken)?;
        text += "\r\n";
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use recourse_store::{Histogram, OperatorRole};

    use super::*;
    use crate::frame::Person;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    /// Numbers of a day that differ from those of every other one.
    fn row(day: Day, value: &str, n: u64) -> NumbersRow {
        let mut row = NumbersRow::empty(day, value.to_owned());
        (row.opened, row.answered, row.resolved, row.unaided) =
            (12 + n * 7 % 19, 10 + n % 9, 9 + n * 5 % 17, 6 + n % 4);
        row.to_answer = Histogram::of((1..=row.answered).map(|k| 40 * k * (1 + n % 5)));
        row.to_resolution = Histogram::of((1..=row.resolved).map(|k| 4_000 * k * k * (1 + n % 3)));
        row
    }

    fn shown(dimension: Dimension, all: &[NumbersRow], by: &[NumbersRow]) -> String {
        let person = Person { name: "Carol".to_owned(), role: OperatorRole::Supervisor };
        let period = Period { from: day("2026-01-01"), to: day("2026-01-30") };
        let wanted = NumbersRequest { period, dimension, environment: Environment::Production, wrong: None };
        let frame = Frame::new("Numbers", person, "token", Nav::Numbers);
        page(frame, &wanted, day("2026-01-30"), all, by).unwrap().render().unwrap()
    }

    #[test]
    fn a_page_has_every_day_every_value_and_their_sum() {
        let days = Period { from: day("2026-01-01"), to: day("2026-01-30") }.days();
        let all: Vec<_> = days.iter().zip(0..).filter(|(_, n)| n % 11 != 10).map(|(day, n)| row(*day, "", n)).collect();
        let values = ["provider_late", "customer_silent", "agent_resolved", "no_objection", "AP", ""];
        let by: Vec<_> = days
            .iter()
            .zip(0..)
            .flat_map(|(day, n)| {
                values
                    .iter()
                    .zip(1..)
                    .filter(move |(_, k)| (n + k) % 4 == 0)
                    .map(move |(value, k)| row(*day, value, n + k))
            })
            .collect();
        let page = shown(Dimension::Reason, &all, &by);
        let opened: u64 = all.iter().map(|row| row.opened).sum();
        for text in [
            &format!("<dt>Opened</dt><dd>{opened}</dd>"),
            "<bdi>2026-01-30</bdi>",
            "<bdi>2026-01-11</bdi></th><td class=\"number\">0</td>",
            "<bdi>The provider gave no final answer in time</bdi>",
            "<bdi>Bank&#39;s reason AP</bdi>",
            "<bdi>No reason on record</bdi>",
            "/console/numbers.csv?from=2026-01-01&#38;to=2026-01-30&#38;by=reason&#38;environment=production",
        ] {
            assert!(page.contains(text), "{text}: {page}");
        }
        assert!(!page.contains("style=") && page.matches("<figure").count() == 4, "{page}");
    }

    #[test]
    fn a_share_is_rounded_and_of_nothing_there_is_none() {
        let mut row = NumbersRow::empty(day("2026-01-01"), String::new());
        assert_eq!(share(&row), "–");
        (row.resolved, row.unaided) = (3, 2);
        assert_eq!(share(&row), "67 %");
    }
}
