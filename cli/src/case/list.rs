//! `recourse case list`: the cases that wait, the one with the least time left first.

use std::collections::BTreeMap;

use clap::Args;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::number::DisputeNumber;
use recourse_operations::SupportView;
use recourse_store::{CaseFile, CaseFilter, Store};
use recourse_support::case::State;
use serde::Serialize;

use super::STATES;
use crate::busy::Busy;
use crate::dispute::list::{each_dispute, ending, limit};
use crate::ending::{Ending, Failure};
use crate::operator::Operator;
use crate::output::{Format, note, say, say_json, visible};
use crate::system;

/// How many cases are read at most. States are no part of the index.
const MAX_READ: usize = 5_000;
/// How many disputes one call reads.
const BATCH: usize = 100;

const EXAMPLES: &str = "\
Examples:
  recourse case list
  recourse case list --state waiting_for_agent --json
  recourse case list --mine --limit 20

Without --state all cases are listed that are not resolved. Resolved cases come with the last one
first.";

/// List reported cases, the one with the least time left first
#[derive(Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{STATES}"))]
pub(crate) struct List {
    /// Only the cases in this state
    #[arg(long, value_parser = state)]
    state: Option<State>,
    /// Only those that you have, by --by or $USER
    #[arg(long)]
    mine: bool,
    /// List at most this many
    #[arg(long, default_value_t = 100, value_parser = limit)]
    limit: u64,
    #[command(flatten)]
    operator: Operator,
    #[command(flatten)]
    format: Format,
}

/// A case for a program. Times are ISO 8601.
#[derive(Serialize)]
struct CaseJson<'a> {
    case: String,
    #[serde(flatten)]
    support: SupportView,
    subject: Subject<'a>,
    last_message_at: Option<String>,
}

/// The transaction that a case is about.
#[derive(Serialize)]
struct Subject<'a> {
    trxid: &'a str,
    refid: &'a str,
    product: Option<&'a str>,
}

fn state(text: &str) -> Result<State, String> {
    State::parse(text).ok_or_else(|| format!("must be one of {}", State::ALL.map(State::name).join(", ")))
}

impl List {
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let mine = self.mine.then(|| self.operator.name()).transpose()?;
        let _busy = Busy::with("reading cases");
        let (now, mut listed, mut unread) = (system::now(), Vec::new(), 0);
        // A case whose dispute was closed a moment ago is resolved, and still among the open ones.
        for filter in match self.state {
            Some(State::Resolved) => &[CaseFilter::Open, CaseFilter::Resolved][..],
            _ => &[CaseFilter::Open],
        } {
            let found = store.support_cases(*filter, MAX_READ).await?;
            for number in &found.unread {
                unread += 1;
                note(&format!("{}: this release cannot read the case", number.case_id()));
            }
            if found.cases.len() >= MAX_READ {
                note(&format!("there may be more; these are the first {MAX_READ}"));
            }
            let (disputes, lost) = disputes(store, &found.cases).await?;
            unread += lost;
            listed.extend(found.cases.into_iter().filter_map(|case| {
                let dispute = disputes.get(&case.number)?.clone();
                let view = SupportView::of(&case, &dispute, now)?;
                self.takes(&view, mine.as_deref()).then_some((case, dispute, view))
            }));
        }
        let mut numbers = std::collections::BTreeSet::new();
        listed.retain(|(case, ..)| numbers.insert(case.number));
        if self.state != Some(State::Resolved) {
            // As the queue has them. The index has a case that is overdue where the supervisors are
            // mailed next.
            let limit = |case: &CaseFile| case.support.as_ref().and_then(|support| support.limit_at);
            listed.sort_by_key(|(case, ..)| (limit(case).is_none(), limit(case), case.number));
        }
        listed.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
        if self.format.is_json() {
            let cases: Vec<_> = listed.iter().map(|(case, dispute, view)| to_json(case, dispute, view)).collect();
            say_json(&cases)?;
        } else if listed.is_empty() && unread == 0 {
            say("no case")?;
        } else if !listed.is_empty() {
            let lines: Vec<_> = listed.iter().map(|(case, dispute, view)| line(case, dispute, view)).collect();
            say(&lines.join("\n"))?;
        }
        Ok(ending(unread))
    }

    fn takes(&self, view: &SupportView, mine: Option<&str>) -> bool {
        let is_state = match self.state {
            Some(state) => view.state == state.name(),
            None => view.state != State::Resolved.name(),
        };
        is_state && mine.is_none_or(|me| view.owner.as_deref() == Some(me))
    }
}

/// The disputes of some cases by their numbers, and how many cannot be read. Each of those is named
/// on stderr.
async fn disputes(store: &Store, cases: &[CaseFile]) -> Result<(BTreeMap<DisputeNumber, Dispute>, u64), Failure> {
    let numbers: Vec<_> = cases.iter().map(|case| case.number).collect();
    let (mut disputes, mut unread) = (BTreeMap::new(), 0);
    for numbers in numbers.chunks(BATCH) {
        unread += each_dispute(store, numbers, |dispute| {
            disputes.insert(dispute.number, dispute);
            Ok(())
        })
        .await?;
    }
    Ok((disputes, unread))
}

fn to_json<'a>(case: &CaseFile, dispute: &'a Dispute, view: &SupportView) -> CaseJson<'a> {
    let facts = &dispute.facts;
    CaseJson {
        case: case.number.case_id(),
        support: view.clone(),
        subject: Subject {
            trxid: facts.trxid.as_str(),
            refid: facts.refid.as_str(),
            product: facts.product.as_deref(),
        },
        last_message_at: (case.messages > 0).then(|| case.last_at.iso8601()),
    }
}

fn line(case: &CaseFile, dispute: &Dispute, view: &SupportView) -> String {
    let facts = &dispute.facts;
    let owner = view.owner.as_deref().map_or("-".into(), visible);
    format!(
        "{}  {:<20}  {owner:<16}  {:<30}  {:<22}  trxid {}, refid {} of {}",
        case.number.case_id(),
        view.state,
        view.time(),
        view.reason,
        facts.trxid,
        visible(facts.refid.as_str()),
        facts.account,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(state: State, owner: Option<&str>) -> SupportView {
        SupportView {
            state: state.name(),
            owner: owner.map(str::to_owned),
            limit_at: None,
            overdue: false,
            overdue_ms: 0,
            due_at: None,
            reason: "reported",
        }
    }

    fn list(state: Option<State>) -> List {
        List { state, mine: false, limit: 1, operator: Operator::default(), format: Format::default() }
    }

    #[test]
    fn all_that_is_not_resolved_is_listed_unless_a_state_is_named() {
        for state in State::ALL {
            assert_eq!(list(None).takes(&view(state, None), None), state != State::Resolved);
            for wanted in State::ALL {
                assert_eq!(list(Some(wanted)).takes(&view(state, None), None), state == wanted);
            }
        }
    }

    #[test]
    fn mine_are_those_that_i_have() {
        let takes = |owner| list(None).takes(&view(State::WaitingForAgent, owner), Some("alice"));
        assert!(takes(Some("alice")) && !takes(Some("bob")) && !takes(None) && !takes(Some("automation")));
    }

    #[test]
    fn an_unknown_state_names_all() {
        assert_eq!(state("answered"), Ok(State::Answered));
        let rule = state("open").unwrap_err();
        assert!(rule.starts_with("must be one of new, waiting_for_provider,") && rule.ends_with("resolved"), "{rule}");
    }
}
