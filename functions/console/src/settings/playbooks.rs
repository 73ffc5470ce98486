//! The playbooks of the deployment, and a dry run of others. Nothing here is stored.

use askama::Template;
use recourse_casework::{PlaybookMove, PlaybookSource};
use recourse_dispute::text::visible;
use recourse_edge::ApiResponse;
use recourse_files::ObjectPrefix;
use recourse_operations::{DRY_RUN_CASES, DryRun, MAX_PLAYBOOKS_BYTES, dry_run, labels, playbooks};
use recourse_support::case::Kind;
use recourse_support::playbook::Playbooks;

use super::{FormResult, Layout, Page, SettingsPages, SettingsRequest, time};
use crate::action::AuditAction;
use crate::text::lines;
use crate::{ConsoleError, Form, Frame, html};

/// What the pasted text is called in problems.
const PASTED: &str = "pasted";
/// The longest text that is read. A form has room for it, each letter encoded.
const MAX_BYTES: usize = 60 * 1024;

#[derive(Template)]
#[template(path = "settings-playbooks.html")]
struct PlaybooksPage {
    frame: Frame,
    layout: Layout,
    /// Where those of today come from.
    source: String,
    /// Why they cannot be used.
    problem: Option<String>,
    today: Vec<CurrentPlaybook>,
    /// The object with the deployment's own, as it is.
    own: Option<String>,
    kinds: [&'static str; 4],
    result: CheckResult,
    max_cases: usize,
}

/// A playbook of today.
struct CurrentPlaybook {
    kind: &'static str,
    name: String,
    version: String,
    /// Its file, where it is one that ships.
    text: Option<String>,
}

/// What became of the pasted text.
enum CheckResult {
    /// Nothing was pasted.
    None,
    /// These rules are broken.
    Invalid(Vec<String>),
    /// It is right: each kind with the name and the version of its playbook.
    Valid(Vec<(&'static str, String, String)>),
    /// What it would change.
    DryRun(DryRunResult),
}

struct DryRunResult {
    changed: Vec<Case>,
    same: usize,
    unread: Vec<String>,
}

/// A case that would take another way.
struct Case {
    id: String,
    kind: &'static str,
    state: &'static str,
    at: String,
    today: String,
    then: String,
    moves: Option<&'static str>,
}

/// The playbooks of today, and the form.
pub(super) async fn show(request: &SettingsRequest<'_>, pages: &SettingsPages) -> Result<ApiResponse, ConsoleError> {
    request.visitor.viewed(request.app, AuditAction::SettingsPlaybooks, None).await?;
    page(request, pages, FormResult::default(), CheckResult::None).await
}

/// Checks what was pasted, or says what it would change.
pub(super) async fn try_out(
    request: &SettingsRequest<'_>,
    pages: &SettingsPages,
    form: Form,
) -> Result<ApiResponse, ConsoleError> {
    let is_run = match form.one("do")? {
        "check" => false,
        "dry_run" => true,
        _ => return Err(ConsoleError::BadForm("The form orders something that there is not.")),
    };
    let kind = match form.one("kind")? {
        "all" => None,
        name => Some(
            Kind::ALL
                .into_iter()
                .find(|kind| kind.name() == name)
                .ok_or(ConsoleError::BadForm("There is no such kind of playbook."))?,
        ),
    };
    request
        .visitor
        .viewed(request.app, if is_run { AuditAction::SettingsDryRun } else { AuditAction::SettingsPlaybooks }, None)
        .await?;
    let text = form.opt("text")?.unwrap_or_default();
    let casework = pages.casework(request.app).await?;
    let checked = if text.trim().is_empty() {
        CheckResult::Invalid(vec!["Paste a playbook first.".to_owned()])
    } else if text.len() > MAX_BYTES {
        CheckResult::Invalid(vec![format!("The text must have at most {MAX_BYTES} bytes.")])
    } else {
        match playbooks::written(PASTED, text, kind, casework.playbooks()) {
            Err(problems) => CheckResult::Invalid(
                problems.iter().map(|problem| visible(&problem.to_string()).into_owned()).collect(),
            ),
            Ok(wanted) if is_run => {
                CheckResult::DryRun(DryRunResult::of(Box::pin(dry_run(&request.app.store, &casework, wanted)).await?))
            }
            Ok(wanted) => CheckResult::Valid(right(&wanted)),
        }
    };
    let form_result = FormResult { form: Some(form), ..FormResult::default() };
    page(request, pages, form_result, checked).await
}

fn right(playbooks: &Playbooks) -> Vec<(&'static str, String, String)> {
    let row = |(kind, playbook): (Kind, &recourse_support::playbook::Playbook)| {
        (kind.name(), visible(playbook.name()).into_owned(), playbook.version().to_owned())
    };
    playbooks.iter().map(row).collect()
}

impl DryRunResult {
    fn of(run: DryRun) -> Self {
        let (changed, same): (Vec<_>, Vec<_>) = run.cases.into_iter().partition(|case| case.changes());
        let case = |case: recourse_operations::DryRunCase| Case {
            id: case.number.case_id(),
            kind: labels::kind(case.kind),
            state: labels::support_state(case.state),
            at: time(case.at),
            today: case.today.join(", "),
            then: case.then.join(", "),
            moves: match case.moves {
                Some(PlaybookMove::ToAgent) => Some("Its step is gone: an agent gets it at its next decision."),
                Some(PlaybookMove::BeginsAgain) => Some("It begins again at its next decision."),
                Some(PlaybookMove::GoesOn) | None => None,
            },
        };
        Self {
            changed: changed.into_iter().map(case).collect(),
            same: same.len(),
            unread: run.unread.into_iter().map(recourse_dispute::number::DisputeNumber::case_id).collect(),
        }
    }
}

async fn page(
    request: &SettingsRequest<'_>,
    pages: &SettingsPages,
    form_result: FormResult,
    result: CheckResult,
) -> Result<ApiResponse, ConsoleError> {
    let casework = pages.casework(request.app).await?;
    let set = casework.playbooks();
    let object = pages.casework.settings().playbooks.object_name().map(str::to_owned);
    let own = match &object {
        None => None,
        Some(name) => {
            let read = pages.files.read_head(ObjectPrefix::Playbooks, name, MAX_PLAYBOOKS_BYTES as u64).await;
            // Where it cannot be read, the problem of the set says why.
            read.ok().flatten().map(|object| lines(&String::from_utf8_lossy(&object.bytes)))
        }
    };
    let is_shipped = matches!(pages.casework.settings().playbooks, PlaybookSource::Shipped);
    let shown = |kind: Kind| {
        set.of(kind).map(|playbook| CurrentPlaybook {
            kind: kind.name(),
            name: visible(playbook.name()).into_owned(),
            version: playbook.version().to_owned(),
            text: is_shipped.then(|| playbooks::shipped_text(Some(kind))),
        })
    };
    let status = if matches!(result, CheckResult::Invalid(_)) { 422 } else { 200 };
    let page = PlaybooksPage {
        frame: request.frame(Page::Playbooks),
        layout: request.layout(Page::Playbooks, form_result)?,
        source: object.map_or_else(
            || "They come with this release.".to_owned(),
            |name| format!("They are the deployment's own: playbooks/{name} in the evidence bucket."),
        ),
        problem: set.problem().map(|problem| visible(problem).into_owned()),
        today: Kind::ALL.into_iter().filter_map(shown).collect(),
        own,
        kinds: Kind::ALL.map(Kind::name),
        result,
        max_cases: DRY_RUN_CASES,
    };
    Ok(html(status, "shown", &page))
}
