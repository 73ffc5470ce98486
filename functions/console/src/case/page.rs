//! The page of a case.

use askama::Template;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::text::visible;
use recourse_operations::{Stop, allowed, forecast, labels, millis, stopped};
use recourse_store::Permission;
use recourse_support::case::State;

use super::NAV;
use super::facts::{self, Row};
use super::find::{Found, find};
use super::item::{FileItem, Left, Look, ThreadItem, Time, TimelineItem, thread_items, timeline_items};
use super::load::Loaded;
use super::news::News;
use crate::{Frame, Visitor};

/// What was written before, and what is to be said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    /// What was done.
    pub(super) done: Option<&'static str>,
    /// Why it was not.
    pub(super) error: Option<String>,
    pub(super) reply: String,
    pub(super) note: String,
    pub(super) why: String,
    /// In whose favour the case is to be resolved, as a form names it.
    pub(super) side: Option<&'static str>,
    /// The text to find.
    pub(super) find: Option<String>,
}

/// Where the case is.
struct Head {
    case_id: String,
    state: String,
    class: &'static str,
    owner: Option<String>,
    is_mine: bool,
    left: Option<Left>,
    reason: Option<&'static str>,
    environment: Option<&'static str>,
}

/// What the automation does.
struct Automation {
    rows: Vec<Row>,
    next: Option<(Left, Vec<String>)>,
    stop: Option<(Time, Stop)>,
    problem: Option<String>,
    has_process: bool,
}

/// What somebody other than an operator may do now.
struct OthersRights {
    who: String,
    through: Option<&'static str>,
    actions: Vec<String>,
}

/// The page of a case.
#[derive(Template)]
#[template(path = "case.html")]
pub(super) struct CasePage {
    frame: Frame,
    seen: String,
    submission: String,
    news: News,
    draft: Draft,
    head: Head,
    customer: Vec<Row>,
    /// The address whose disputes can be looked for.
    customer_address: Option<String>,
    /// The environment that they are looked for in.
    environment: &'static str,
    /// Who gets a reply, where it is not the customer with the account in Cc.
    only_reader: Option<String>,
    transaction: Vec<Row>,
    others: Vec<String>,
    thread: Vec<ThreadItem>,
    evidence: Vec<FileItem>,
    timeline: Vec<TimelineItem>,
    automation: Automation,
    rights: Vec<OthersRights>,
    found: Option<Found>,
    templates: Vec<(&'static str, &'static str)>,
    agents: Vec<String>,
    unread: Vec<String>,
    can_work: bool,
    can_assign: bool,
    can_reply: bool,
    /// Whether the support process can be taken, given and released.
    is_live: bool,
    /// Whether there is something to resolve.
    can_resolve: bool,
    /// Whether the dispute itself is to be decided.
    is_open: bool,
}

impl CasePage {
    pub(super) fn of(visitor: &Visitor, loaded: &Loaded, draft: Draft, submission: &str) -> Self {
        let record = &loaded.record;
        let dispute = &record.record.dispute;
        let case_id = dispute.number.case_id();
        let state = record.case.as_ref().and_then(|case| case.effective(dispute));
        let is_live = state.is_some_and(|state| state != State::Resolved);
        let is_open = dispute.state.is_open();
        let thread = thread_items(&case_id, record);
        let timeline = timeline_items(record);
        let found = draft.find.as_deref().map(|wanted| find(wanted, &thread, &timeline));
        let others = loaded.transaction.iter().flat_map(|transaction| &transaction.disputes);
        Self {
            frame: visitor.frame(&format!("Case {case_id}"), NAV),
            seen: loaded.seen().to_string(),
            submission: submission.to_owned(),
            news: News::none(visitor, loaded),
            head: head(visitor, loaded, state, is_live),
            customer: facts::customer(loaded),
            customer_address: facts::customer_address(loaded).map(|address| address.as_str().to_owned()),
            only_reader: facts::only_reader(loaded),
            environment: dispute.facts.environment.name(),
            transaction: facts::transaction(loaded),
            others: others.filter(|number| **number != dispute.number).map(|number| number.case_id()).collect(),
            evidence: dispute.claim.evidence.iter().map(|file| FileItem::of_evidence(&case_id, file)).collect(),
            automation: automation(loaded),
            rights: others_rights(loaded),
            templates: loaded
                .drafts
                .iter()
                .map(|(template, _)| (template.name(), labels::template(*template)))
                .collect(),
            agents: loaded.agents.iter().map(|agent| agent.as_str().to_owned()).collect(),
            unread: record.record.unread.clone(),
            can_work: visitor.can(Permission::Work),
            can_assign: visitor.can(Permission::Assign),
            can_reply: dispute.recipients.is_some() && dispute.facts.environment.sends_mail(),
            is_live,
            can_resolve: is_live || can_decide(loaded),
            is_open,
            draft,
            thread,
            timeline,
            found,
        }
    }
}

/// Whether an operator may decide the dispute now.
fn can_decide(loaded: &Loaded) -> bool {
    allowed::allowed(&loaded.record.record.dispute, loaded.now).iter().any(|step| step.actor == Actor::Operator)
}

fn head(visitor: &Visitor, loaded: &Loaded, state: Option<State>, is_live: bool) -> Head {
    let dispute = &loaded.record.record.dispute;
    let support = loaded.record.case.as_ref().and_then(|case| case.support.as_ref());
    let limit = support.filter(|_| is_live).and_then(|support| support.limit_at).map(|at| millis(at.0));
    let limit = limit.or_else(|| dispute.deadline.filter(|_| dispute.state.is_open()).map(|deadline| deadline.ends_at));
    let owner = facts::owner(loaded).filter(|_| is_live);
    Head {
        case_id: dispute.number.case_id(),
        state: state.map_or_else(|| labels::state(dispute.state), |state| labels::support_state(state).to_owned()),
        class: match state {
            Some(State::WaitingForAgent) => "warn",
            Some(State::Resolved) => "good",
            _ => "",
        },
        is_mine: owner.as_deref() == Some(visitor.operator.name.as_str()),
        owner,
        left: limit.map(|at| Left::of(at, loaded.now)),
        reason: support.filter(|_| is_live).map(|support| support.reason.sentence()),
        environment: (!dispute.facts.environment.sends_mail()).then_some("staging"),
    }
}

fn automation(loaded: &Loaded) -> Automation {
    let next = forecast(&loaded.casework, &loaded.snapshot, loaded.now);
    let is_open = loaded.record.case.as_ref().and_then(|case| case.effective(&loaded.record.record.dispute));
    let next = next.filter(|_| is_open.is_some_and(|state| state != State::Resolved));
    Automation {
        rows: facts::process(loaded),
        next: next.map(|next| (Left::of(next.at, loaded.now), next.steps)),
        stop: stopped(&loaded.record).map(|stop| (Time::of(stop.at), stop)),
        problem: loaded.playbooks_problem.clone(),
        has_process: loaded.record.case.as_ref().is_some_and(|case| case.support.is_some()),
    }
}

/// What banks, merchants and clients may do now, each through its API. It is shown and not offered.
fn others_rights(loaded: &Loaded) -> Vec<OthersRights> {
    let dispute = &loaded.record.record.dispute;
    let mut rights: Vec<(Actor, OthersRights)> = Vec::new();
    for step in allowed::allowed(dispute, loaded.now) {
        if step.actor == Actor::Operator {
            continue;
        }
        let action = format!("{}, which leads to: {}", labels::action(step.action), labels::state(step.leads_to));
        match rights.iter_mut().find(|(actor, _)| *actor == step.actor) {
            Some((_, known)) => known.actions.push(action),
            None => rights.push((
                step.actor,
                OthersRights {
                    who: visible(&allowed::who(dispute, step.actor)).into_owned(),
                    through: allowed::through(dispute, step.actor),
                    actions: vec![action],
                },
            )),
        }
    }
    rights.into_iter().map(|(_, rights)| rights).collect()
}
