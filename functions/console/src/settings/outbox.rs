//! Mails that were not sent, and sending them again.

use askama::Template;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::text::visible;
use recourse_edge::ApiResponse;
use recourse_operations::labels;
use recourse_operations::outbox::{self, NotRedriven, Unsent};
use recourse_store::{MailId, OutboxMail, Permission, RedriveOutcome};

use super::{FormError, FormResult, Layout, Page, SettingsRequest, after_order, no_order, time};
use crate::action::AuditAction;
use crate::{ConsoleError, Form, Frame, html, see_other};

/// How many mails of each of the eight shards the page shows. Each of them is one read.
const MAX_PER_SHARD: i32 = 25;
/// How many mails one form sends again.
const MAX_PER_FORM: usize = 200;

#[derive(Template)]
#[template(path = "settings-outbox.html")]
struct OutboxPage {
    frame: Frame,
    layout: Layout,
    state: &'static str,
    states: Vec<StateTab>,
    /// Whether mails of this state can be sent again.
    can_be_redriven: bool,
    mails: Vec<Row>,
    may_be_more: bool,
    /// The ids of mails that this release cannot read.
    unread: Vec<String>,
}

struct StateTab {
    name: &'static str,
    is_current: bool,
}

struct Row {
    id: String,
    /// None for a mail about no case.
    case: Option<String>,
    state: &'static str,
    subject: String,
    enqueued: String,
    attempts: u32,
    reason: Option<String>,
    redriven: usize,
}

/// The mails of a state.
pub(super) async fn show(request: &SettingsRequest<'_>) -> Result<ApiResponse, ConsoleError> {
    let state = request.query("state").and_then(|name| Unsent::parse(&name)).unwrap_or(Unsent::Dead);
    page(request, state, FormResult::of(request), 200, "shown").await
}

async fn page(
    request: &SettingsRequest<'_>,
    state: Unsent,
    form_result: FormResult,
    status: u16,
    outcome: &'static str,
) -> Result<ApiResponse, ConsoleError> {
    request.visitor.viewed(request.app, AuditAction::SettingsOutbox, None).await?;
    let found = outbox::unsent(&request.app.store, state, MAX_PER_SHARD).await?;
    let page = OutboxPage {
        frame: request.frame(Page::Outbox),
        layout: request.layout(Page::Outbox, form_result)?,
        state: state.name(),
        states: Unsent::ALL.map(|tab| StateTab { name: tab.name(), is_current: tab == state }).into(),
        can_be_redriven: state != Unsent::Waiting,
        mails: found.mails.iter().map(row).collect(),
        may_be_more: found.may_be_more || found.mails.len() >= usize::try_from(MAX_PER_SHARD).unwrap_or_default(),
        unread: found.unread.iter().map(|(id, _)| id.to_string()).collect(),
    };
    Ok(html(status, outcome, &page))
}

fn row(mail: &OutboxMail) -> Row {
    let number = mail.id.number;
    Row {
        id: mail.id.to_string(),
        case: (number != DisputeNumber::NO_CASE).then(|| number.case_id()),
        state: labels::mail_words(mail.mail_state),
        subject: visible(&recourse_mail::subject(&mail.notification)).into_owned(),
        enqueued: time(mail.enqueued_at),
        attempts: mail.attempts,
        reason: mail.reason.as_deref().map(|reason| visible(reason).into_owned()),
        redriven: mail.redriven.len(),
    }
}

/// Sends the ticked mails again.
pub(super) async fn change(request: &SettingsRequest<'_>, form: Form) -> Result<ApiResponse, ConsoleError> {
    request.visitor.may(Permission::Settings)?;
    let state = form.opt("state")?.and_then(Unsent::parse).unwrap_or(Unsent::Dead);
    match Box::pin(redrive(request, &form)).await {
        Ok(()) => Ok(see_other(&format!("/console/settings/outbox?state={}&done=redriven", state.name()), "done")),
        Err(FormError::Console(error)) => Err(error),
        Err(FormError::Invalid(wrong)) => page(request, state, FormResult::refused(wrong, form), 422, "refused").await,
    }
}

async fn redrive(request: &SettingsRequest<'_>, form: &Form) -> Result<(), FormError> {
    if form.one("do")? != "redrive" {
        return Err(no_order());
    }
    let ids: Result<Vec<MailId>, ()> = form.all("mail").take(MAX_PER_FORM + 1).map(str::parse).collect();
    let ids = ids.map_err(|()| ConsoleError::BadForm("A mail's id is none."))?;
    if ids.is_empty() || ids.len() > MAX_PER_FORM {
        return Err(FormError::Invalid(format!("Tick 1 to {MAX_PER_FORM} mails.")));
    }
    let audit = request.audit(form)?;
    let case = match ids.as_slice() {
        [one] if one.number != DisputeNumber::NO_CASE => Some(one.number),
        _ => None,
    };
    let entry = request.visitor.begin(request.app, AuditAction::OutboxRedrive, case).await?;
    let (mut done, mut not) = (0_u32, Vec::new());
    for id in ids {
        match outbox::redrivable(&request.app.store, id).await {
            Ok(mail) => match request.app.store.redrive(&mail, &audit).await.map_err(after_order)? {
                RedriveOutcome::Waits => done += 1,
                RedriveOutcome::VersionConflict => not.push(format!("{id} was changed by others meanwhile")),
            },
            Err(NotRedriven::Store(error)) => return Err(after_order(error)),
            Err(NotRedriven::NoMail) => not.push(format!("{id} is not there")),
            Err(NotRedriven::State(state)) => not.push(format!("{id} is {}", labels::mail_words(state))),
        }
    }
    if not.is_empty() {
        entry.done(request.app).await;
        return Ok(());
    }
    if done == 0 {
        entry.refused(request.app, "changed").await;
    } else {
        entry.done(request.app).await;
    }
    Err(FormError::Invalid(format!("{done} of the mails wait to be sent. The others do not: {}.", not.join("; "))))
}
