//! Whether the deployment is well, as far as it can be read without CloudWatch.

use askama::Template;
use recourse_dispute::text::visible;
use recourse_dispute::time::UnixMillis;
use recourse_edge::ApiResponse;
use recourse_operations::health::{Finding, tables};
use recourse_operations::outbox::MAX_UNSENT;
use recourse_store::MailState;

use super::{FormResult, Layout, Page, SettingsPages, SettingsRequest, time};
use crate::action::AuditAction;
use crate::{ConsoleError, Frame, html};

/// The commit that this was built from, as in `GET /health`: all functions of a deployment are
/// built together.
const COMMIT: &str = match option_env!("RECOURSE_COMMIT") {
    Some(commit) if !commit.is_empty() => commit,
    _ => "unknown",
};

/// How late a mail may be. The worker sends what is due every minute.
const LATE_MS: i64 = 2 * 60 * 1000;

#[derive(Template)]
#[template(path = "settings-health.html")]
struct HealthPage {
    frame: Frame,
    layout: Layout,
    version: &'static str,
    commit: &'static str,
    environment: String,
    checks: Vec<Check>,
    process: Vec<(&'static str, String)>,
}

/// Something that was looked at.
struct Check {
    name: String,
    /// The class and the word of its tag.
    verdict: (&'static str, &'static str),
    found: String,
    fix: &'static str,
}

const GOOD: (&str, &str) = ("good", "ok");
const BAD: (&str, &str) = ("bad", "wrong");
const UNSEEN: (&str, &str) = ("", "not checked");

/// What `GET /health` says, the tables, the mails, and what the support process is set to.
pub(super) async fn show(request: &SettingsRequest<'_>, pages: &SettingsPages) -> Result<ApiResponse, ConsoleError> {
    request.visitor.viewed(request.app, AuditAction::SettingsHealth, None).await?;
    let (store, now) = (&request.app.store, request.app.context.now());
    let mut checks = vec![Check {
        name: "API".to_owned(),
        verdict: GOOD,
        found: "It routes, functions start, and the data key could be unwrapped: this page needed all of that."
            .to_owned(),
        fix: "",
    }];
    match Box::pin(store.health()).await {
        Ok(health) => checks.extend(tables(&health, now).into_iter().map(Check::from)),
        Err(error) => checks.push(Check {
            name: "tables".to_owned(),
            verdict: BAD,
            found: visible(&error.to_string()).into_owned(),
            fix: "",
        }),
    }
    for state in [MailState::Pending, MailState::Held, MailState::Dead] {
        let found = store.indexed(state, UnixMillis(i64::MAX), MAX_UNSENT).await?;
        checks.push(mails(state, found.len(), found.iter().map(|mail| mail.due).min(), now));
    }
    let casework = pages.casework(request.app).await?;
    let settings = pages.casework.settings();
    let playbooks = casework.playbooks().problem();
    checks.push(Check {
        name: "playbooks".to_owned(),
        verdict: if playbooks.is_none() { GOOD } else { BAD },
        found: playbooks.map_or_else(|| "they can be used".to_owned(), |problem| visible(problem).into_owned()),
        fix: if playbooks.is_none() {
            ""
        } else {
            "Agents get every case meanwhile. Check them on the page of playbooks"
        },
    });
    let switch = |is_on: bool| if is_on { "on" } else { "off" }.to_owned();
    let none = || "nobody".to_owned();
    let page = HealthPage {
        frame: request.frame(Page::Health),
        layout: request.layout(Page::Health, FormResult::default())?,
        version: env!("CARGO_PKG_VERSION"),
        commit: COMMIT,
        environment: visible(&pages.environment).into_owned(),
        checks,
        process: vec![
            ("Support process", switch(settings.process)),
            ("Answers to our mail are read", switch(settings.reads_replies)),
            (
                "Mailed when a case waits too long",
                settings.supervisors.as_ref().map_or_else(none, |all| match all.all().count() {
                    1 => "one address".to_owned(),
                    count => format!("{count} addresses"),
                }),
            ),
            (
                "Model",
                settings.model.as_ref().map_or_else(|| "none".to_owned(), |model| visible(&model.id).into_owned()),
            ),
        ],
    };
    Ok(html(200, "shown", &page))
}

impl From<Finding> for Check {
    fn from(Finding { check, holds, found, fix }: Finding) -> Self {
        let verdict = match holds {
            Some(true) => GOOD,
            Some(false) => BAD,
            None => UNSEEN,
        };
        let fix = if holds == Some(false) { fix } else { "" };
        Self { name: check.to_owned(), verdict, found: visible(&found).into_owned(), fix }
    }
}

fn mails(state: MailState, count: usize, oldest: Option<UnixMillis>, now: UnixMillis) -> Check {
    let (name, is_waiting) = match state {
        MailState::Held => ("held mails", false),
        MailState::Dead => ("dead mails", false),
        MailState::Pending | MailState::Sending | MailState::Sent => ("waiting mails", true),
    };
    let is_good = if is_waiting { oldest.is_none_or(|due| due.plus(LATE_MS) >= now) } else { count == 0 };
    let since = oldest.map(|oldest| format!(", the oldest since {}", time(oldest))).unwrap_or_default();
    Check {
        name: name.to_owned(),
        verdict: if is_good { GOOD } else { BAD },
        found: if count == 0 { "none".to_owned() } else { format!("{count}{since}") },
        fix: if is_good { "" } else { "The page of the outbox says why" },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_dead_and_held_mails_are_wrong_and_mails_in_time_are_not() {
        let now = UnixMillis(10 * LATE_MS);
        let verdict = |state, count, oldest| mails(state, count, oldest, now).verdict;
        assert_eq!(verdict(MailState::Pending, 0, None), GOOD);
        assert_eq!(verdict(MailState::Pending, 1, Some(now.plus(-LATE_MS))), GOOD);
        assert_eq!(verdict(MailState::Pending, 1, Some(now.plus(-LATE_MS - 1))), BAD);
        for state in [MailState::Held, MailState::Dead] {
            assert_eq!((verdict(state, 0, None), verdict(state, 1, Some(now))), (GOOD, BAD));
        }
    }
}
