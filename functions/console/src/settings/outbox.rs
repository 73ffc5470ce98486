//! Mails that were not sent, and sending them again.

use askama::Template;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::text::visible;
use recourse_edge::ApiResponse;
use recourse_operations::labels;
use recourse_operations::outbox::{self, NotRedriven, Unsent};
use recourse_store::{MailId, MailState, OutboxMail, Permission, RedriveOutcome};

use super::{Around, Asked, Notice, Page, Stop, no_order, time};
use crate::{ConsoleError, Form, Frame, html, see_other};

/// How many mails of each of the eight shards the page shows. Each of them is one read.
const MOST: i32 = 25;
/// How many mails one form sends again.
const MOST_AT_ONCE: usize = 200;

#[derive(Template)]
#[template(path = "settings-outbox.html")]
struct OutboxPage {
    frame: Frame,
    around: Around,
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
pub(super) async fn show(asked: &Asked<'_>) -> Result<ApiResponse, ConsoleError> {
    let state = asked.query("state").and_then(|name| Unsent::parse(&name)).unwrap_or(Unsent::Dead);
    page(asked, state, Notice::of(asked), 200, "shown").await
}

async fn page(
    asked: &Asked<'_>,
    state: Unsent,
    notice: Notice,
    status: u16,
    outcome: &'static str,
) -> Result<ApiResponse, ConsoleError> {
    asked.visitor.viewed(asked.app, "settings_outbox", None).await?;
    let found = outbox::unsent(&asked.app.store, state, MOST).await?;
    let page = OutboxPage {
        frame: asked.frame(Page::Outbox),
        around: asked.around(Page::Outbox, notice)?,
        state: state.name(),
        states: Unsent::ALL.map(|tab| StateTab { name: tab.name(), is_current: tab == state }).into(),
        can_be_redriven: state != Unsent::Waiting,
        mails: found.mails.iter().map(row).collect(),
        may_be_more: found.may_be_more || found.mails.len() >= usize::try_from(MOST).unwrap_or_default(),
        unread: found.unread.iter().map(|(id, _)| id.to_string()).collect(),
    };
    Ok(html(status, outcome, &page))
}

fn row(mail: &OutboxMail) -> Row {
    let number = mail.id.number;
    Row {
        id: mail.id.to_string(),
        case: (number != DisputeNumber::NO_CASE).then(|| number.case_id()),
        state: match mail.mail_state {
            MailState::Pending => "waiting",
            MailState::Sending => "being sent",
            MailState::Sent => "sent",
            MailState::Held => "held",
            MailState::Dead => "dead",
        },
        subject: visible(&recourse_mail::subject(&mail.notification)).into_owned(),
        enqueued: time(mail.enqueued_at),
        attempts: mail.attempts,
        reason: mail.reason.as_deref().map(|reason| visible(reason).into_owned()),
        redriven: mail.redriven.len(),
    }
}

/// Sends the ticked mails again.
pub(super) async fn change(asked: &Asked<'_>, form: Form) -> Result<ApiResponse, ConsoleError> {
    asked.visitor.may(Permission::Settings)?;
    let state = form.opt("state")?.and_then(Unsent::parse).unwrap_or(Unsent::Dead);
    match Box::pin(redrive(asked, &form)).await {
        Ok(()) => Ok(see_other(&format!("/console/settings/outbox?state={}&done=redriven", state.name()), "done")),
        Err(Stop::Console(error)) => Err(error),
        Err(Stop::Wrong(wrong)) => page(asked, state, Notice::refused(wrong, form), 422, "refused").await,
    }
}

async fn redrive(asked: &Asked<'_>, form: &Form) -> Result<(), Stop> {
    if form.one("do")? != "redrive" {
        return Err(no_order());
    }
    let ids: Result<Vec<MailId>, ()> = form.all("mail").take(MOST_AT_ONCE + 1).map(str::parse).collect();
    let ids = ids.map_err(|()| ConsoleError::BadForm("A mail's id is none."))?;
    if ids.is_empty() || ids.len() > MOST_AT_ONCE {
        return Err(Stop::Wrong(format!("Tick 1 to {MOST_AT_ONCE} mails.")));
    }
    let audit = asked.audit(form)?;
    let case = match ids.as_slice() {
        [one] if one.number != DisputeNumber::NO_CASE => Some(one.number),
        _ => None,
    };
    let entry = asked.visitor.begin(asked.app, "outbox_redrive", case).await?;
    let (mut done, mut not) = (0_u32, Vec::new());
    for id in ids {
        match outbox::redrivable(&asked.app.store, id).await {
            Ok(mail) => match asked.app.store.redrive(&mail, &audit).await? {
                RedriveOutcome::Waits => done += 1,
                RedriveOutcome::VersionConflict => not.push(format!("{id} was changed by others meanwhile")),
            },
            Err(NotRedriven::Store(error)) => return Err(error.into()),
            Err(NotRedriven::NoMail) => not.push(format!("{id} is not there")),
            Err(NotRedriven::State(state)) => not.push(format!("{id} is {}", labels::mail_state(state))),
        }
    }
    if not.is_empty() {
        entry.done(asked.app).await;
        return Ok(());
    }
    if done == 0 {
        entry.refused(asked.app, "changed").await;
    } else {
        entry.done(asked.app).await;
    }
    Err(Stop::Wrong(format!("{done} of the mails wait to be sent. The others do not: {}.", not.join("; "))))
}
