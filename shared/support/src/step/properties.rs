//! What holds after any events in any order.

use proptest::prelude::*;

use super::tests::{Run, T0, message, setup};
use super::*;
use crate::case::Owner;
use crate::case::{AgentName, Kind};
use crate::decision::{Decision, Ruling};
use crate::event::InFavourOf;
use crate::event::{CustomerMessage, Intent, ProviderAnswer, ProviderState, SenderTag};
use crate::limits::MAX_AUTOMATIC_MAILS;
use crate::limits::MAX_DECISIONS;
use crate::reason::Reason;
use crate::templates::Question;
use crate::templates::{Slots, TemplateId};

fn intent() -> impl Strategy<Value = Intent> {
    prop::sample::select(vec![Intent::WorksNow, Intent::Objection, Intent::Thanks, Intent::Nothing, Intent::Unclear])
}

fn customer() -> impl Strategy<Value = Event> {
    (intent(), 0_u32..3, 0_u32..2, any::<(bool, bool)>(), 0_u8..10, "[ab]").prop_map(
        |(intent, accepted, refused, (account, topup), verified, sender)| {
            Event::CustomerWrote(CustomerMessage {
                sender: SenderTag::parse(&sender).unwrap(),
                is_verified: verified > 0,
                accepted_attachments: accepted,
                refused_attachments: refused,
                has_account_number: account,
                has_topup_number: topup,
                ..message(intent)
            })
        },
    )
}

fn provider() -> impl Strategy<Value = Event> {
    let states = vec![ProviderState::Delivered, ProviderState::Pending, ProviderState::Failed, ProviderState::Unknown];
    (prop::sample::select(states), prop::option::of(any::<u32>())).prop_map(|(state, retry_after)| {
        Event::ProviderAnswered(ProviderAnswer::new(state, Some("R1"), Some("evidence"), retry_after))
    })
}

fn decision() -> impl Strategy<Value = Decision> {
    prop_oneof![
        prop::sample::select(TemplateId::ALL.to_vec())
            .prop_map(|template| Decision::Answer { template, slots: Slots::new() }),
        prop::sample::select(Question::ALL.to_vec()).prop_map(Decision::Ask),
        Just(Decision::AskProvider { notify: Some(TemplateId::ProviderAsked) }),
        (0_u32..100_000).prop_map(|seconds| Decision::Wait { seconds, notify: Some(TemplateId::StillWaiting) }),
        prop::sample::select(Reason::ALL.to_vec()).prop_map(Decision::Escalate),
        prop::sample::select(Reason::ALL.to_vec())
            .prop_map(|reason| Decision::Close { in_favour_of: InFavourOf::Customer, reason }),
    ]
}

fn ruling() -> impl Strategy<Value = Ruling> {
    decision().prop_map(|decision| Ruling {
        decision,
        by: DecidedBy::Model("m".into()),
        position: None,
        saw: Vec::new(),
    })
}

pub(crate) fn event() -> impl Strategy<Value = Event> {
    let agent = || prop::sample::select(vec!["A", "B"]).prop_map(|name| AgentName::parse(name).unwrap());
    prop_oneof![
        1 => Just(Event::Opened),
        8 => customer(),
        1 => Just(Event::AutoReplyNoted),
        1 => Just(Event::AccountWrote),
        1 => Just(Event::ThirdPartyWrote),
        1 => Just(Event::CustomerUnreachable),
        5 => provider(),
        2 => Just(Event::ProviderUnreachable),
        2 => ruling().prop_map(Event::Decided),
        4 => (1_u32..5, ruling()).prop_map(|(call, ruling)| Event::ModelAnswered { call, ruling, language: None }),
        1 => (1_u32..5).prop_map(|call| Event::ModelRefused { call, code: "malformed", is_unsure: false }),
        1 => (1_u32..5).prop_map(|call| Event::ModelFailed { call }),
        1 => Just(Event::MailRefused),
        8 => Just(Event::TimeReached),
        1 => agent().prop_map(Event::AgentTook),
        1 => (agent(), prop::option::of(agent())).prop_map(|(by, to)| Event::AgentAssigned { by, to }),
        2 => agent().prop_map(Event::AgentReplied),
        1 => agent().prop_map(Event::AgentNoted),
        1 => agent().prop_map(|by| Event::AgentResolved { by, in_favour_of: InFavourOf::Customer }),
        1 => prop::sample::select(vec![Event::TransactionRefunded, Event::TransactionFailed, Event::DisputeEnded]),
    ]
}

/// Seconds to let pass, or up to the time that the case is due.
pub(crate) fn pause() -> impl Strategy<Value = Option<u32>> {
    prop_oneof![Just(Some(0)), (0_u32..90).prop_map(Some), (0_u32..1_000_000).prop_map(Some), Just(None)]
}

fn check(run: &Run, before: &SupportCase, is_step: bool) -> Result<(), TestCaseError> {
    let case = &run.case;
    // Every state but `resolved` moves by itself.
    if case.state == State::Resolved {
        prop_assert_eq!(case.due_at(), case.held.as_ref().map(|held| held.not_before));
        prop_assert_eq!(&case.owner, &Owner::Nobody);
    } else {
        let waits_for_agent = case.state == State::WaitingForAgent;
        prop_assert!(case.limit_at.is_some_and(|at| at > run.now || waits_for_agent), "{case:?}");
        prop_assert!(!waits_for_agent || case.next_at.is_some(), "{case:?}");
        // Whoever has it, a case that goes on waiting for an agent gets no more time.
        let stays = run.effects.iter().all(|effect| match effect {
            Effect::Record(entry) => (entry.from, entry.to) == (State::WaitingForAgent, State::WaitingForAgent),
            _ => true,
        });
        if before.state == State::WaitingForAgent && stays {
            prop_assert_eq!(case.limit_at, before.limit_at);
        }
        prop_assert_eq!(
            case.state == State::WaitingForAgent,
            case.owner != Owner::Automation && case.state != State::WaitingForCustomer
        );
    }
    prop_assert!(case.due_at().is_none_or(|due| due > run.now), "due {:?} at {:?}", case.due_at(), run.now);
    // What changed is in the history, and leads from one state to the next.
    let mut state = before.state;
    for effect in &run.effects {
        if let Effect::Record(entry) = effect {
            prop_assert_eq!((entry.at, entry.from), (run.now, state));
            state = entry.to;
        }
    }
    prop_assert_eq!(state, case.state);
    // A closed dispute stays closed.
    let closes = run.effects.iter().filter(|effect| matches!(effect, Effect::CloseDispute { .. })).count();
    prop_assert!(closes <= 1 && (closes == 0 || (before.dispute_open && !case.dispute_open)));
    prop_assert!(before.dispute_open || !case.dispute_open);
    // No more than what is allowed.
    prop_assert!(case.counters.automatic_mails <= MAX_AUTOMATIC_MAILS);
    prop_assert!(case.counters.model_calls <= run.setup.max_model_calls);
    prop_assert!(case.counters.decisions <= MAX_DECISIONS + 1 || !is_step);
    prop_assert!(case.inbound.len() <= 32 && case.inbound.iter().all(|window| window.at.len() <= 5));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_events_in_any_order_keep_the_invariants(
        kind in prop::sample::select(Kind::ALL.to_vec()),
        max_model_calls in 0_u32..4,
        has_provider in any::<bool>(),
        events in prop::collection::vec((pause(), event()), 1..60),
    ) {
        let mut run = Run::new(kind, Setup { max_model_calls, has_provider, ..setup() });
        let mut mails: Vec<UnixSeconds> = Vec::new();
        for (pause, event) in &events {
            run.now = match pause {
                Some(seconds) => run.now.plus(*seconds),
                None => run.case.due_at().unwrap_or(run.now).max(run.now),
            };
            let before = run.case.clone();
            // The same step twice is the same.
            let first = advance(&before, event, run.now, &run.setup, &run.playbooks);
            run.bring(event);
            prop_assert_eq!((&first.case, &first.effects), (&run.case, &run.effects));
            check(&run, &before, true)?;
            let sent = run.effects.iter().filter(|effect| matches!(effect, Effect::SendMail(_))).count();
            mails.extend(std::iter::repeat_n(run.now, sent));
        }
        prop_assert!(mails.len() <= 20);
        for pair in mails.windows(2) {
            prop_assert!(pair[1].0 - pair[0].0 >= 3_600, "{mails:?}");
        }
    }

    #[test]
    fn a_stranger_or_a_forger_never_closes_a_case(events in prop::collection::vec(customer(), 1..30)) {
        let mut run = Run::new(Kind::Voucher, setup());
        run.bring(&Event::Opened);
        for event in events {
            let Event::CustomerWrote(message) = event else { continue };
            run.bring(&Event::ThirdPartyWrote);
            run.bring(&Event::CustomerWrote(CustomerMessage { is_verified: false, ..message }));
            prop_assert!(run.case.dispute_open && run.case.state != State::Resolved);
            prop_assert!(run.case.facts.provided.is_empty());
        }
    }

    /// Left alone in whatever state, with a provider and a model that never answer, a case comes to
    /// a person or is resolved within a time that the limits give.
    #[test]
    fn whatever_happened_a_case_left_alone_ends_with_a_person_or_resolved(
        kind in prop::sample::select(Kind::ALL.to_vec()),
        max_model_calls in 0_u32..4,
        has_provider in any::<bool>(),
        events in prop::collection::vec((pause(), event()), 0..40),
    ) {
        let mut run = Run::new(kind, Setup { max_model_calls, has_provider, ..setup() });
        for (pause, event) in &events {
            run.now = run.now.plus(pause.unwrap_or(0));
            run.bring(event);
        }
        let since = run.now;
        for _ in 0..10_000 {
            if matches!(run.case.state, State::WaitingForAgent | State::Resolved) {
                break;
            }
            run.now = run.case.due_at().unwrap();
            run.bring(&Event::TimeReached);
        }
        prop_assert!(matches!(run.case.state, State::WaitingForAgent | State::Resolved));
        // The longest way: a week for the customer, and what a playbook waits for meanwhile.
        prop_assert!(run.now.0 - since.0 <= 15 * 86_400, "{} seconds", run.now.0 - since.0);
    }
}

#[test]
fn every_state_is_walked_to_its_time_limit() {
    for state in State::ALL {
        let mut run = Run::new(Kind::Voucher, setup());
        run.case.state = state;
        run.case.owner = match state {
            State::Resolved | State::WaitingForAgent => Owner::Nobody,
            _ => Owner::Automation,
        };
        run.case.limit_at = (state != State::Resolved).then(|| T0.plus(100));
        run.case.next_at = run.case.limit_at.filter(|_| state == State::WaitingForAgent);
        run.now = T0.plus(99);
        run.bring(&Event::TimeReached);
        assert_eq!((run.case.state, run.effects.len()), (state, 0), "not yet");
        run.now = T0.plus(100);
        run.bring(&Event::TimeReached);
        let (after, reason) = match state {
            State::New => (State::WaitingForAgent, Reason::FirstAnswerLate),
            State::WaitingForProvider => (State::WaitingForAgent, Reason::ProviderLate),
            State::WaitingForCustomer => (State::WaitingForAgent, Reason::CustomerSilent),
            State::WaitingForAgent => (State::WaitingForAgent, Reason::Reported),
            State::Answered => (State::Resolved, Reason::NoObjection),
            State::Resolved => (State::Resolved, Reason::Reported),
        };
        assert_eq!((run.case.state, run.case.reason), (after, reason), "{state:?}");
        let supervised = run.effects.iter().any(|effect| matches!(effect, Effect::MailSupervisors { .. }));
        assert_eq!(supervised, state == State::WaitingForAgent);
    }
}
