//! A dry run: what playbooks that somebody wrote would change of the last cases. Nothing is
//! written.

use std::collections::{BTreeMap, BTreeSet};

use recourse_casework::{Casework, PlaybookMove, PlaybookSet, Rehearsed};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_store::{CaseFile, CaseFilter, Store, StoreError};
use recourse_support::case::{Kind, State};
use recourse_support::decision::Decision;
use recourse_support::event::{InFavourOf, ProviderState};
use recourse_support::playbook::Playbooks;

/// How many cases a dry run looks at.
pub const DRY_RUN_CASES: usize = 100;

/// What a dry run found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DryRun {
    /// Each case, the one that moved last first.
    pub cases: Vec<DryRunCase>,
    /// The cases that this release cannot read.
    pub unread: Vec<DisputeNumber>,
}

/// One case of a dry run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DryRunCase {
    /// Which.
    pub number: DisputeNumber,
    /// What was bought.
    pub kind: Kind,
    /// Where the case is.
    pub state: State,
    /// When it last moved or had a message.
    pub at: UnixMillis,
    /// Its way under the playbooks of today, a few words each.
    pub today: Vec<String>,
    /// Its way under the other ones.
    pub then: Vec<String>,
    /// What becomes of where it is now; `None` of a case that no playbook moves.
    pub moves: Option<PlaybookMove>,
}

impl DryRunCase {
    /// Whether anything would be different.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.today != self.then || self.moves.is_some_and(|moves| moves != PlaybookMove::GoesOn)
    }
}

/// The last cases under `wanted`, against the playbooks of today: of the cases with the support
/// process, the hundred that moved last among those that were resolved last and those that are due
/// first.
///
/// # Errors
/// [`StoreError`].
pub async fn dry_run(store: &Store, casework: &Casework, wanted: Playbooks) -> Result<DryRun, StoreError> {
    let (mut files, mut run) = (Vec::<CaseFile>::new(), DryRun::default());
    for filter in [CaseFilter::Open, CaseFilter::Resolved] {
        let found = store.support_cases(filter, DRY_RUN_CASES).await?;
        files.extend(found.cases);
        run.unread.extend(found.unread);
    }
    let mut numbers = BTreeSet::new();
    files.retain(|case| numbers.insert(case.number));
    // An open case without a message is waiting now.
    let is_silent = |case: &CaseFile| case.resolved_at.is_none() && case.messages == 0;
    files.sort_by_key(|case| std::cmp::Reverse((is_silent(case), moved_at(case), case.number)));
    files.truncate(DRY_RUN_CASES);
    let wanted = PlaybookSet::Ready(wanted);
    let numbers: Vec<_> = files.iter().map(|file| file.number).collect();
    let moved: BTreeMap<_, _> = files.iter().map(|file| (file.number, moved_at(file))).collect();
    for (number, read) in Box::pin(store.support_snapshots(&numbers)).await? {
        // A case that this release cannot read must not hide the others.
        let Ok(snapshot) = read else {
            run.unread.push(number);
            continue;
        };
        let state = snapshot.case.as_ref().and_then(|case| case.effective(&snapshot.dispute));
        let Some(state) = state else { continue };
        run.cases.push(DryRunCase {
            number,
            kind: snapshot.transaction.as_ref().map(|transaction| transaction.kind).unwrap_or_default(),
            state,
            at: moved.get(&number).map_or(snapshot.dispute.opened_at, |at| snapshot.dispute.opened_at.max(*at)),
            today: words(&casework.rehearse(casework.playbooks(), &snapshot)),
            then: words(&casework.rehearse(&wanted, &snapshot)),
            moves: casework.playbook_move(&wanted, &snapshot),
        });
    }
    run.cases.sort_by_key(|case| std::cmp::Reverse((case.at, case.number)));
    Ok(run)
}

/// When a case last had a message or was resolved; one without either is the oldest.
fn moved_at(case: &CaseFile) -> UnixMillis {
    case.resolved_at.unwrap_or(case.last_at).max(case.last_at)
}

fn words(way: &[Rehearsed]) -> Vec<String> {
    way.iter().map(part).collect()
}

/// A part of a case's way, for a person.
fn part(part: &Rehearsed) -> String {
    let decision = match part {
        Rehearsed::CustomerAnswered => return "the customer answers".to_owned(),
        Rehearsed::ProviderAnswered(state) => {
            return match state {
                ProviderState::Delivered => "the provider says delivered",
                ProviderState::Failed => "the provider says failed",
                ProviderState::Unknown => "the provider knows nothing",
                ProviderState::Pending => "the provider is not done",
            }
            .to_owned();
        }
        Rehearsed::Decided(decision) => decision,
    };
    let with_mail = |what: String, mail: &Option<recourse_support::templates::TemplateId>| match mail {
        Some(mail) => format!("{what}, and mails {}", mail.name()),
        None => what,
    };
    match decision {
        Decision::Answer { template, .. } => format!("answers with {}", template.name()),
        Decision::Ask(question) => format!("asks the customer for {}", question.name()),
        Decision::AskProvider { notify } => with_mail("asks the provider".to_owned(), notify),
        Decision::Wait { seconds, notify } => with_mail(format!("waits {}", span(*seconds)), notify),
        Decision::Escalate(_) => "an agent gets it".to_owned(),
        Decision::Close { in_favour_of: InFavourOf::Customer, .. } => "closes for the customer".to_owned(),
        Decision::Close { in_favour_of: InFavourOf::Merchant, .. } => "closes for the merchant".to_owned(),
    }
}

/// A time in the largest unit that says it exactly.
fn span(seconds: u32) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "min")];
    let exact = units.into_iter().find(|(unit, _)| seconds > 0 && seconds.is_multiple_of(*unit));
    exact.map_or_else(|| format!("{seconds} s"), |(unit, name)| format!("{} {name}", seconds / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_exact() {
        let spans = [0, 59, 60, 90, 3_600, 5_400, 86_400, 604_800].map(span);
        assert_eq!(spans, ["0 s", "59 s", "1 min", "90 s", "1 h", "90 min", "1 d", "7 d"]);
    }

    #[test]
    fn a_case_changes_by_its_way_or_by_where_it_is() {
        let case = |then: &str, moves| DryRunCase {
            number: DisputeNumber::from_base62("4fQ9zLk2").unwrap(),
            kind: Kind::Voucher,
            state: State::New,
            at: UnixMillis(0),
            today: vec!["asks the provider".to_owned()],
            then: vec![then.to_owned()],
            moves,
        };
        assert!(!case("asks the provider", None).changes());
        assert!(!case("asks the provider", Some(PlaybookMove::GoesOn)).changes());
        assert!(case("an agent gets it", Some(PlaybookMove::GoesOn)).changes());
        assert!(case("asks the provider", Some(PlaybookMove::ToAgent)).changes());
        assert!(case("asks the provider", Some(PlaybookMove::BeginsAgain)).changes());
    }
}
