use recourse_support::case::{Kind, Language};
use recourse_support::limits::{Limits, Setup};
use recourse_support::time::UnixSeconds;

use super::*;

const NOW: UnixMillis = UnixMillis(1_764_547_200_000);

fn case() -> CaseFile {
    let setup = Setup { limits: Limits::shipped().unwrap(), max_model_calls: 0, has_provider: true };
    let support = SupportCase::new(Kind::Voucher, Language::english(), UnixSeconds(NOW.seconds()), &setup);
    CaseFile::begin(DisputeNumber::try_from(551).unwrap(), Some(support))
}

fn work(id: u32) -> Work {
    Work { id, kind: WorkKind::Provider, due: NOW }
}

#[test]
fn a_case_is_due_at_its_first_time_and_a_claimed_one_when_the_claim_ends() {
    let mut case = case();
    let retry = Limits::shipped().unwrap().decision_retry;
    assert_eq!(case.due(), Some(NOW.plus(i64::from(retry) * 1000)));
    case.set_work(Some(work(1)));
    assert_eq!((case.due(), case.claimable(NOW)), (Some(NOW), Some(work(1))));
    assert_eq!(case.claimable(NOW.plus(-1)), None);
    case.claimed_until = Some(NOW.plus(45_000));
    assert_eq!((case.due(), case.place(NOW)), (Some(NOW.plus(45_000)), Some((SUPPORT, NOW.plus(45_000)))));
    assert_eq!(case.claimable(NOW.plus(44_999)), None);
    assert_eq!(case.claimable(NOW.plus(45_000)), Some(work(1)));
}

#[test]
fn a_claim_stays_with_its_work_alone() {
    let mut case = case();
    case.set_work(Some(work(1)));
    case.claimed_until = Some(NOW);
    case.set_work(Some(work(1)));
    assert!(case.claimed_until.is_some() && case.waits_for(work(1)));
    assert!(!case.waits_for(Work { kind: WorkKind::Model, ..work(1) }));
    case.set_work(Some(work(2)));
    assert_eq!(case.claimed_until, None);
    case.claimed_until = Some(NOW);
    case.set_work(None);
    assert_eq!((case.claimed_until, case.waits_for(work(2))), (None, false));
}

#[test]
fn a_resolved_case_keeps_the_time_at_which_it_was_resolved() {
    let mut case = case();
    let support = case.support.as_mut().unwrap();
    (support.state, support.limit_at, support.next_at) = (State::Resolved, None, None);
    let resolved = case.dated(&[], NOW);
    assert_eq!(resolved.place(NOW), Some((RESOLVED, NOW)));
    let later = resolved.dated(&[], NOW.plus(1000));
    assert_eq!((later.due(), later.place(NOW.plus(1000))), (None, Some((RESOLVED, NOW))));
    let mut again = later;
    again.support.as_mut().unwrap().state = State::WaitingForAgent;
    let again = again.dated(&[], NOW.plus(2000));
    assert_eq!(again.resolved_at, None);
    assert_eq!(again.place(NOW.plus(2000)), Some((SUPPORT, NOW.plus(2000))), "what has no time is due at once");
}

#[test]
fn a_case_without_the_process_is_in_no_index() {
    let case = CaseFile::begin(DisputeNumber::try_from(551).unwrap(), None).dated(&[], NOW);
    assert_eq!((case.due(), case.place(NOW), case.resolved_at), (None, None, None));
}
