//! The queue: lists of cases, the first to be due first, and what is done with several at once.
//!
//! A page is one round of reads of the store, whatever the number of cases, and two where a filter
//! leaves few of them ([`Store::queue`]). The page looks again by itself and gets only its rows
//! then.
//!
//! [`Store::queue`]: recourse_store::Store::queue

mod list;
mod orders;
mod selection;

use askama::Template;
use recourse_casework::Casework;
use recourse_edge::{ApiResponse, App, Request};
use recourse_operations::Submission;
use recourse_store::{Operator, Permission};

use crate::action::AuditAction;
use crate::error::ConsoleError;
use crate::frame::{Frame, Nav};
use crate::page::html;
use crate::visitor::Visitor;

use list::Listing;
use orders::{Order, Outcome};
use selection::{Choice, Selection, Tab};

/// How many cases a page has.
const ROWS: usize = 50;
/// Who has a case that no agent has, in forms and addresses. No agent has this name.
const NOBODY: &str = "nobody";

/// The queue.
#[derive(Template)]
#[template(path = "queue.html")]
struct Page {
    frame: Frame,
    tabs: Vec<Tab>,
    choices: Vec<Choice>,
    selection: Selection,
    list: Listing,
    live: Live,
    /// The forms' [`Submission`].
    submission: String,
    /// Whom a case can be given to; nobody where the visitor gives none.
    agents: Vec<String>,
    /// What became of an order.
    outcome: Option<Outcome>,
}

/// What the page gets when it looks again.
#[derive(Template)]
#[template(path = "queue-rows.html")]
struct Rows {
    list: Listing,
    live: Live,
}

/// By what the page looks again.
struct Live {
    /// The address.
    at: String,
    /// The token of [`LOOK_HEADER`](crate::look::LOOK_HEADER).
    token: String,
}

/// `GET` and `POST /console/queue`.
///
/// # Errors
/// [`ConsoleError`].
pub async fn serve(app: &App, request: &Request, casework: &Casework) -> Result<ApiResponse, ConsoleError> {
    let visitor = Visitor::of(app, request).await?;
    visitor.may(Permission::Read)?;
    let selection = Selection::read(&request.query)?;
    if request.method == "POST" {
        let form = visitor.form(request)?;
        let operators = app.store.operators().await?;
        let order = Order::read(&form, &visitor, &operators)?;
        let outcome = Box::pin(orders::carry_out(app, &visitor, casework, &order)).await?;
        // Where the page cannot be shown, something may have been done all the same.
        return page(app, &visitor, selection, operators, Some(outcome)).await.map_err(ConsoleError::after_order);
    }
    let (at, now) = (selection.here(), app.context.now());
    if let Some(look) = visitor.seals.look(request, &at, now) {
        let token = if look.is_over {
            visitor.viewed(app, AuditAction::Queue, None).await?;
            visitor.seals.look_token(&at, "", now)
        } else {
            look.token.to_owned()
        };
        let list = list(app, &visitor, &selection).await?;
        return Ok(html(200, "refreshed", &Rows { list, live: Live { at, token } }));
    }
    let operators = app.store.operators().await?;
    page(app, &visitor, selection, operators, None).await
}

async fn page(
    app: &App,
    visitor: &Visitor,
    selection: Selection,
    operators: Vec<Operator>,
    outcome: Option<Outcome>,
) -> Result<ApiResponse, ConsoleError> {
    visitor.viewed(app, AuditAction::Queue, None).await?;
    let list = list(app, visitor, &selection).await?;
    let workers = operators.iter().filter(|operator| operator.works());
    let agents: Vec<String> = workers.map(|operator| operator.name.as_str().to_owned()).collect();
    let is_conflict = outcome.as_ref().is_some_and(|outcome| outcome.others_were_faster);
    let (status, log) = if is_conflict { (409, "changed") } else { (200, "shown") };
    let at = selection.here();
    let page = Page {
        frame: visitor.frame(&selection.title(), Nav::Queue),
        live: Live { token: visitor.seals.look_token(&at, "", app.context.now()), at },
        tabs: selection.tabs(),
        choices: selection.choices(&agents),
        list,
        selection,
        submission: Submission::new(app.context.bytes()?).as_str().to_owned(),
        agents: if visitor.can(Permission::Assign) { agents } else { Vec::new() },
        outcome,
    };
    Ok(html(status, log, &page))
}

async fn list(app: &App, visitor: &Visitor, selection: &Selection) -> Result<Listing, ConsoleError> {
    let filter = selection.filter(&visitor.operator.name);
    let found = app.store.queue(&filter, selection.after, ROWS).await?;
    Ok(Listing::new(found, selection, &visitor.operator, app.context.now()))
}

#[cfg(test)]
mod tests;
