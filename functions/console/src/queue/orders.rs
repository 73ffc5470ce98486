//! What is done with the cases of a page: taken, or given to somebody, several at once.
//!
//! Each case is a step of its own, with its own entry in the audit log, and its own result: one
//! that fails does not stop the others.

use recourse_casework::{AgentAction, CaseError, Casework};
use recourse_dispute::number::DisputeNumber;
use recourse_edge::App;
use recourse_operations::{ActError, ActOutcome, AgentOrder, Seen, Submission, act};
use recourse_store::{Operator, Permission};
use recourse_support::case::AgentName;

use super::{NOBODY, ROWS};
use crate::action::AuditAction;
use crate::error::{ConsoleError, OUTCOME_UNKNOWN};
use crate::form::Form;
use crate::visitor::{Entry, Visitor};

/// How long one form may work, in milliseconds. The function has 29 seconds.
const PATIENCE_MS: u64 = 20_000;

/// What a form orders.
pub(super) struct Order {
    action: Action,
    /// The cases, and how far each was on the page.
    cases: Vec<(DisputeNumber, Option<Seen>)>,
    submission: Submission,
}

/// What is to be done with each case.
enum Action {
    /// The visitor has it.
    Take,
    /// This agent has it.
    Assign(AgentName),
    /// Nobody has it: it waits for any agent.
    Release,
}

/// What became of an order.
pub(super) struct Outcome {
    pub(super) results: Vec<CaseResult>,
    /// Whether somebody else did something first.
    pub(super) others_were_faster: bool,
}

/// What became of one case.
pub(super) struct CaseResult {
    pub(super) case: String,
    pub(super) text: String,
    pub(super) is_done: bool,
}

impl Outcome {
    /// Whether every case is as it was ordered.
    pub(super) fn is_all_done(&self) -> bool {
        !self.results.is_empty() && self.results.iter().all(|result| result.is_done)
    }
}

impl Order {
    /// Reads the form of the page. A row's own button takes that case alone, whatever is ticked.
    ///
    /// # Errors
    /// [`ConsoleError::Forbidden`] for what the role does not allow, and [`ConsoleError::BadForm`].
    pub(super) fn read(form: &Form, visitor: &Visitor, operators: &[Operator]) -> Result<Self, ConsoleError> {
        visitor.may(Permission::Work)?;
        let submission = Submission::parse(form.one("submission")?);
        let submission = submission.map_err(|_| ConsoleError::BadForm("The form has no valid submission."))?;
        if let Some(case) = form.opt("take")? {
            return Ok(Self { action: Action::Take, cases: vec![(case_number(case)?, None)], submission });
        }
        let action = match form.one("do")? {
            "take" => Action::Take,
            "assign" => {
                visitor.may(Permission::Assign)?;
                match form.opt("to")? {
                    None => return Err(ConsoleError::BadForm("Choose to whom the cases go.")),
                    Some(NOBODY) => Action::Release,
                    Some(name) => Action::Assign(agent(name, operators)?),
                }
            }
            _ => return Err(ConsoleError::BadForm("The form orders something unknown.")),
        };
        let mut cases = Vec::new();
        for ticked in form.all("case") {
            let (case, seen) = ticked.split_once('.').ok_or(BAD_CASE)?;
            let seen = seen.parse().map_err(|_| BAD_CASE)?;
            let number = case_number(case)?;
            if !cases.iter().any(|(known, _)| *known == number) {
                cases.push((number, Some(seen)));
            }
        }
        if cases.len() > ROWS {
            return Err(ConsoleError::BadForm("The form has more cases than a page."));
        }
        Ok(Self { action, cases, submission })
    }
}

const BAD_CASE: ConsoleError = ConsoleError::BadForm("The form has a case that no page has.");

fn case_number(text: &str) -> Result<DisputeNumber, ConsoleError> {
    text.strip_prefix("RC-").and_then(|text| DisputeNumber::from_base62(text).ok()).ok_or(BAD_CASE)
}

/// An operator who works on cases.
fn agent(name: &str, operators: &[Operator]) -> Result<AgentName, ConsoleError> {
    let found = operators.iter().find(|operator| operator.works() && operator.name.as_str() == name);
    found.map(|operator| operator.name.clone()).ok_or(ConsoleError::BadForm("There is no agent of this name."))
}

/// Does what a form orders, one case after the other.
///
/// # Errors
/// [`ConsoleError`] where nothing could be begun any more.
pub(super) async fn carry_out(
    app: &App,
    visitor: &Visitor,
    casework: &Casework,
    order: &Order,
) -> Result<Outcome, ConsoleError> {
    let began = app.context.now();
    let mut outcome = Outcome { results: Vec::new(), others_were_faster: false };
    for (number, seen) in &order.cases {
        let (text, is_done) = if app.context.since(began) > PATIENCE_MS {
            ("Not tried, as the others took long. Please send it again.".to_owned(), false)
        } else {
            let done = Box::pin(one(app, visitor, casework, order, (*number, *seen))).await;
            // The cases before this one may be done.
            match done.map_err(|error| if outcome.results.is_empty() { error } else { error.after_order() })? {
                CaseOutcome::Yes(text) => (text, true),
                CaseOutcome::No(text) => (text, false),
                CaseOutcome::TooLate(text) => {
                    outcome.others_were_faster = true;
                    (text, false)
                }
            }
        };
        outcome.results.push(CaseResult { case: number.case_id(), text, is_done });
    }
    Ok(outcome)
}

/// What became of one case, in words.
enum CaseOutcome {
    Yes(String),
    No(String),
    /// Somebody else was faster.
    TooLate(String),
}

async fn one(
    app: &App,
    visitor: &Visitor,
    casework: &Casework,
    order: &Order,
    (number, seen): (DisputeNumber, Option<Seen>),
) -> Result<CaseOutcome, ConsoleError> {
    let (audited, action) = match &order.action {
        Action::Take => (AuditAction::Take, AgentAction::Take { force: false }),
        Action::Assign(to) => (AuditAction::Assign, AgentAction::Assign(to.as_str())),
        // Only who may give cases to others orders it.
        Action::Release => (AuditAction::Release, AgentAction::Release { force: true }),
    };
    // Whoever takes a case does not mind what came to it since; whoever gives it away has to know.
    let seen = seen.filter(|_| !matches!(order.action, Action::Take)).map(|seen| (seen, &order.submission));
    let entry = visitor.begin(app, audited, Some(number)).await?;
    let wanted = AgentOrder { number, agent: &visitor.operator.name, action, seen };
    let draws = app.context.draws()?;
    let done = Box::pin(act(&app.store, casework, wanted, || app.context.now(), draws)).await;
    Ok(match done {
        Ok(ActOutcome::Written(_) | ActOutcome::Repeated) => finished(app, entry, order.action.did()).await,
        Ok(ActOutcome::Unchanged) => finished(app, entry, order.action.had()).await,
        Ok(ActOutcome::Moved) => {
            entry.refused(app, "changed").await;
            CaseOutcome::TooLate(
                "Something happened since the page was shown. Nothing was done. Look at the case first.".to_owned(),
            )
        }
        Err(ActError::Case(CaseError::HeldBy(other))) => {
            entry.refused(app, "held").await;
            CaseOutcome::TooLate(format!("{other} has it. Nothing was done."))
        }
        Err(ActError::Case(CaseError::Refused(sentence))) => {
            entry.refused(app, "refused").await;
            CaseOutcome::No(sentence)
        }
        Err(ActError::NoDispute) => {
            entry.refused(app, "no_case").await;
            CaseOutcome::No("There is no such case.".to_owned())
        }
        Err(ActError::Case(CaseError::Store(error))) => {
            // Whether it is done is not known, so its entry stays attempted.
            tracing::warn!(
                dispute = number.case_id(),
                error_code = error.code(),
                error = %error,
                "an order of the queue got no answer"
            );
            CaseOutcome::No(OUTCOME_UNKNOWN.to_owned())
        }
    })
}

async fn finished(app: &App, entry: Entry, text: String) -> CaseOutcome {
    entry.done(app).await;
    CaseOutcome::Yes(text)
}

impl Action {
    /// What was done, in words.
    fn did(&self) -> String {
        match self {
            Self::Take => "You have it now.".to_owned(),
            Self::Assign(to) => format!("{to} has it now."),
            Self::Release => "It waits for any agent now.".to_owned(),
        }
    }

    /// What was so before, in words.
    fn had(&self) -> String {
        match self {
            Self::Take => "You had it already.".to_owned(),
            Self::Assign(to) => format!("{to} had it already."),
            Self::Release => "It waited for any agent already.".to_owned(),
        }
    }
}
