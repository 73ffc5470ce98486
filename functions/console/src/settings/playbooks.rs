//! The playbooks of the deployment, and a dry run of others. Nothing here is stored.

use askama::Template;
use recourse_casework::{PlaybookMove, PlaybookSource};
use recourse_dispute::text::visible;
use recourse_edge::ApiResponse;
use recourse_files::ObjectPrefix;
use recourse_operations::{DRY_RUN_CASES, DryRun, MAX_PLAYBOOKS_BYTES, dry_run, labels, playbooks};
use recourse_support::case::Kind;
use recourse_support::playbook::Playbooks;

use super::{Around, Asked, Notice, Page, SettingsPages, time};
use crate::{ConsoleError, Form, Frame, html};

/// What the pasted text is called in problems.
const PASTED: &str = "pasted";
/// The longest text that is read. A form has room for it, each letter encoded.
const MAX_BYTES: usize = 60 * 1024;

#[derive(Template)]
#[template(path = "settings-playbooks.html")]
struct PlaybooksPage {
    frame: Frame,
    around: Around,
    /// Where those of today come from.
    source: String,
    /// Why they cannot be used.
    problem: Option<String>,
    today: Vec<Shown>,
    /// The object with the deployment's own, as it is.
    own: Option<String>,
    kinds: [&'static str; 4],
    result: Checked,
    most: usize,
}

/// A playbook of today.
struct Shown {
    kind: &'static str,
    name: String,
    version: String,
    /// Its file, where it is one that ships.
    text: Option<String>,
}

/// What became of the pasted text.
enum Checked {
    /// Nothing was pasted.
    Nothing,
    /// These rules are broken.
    Broken(Vec<String>),
    /// It is right: each kind with the name and the version of its playbook.
    Right(Vec<(&'static str, String, String)>),
    /// What it would change.
    Tried(Tried),
}

struct Tried {
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
pub(super) async fn show(asked: &Asked<'_>, pages: &SettingsPages) -> Result<ApiResponse, ConsoleError> {
    asked.visitor.viewed(asked.app, "settings_playbooks", None).await?;
    page(asked, pages, Notice::default(), Checked::Nothing).await
}

/// Checks what was pasted, or says what it would change.
pub(super) async fn try_out(asked: &Asked<'_>, pages: &SettingsPages, form: Form) -> Result<ApiResponse, ConsoleError> {
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
    asked.visitor.viewed(asked.app, if is_run { "settings_dry_run" } else { "settings_playbooks" }, None).await?;
    let text = form.opt("text")?.unwrap_or_default();
    let casework = pages.casework(asked.app).await?;
    let checked = if text.trim().is_empty() {
        Checked::Broken(vec!["Paste a playbook first.".to_owned()])
    } else if text.len() > MAX_BYTES {
        Checked::Broken(vec![format!("The text must have at most {MAX_BYTES} bytes.")])
    } else {
        match playbooks::written(PASTED, text, kind, casework.playbooks()) {
            Err(problems) => {
                Checked::Broken(problems.iter().map(|problem| visible(&problem.to_string()).into_owned()).collect())
            }
            Ok(wanted) if is_run => {
                Checked::Tried(Tried::of(Box::pin(dry_run(&asked.app.store, &casework, wanted)).await?))
            }
            Ok(wanted) => Checked::Right(right(&wanted)),
        }
    };
    let notice = Notice { form: Some(form), ..Notice::default() };
    page(asked, pages, notice, checked).await
}

fn right(playbooks: &Playbooks) -> Vec<(&'static str, String, String)> {
    let row = |(kind, playbook): (Kind, &recourse_support::playbook::Playbook)| {
        (kind.name(), visible(playbook.name()).into_owned(), playbook.version().to_owned())
    };
    playbooks.iter().map(row).collect()
}

impl Tried {
    fn of(run: DryRun) -> Self {
        let (changed, same): (Vec<_>, Vec<_>) = run.cases.into_iter().partition(|case| case.changes());
        let case = |case: recourse_operations::DryRunCase| Case {
            id: case.number.case_id(),
            kind: case.kind.name(),
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
    asked: &Asked<'_>,
    pages: &SettingsPages,
    notice: Notice,
    result: Checked,
) -> Result<ApiResponse, ConsoleError> {
    let casework = pages.casework(asked.app).await?;
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
        set.of(kind).map(|playbook| Shown {
            kind: kind.name(),
            name: visible(playbook.name()).into_owned(),
            version: playbook.version().to_owned(),
            text: is_shipped.then(|| playbooks::shipped_text(Some(kind))),
        })
    };
    let status = if matches!(result, Checked::Broken(_)) { 422 } else { 200 };
    let page = PlaybooksPage {
        frame: asked.frame(Page::Playbooks),
        around: asked.around(Page::Playbooks, notice)?,
        source: object.map_or_else(
            || "They come with this release.".to_owned(),
            |name| format!("They are the deployment's own: playbooks/{name} in the evidence bucket."),
        ),
        problem: set.problem().map(|problem| visible(problem).into_owned()),
        today: Kind::ALL.into_iter().filter_map(shown).collect(),
        own,
        kinds: Kind::ALL.map(Kind::name),
        result,
        most: DRY_RUN_CASES,
    };
    Ok(html(status, "shown", &page))
}

/// A text over several lines, whose other invisible characters are escaped.
fn lines(text: &str) -> String {
    text.split('\n').map(|line| visible(line.trim_end_matches('\r'))).collect::<Vec<_>>().join("\n")
}
