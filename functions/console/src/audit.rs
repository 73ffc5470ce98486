//! The audit log: who saw and did what, in a list and as CSV. Reading it is in it, too.
//!
//! A page reads one query of the log for each day that it goes through, 250 entries at a time, and
//! stops after 40 queries. A link leads on from there.

mod filters;

use askama::Template;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::text::visible;
use recourse_edge::{ApiResponse, App, Request, ServiceError};
use recourse_operations::{AuditView, csv_row};
use recourse_store::{AuditLogEntry, AuditLogPage, AuditOutcome, Permission};

use crate::action::AuditAction;
use crate::error::ConsoleError;
use crate::form::Form;
use crate::frame::{Frame, Nav};
use crate::page::{attachment, html};
use crate::visitor::Visitor;

use filters::{FilterForm, Filters};

/// How many entries a page has.
const ROWS: usize = 100;
/// How many entries an export has at most: two megabytes. An answer may have six.
const MAX_EXPORT: usize = 20_000;
/// How many entries one call reads for an export.
const BATCH: usize = 2_000;

const TOO_MANY: &str = "These are more than 20,000 entries, which is the most that one file has. Choose fewer days, or \
                        use the command line: recourse audit export.";

#[derive(Template)]
#[template(path = "audit.html")]
struct Page {
    frame: Frame,
    typed: FilterForm,
    /// The names of all operators, those who were removed too.
    people: Vec<Person>,
    /// Why nothing is listed.
    wrong: Option<&'static str>,
    rows: Vec<Row>,
    /// How many entries cannot be read.
    unread: usize,
    /// Where the list goes on: the day, and the address.
    next: Option<(String, String)>,
    /// Where the same entries are as CSV.
    export: String,
}

impl Page {
    /// The actions that can be asked for.
    fn actions(&self) -> &'static [AuditAction] {
        AuditAction::ALL
    }
}

/// Somebody whose entries can be asked for.
struct Person {
    name: String,
    is_selected: bool,
}

impl Person {
    /// All of them, and who was asked for by an address, whether there is such an operator or not.
    fn all(names: impl Iterator<Item = String>, asked: &str) -> Vec<Self> {
        let is_asked = |name: &str| name.to_lowercase() == asked.to_lowercase();
        let mut people: Vec<_> = names.map(|name| Self { is_selected: is_asked(&name), name }).collect();
        if !asked.is_empty() && !people.iter().any(|person| person.is_selected) {
            people.push(Self { name: asked.to_owned(), is_selected: true });
        }
        people
    }
}

/// An entry as a person reads it.
struct Row {
    /// ISO 8601, for programs.
    at: String,
    day: String,
    time: String,
    who: String,
    role: &'static str,
    action: String,
    case: Option<String>,
    from: String,
    outcome: String,
    /// The class of the outcome's tag; none is needed where all is well.
    tag: &'static str,
}

impl Row {
    fn of(entry: &AuditLogEntry) -> Self {
        let at = recourse_operations::utc(entry.at);
        let (day, time) = at.split_once('T').unwrap_or((at.as_str(), ""));
        let (day, time) = (day.to_owned(), time.trim_end_matches('Z').to_owned());
        Self {
            day,
            time,
            at,
            who: visible(entry.operator.as_ref().map_or("nobody signed in", |by| by.name.as_str())).into_owned(),
            role: entry.operator.as_ref().map_or("", |by| by.role.name()),
            action: visible(&entry.action).into_owned(),
            case: entry.case.map(DisputeNumber::case_id),
            from: entry.from.map(|from| from.to_string()).unwrap_or_default(),
            outcome: visible(&entry.outcome.to_string()).into_owned(),
            tag: match entry.outcome {
                AuditOutcome::Done => "",
                AuditOutcome::Attempted => "tag warn",
                AuditOutcome::Refused(_) => "tag bad",
            },
        }
    }
}

/// `GET /console/audit`: the list.
///
/// # Errors
/// [`ConsoleError`].
pub async fn show(app: &App, request: &Request) -> Result<ApiResponse, ConsoleError> {
    let visitor = Visitor::of(app, request).await?;
    visitor.may(Permission::Audit)?;
    let typed = FilterForm::read(&Form::of_address(request)?)?;
    match typed.filters(app.context.now()) {
        Ok(filters) => {
            visitor.viewed(app, AuditAction::AuditLog, filters.filter.case).await?;
            let now = app.context.now();
            let found = app.store.audit_log(filters.days, &filters.filter, filters.after.as_ref(), ROWS, now).await?;
            page(app, &visitor, &filters.typed(&typed), found, None).await
        }
        Err(wrong) => page(app, &visitor, &typed, AuditLogPage::default(), Some(wrong)).await,
    }
}

/// `GET /console/audit.csv`: the same entries, all of them, as a file.
///
/// # Errors
/// [`ConsoleError`].
pub async fn export(app: &App, request: &Request) -> Result<ApiResponse, ConsoleError> {
    let visitor = Visitor::of(app, request).await?;
    visitor.may(Permission::Audit)?;
    let typed = FilterForm::read(&Form::of_address(request)?)?;
    let filters = match typed.filters(app.context.now()) {
        Ok(filters) => filters,
        Err(wrong) => return page(app, &visitor, &typed, AuditLogPage::default(), Some(wrong)).await,
    };
    visitor.viewed(app, AuditAction::AuditExport, filters.filter.case).await?;
    let Some(entries) = all(app, &filters).await? else {
        return page(app, &visitor, &filters.typed(&typed), AuditLogPage::default(), Some(TOO_MANY)).await;
    };
    let mut text = row(&AuditView::COLUMNS.map(str::to_owned))?;
    for entry in &entries {
        text.push_str(&row(&AuditView::of(entry).columns())?);
    }
    let name = format!("audit-{}-{}.csv", filters.days.from, filters.days.to);
    Ok(attachment("text/csv; charset=utf-8", &name, "exported", text))
}

/// All entries; `None` of more than a file has. An entry that cannot be read fails the export: a
/// file that lacks entries must not look complete.
async fn all(app: &App, filters: &Filters) -> Result<Option<Vec<AuditLogEntry>>, ConsoleError> {
    let (mut entries, mut after) = (Vec::new(), None);
    loop {
        let now = app.context.now();
        let page = app.store.audit_log(filters.days, &filters.filter, after.as_ref(), BATCH, now).await?;
        if let Some(key) = page.unread.first() {
            return Err(ServiceError::invariant("an entry of the audit log cannot be read", key).into());
        }
        entries.extend(page.entries);
        if entries.len() > MAX_EXPORT {
            return Ok(None);
        }
        after = page.next;
        if after.is_none() {
            return Ok(Some(entries));
        }
    }
}

fn row(values: &[String]) -> Result<String, ServiceError> {
    let row = csv_row(values).map_err(|error| ServiceError::invariant("a row of CSV cannot be written", error))?;
    Ok(format!("{row}\n"))
}

async fn page(
    app: &App,
    visitor: &Visitor,
    typed: &FilterForm,
    found: AuditLogPage,
    wrong: Option<&'static str>,
) -> Result<ApiResponse, ConsoleError> {
    let operators = app.store.operators().await?;
    let page = Page {
        frame: visitor.frame("Audit log", Nav::Audit),
        typed: typed.clone(),
        people: Person::all(operators.into_iter().map(|operator| operator.name.to_string()), &typed.operator),
        wrong,
        rows: found.entries.iter().map(Row::of).collect(),
        unread: found.unread.len(),
        next: found.next.map(|next| (next.day().to_string(), typed.address("/console/audit", Some(&next)))),
        export: typed.address("/console/audit.csv", None),
    };
    let (status, outcome) = if wrong.is_some() { (400, "bad_filter") } else { (200, "shown") };
    Ok(html(status, outcome, &page))
}

#[cfg(test)]
mod tests {
    use recourse_dispute::time::UnixMillis;
    use recourse_store::{AuditOperator, OperatorRole};

    use super::*;
    use crate::frame;

    fn entry(name: &str, action: &str, outcome: AuditOutcome) -> AuditLogEntry {
        AuditLogEntry {
            at: UnixMillis(1_764_547_200_999),
            operator: name.to_owned().try_into().ok().map(|name| AuditOperator { name, role: OperatorRole::Agent }),
            action: action.to_owned(),
            case: DisputeNumber::try_from(551).ok(),
            from: "2001:db8::1".parse().ok(),
            outcome,
        }
    }

    fn shown(entries: &[AuditLogEntry]) -> String {
        let person = frame::Person { name: "Dev".to_owned(), role: OperatorRole::Auditor };
        let page = Page {
            frame: Frame::new("Audit log", person, "token", Nav::Audit),
            typed: FilterForm::default(),
            people: Person::all(["<i>Ben".to_owned()].into_iter(), "<I>BEN"),
            wrong: None,
            rows: entries.iter().map(Row::of).collect(),
            unread: 0,
            next: None,
            export: "/console/audit.csv?a=1&b=2".to_owned(),
        };
        page.render().unwrap()
    }

    #[test]
    fn an_entry_is_a_line_in_utc_and_hostile_texts_are_texts() {
        let refused = AuditOutcome::Refused("<script>".to_owned());
        let page = shown(&[entry("<b>Aisyah", "re\u{202e}ply", refused), entry("", "sign_in", AuditOutcome::Done)]);
        for part in [
            "datetime=\"2025-12-01T00:00:00Z\"",
            "&#60;b&#62;Aisyah",
            "href=\"/console/cases/RC-0000008t\"",
            "2001:db8::1",
            "refused: &#60;script&#62;",
            "nobody signed in",
            "<option selected>&#60;i&#62;Ben</option>",
            "re\\u{202e}ply",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(!page.contains("<script>") && !page.contains("<b>Aisyah"));
        assert!(shown(&[]).contains("No entry"));
    }

    #[test]
    fn who_was_asked_for_is_selected_also_where_nobody_has_the_name() {
        let all = |asked: &str| {
            let people = Person::all(["Aisyah", "Ben"].map(str::to_owned).into_iter(), asked);
            people.into_iter().map(|person| (person.name, person.is_selected)).collect::<Vec<_>>()
        };
        let of = |list: &[(&str, bool)]| list.iter().map(|(name, is)| ((*name).to_owned(), *is)).collect::<Vec<_>>();
        assert_eq!(all(""), of(&[("Aisyah", false), ("Ben", false)]));
        assert_eq!(all("ben"), of(&[("Aisyah", false), ("Ben", true)]));
        assert_eq!(all("Zoe"), of(&[("Aisyah", false), ("Ben", false), ("Zoe", true)]));
    }
}
