//! What playbooks would do with a case from its beginning, with the answers that customer and
//! provider gave in fact. Nothing is written, and nobody is asked.
//!
//! What the model, the limits and the customer's own wish to end it do is the same under every
//! playbook, and no part of this.

use recourse_store::SupportSnapshot;
use recourse_support::case::{Facts, Kind, Owner, State};
use recourse_support::decision::{CaseView, Decision, Engine};
use recourse_support::event::ProviderState;

use crate::playbooks::PlaybookEngine;
use crate::step::{has_provider, kind_of};
use crate::{Casework, PlaybookSet};

/// A playbook may go round as long as it waits; more decisions than this are not followed.
const MAX_DECISIONS: usize = 12;

/// A part of the way that a case takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rehearsed {
    /// The playbook decides.
    Decided(Decision),
    /// The customer has answered.
    CustomerAnswered,
    /// The provider has answered this.
    ProviderAnswered(ProviderState),
}

/// What becomes of an open case that is at a step of the playbook of today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaybookMove {
    /// It goes on from its step.
    GoesOn,
    /// The playbook of its kind has another name, so the case begins again when it is next decided.
    BeginsAgain,
    /// The playbook has no such step any more, so an agent gets the case when it is next decided.
    ToAgent,
}

impl Casework {
    /// The way of a case under these playbooks, up to the first answer that is not there, or to its
    /// end. Without a support process there is none.
    #[must_use]
    pub fn rehearse(&self, playbooks: &PlaybookSet, snapshot: &SupportSnapshot) -> Vec<Rehearsed> {
        let Some(case) = snapshot.case.as_ref().and_then(|case| case.support.as_ref()) else { return Vec::new() };
        let engine = PlaybookEngine { playbooks, reads_replies: self.settings.reads_replies };
        let (known, has_provider) = (&case.facts, has_provider(snapshot));
        let (mut facts, mut position, mut waited, mut way) = (Facts::default(), None, false, Vec::new());
        for _ in 0..MAX_DECISIONS {
            let view = CaseView {
                kind: kind_of(snapshot),
                state: State::New,
                language: &case.language,
                facts: &facts,
                position: position.as_ref(),
                intent: None,
                has_provider,
                waited,
            };
            let ruling = engine.decide(&view);
            (position, waited) = (ruling.position, matches!(ruling.decision, Decision::Wait { .. }));
            way.push(Rehearsed::Decided(ruling.decision.clone()));
            match ruling.decision {
                Decision::Ask(question) if known.provided.contains(&question.fact()) => {
                    facts.provided.insert(question.fact());
                    way.push(Rehearsed::CustomerAnswered);
                }
                Decision::AskProvider { .. } => {
                    let answer = known.provider.as_ref().filter(|answer| answer.state != ProviderState::Pending);
                    let Some(answer) = answer else { break };
                    facts.provider = Some(answer.clone());
                    way.push(Rehearsed::ProviderAnswered(answer.state));
                }
                Decision::Wait { .. } => {}
                Decision::Ask(_) | Decision::Answer { .. } | Decision::Escalate(_) | Decision::Close { .. } => break,
            }
        }
        way
    }

    /// What these playbooks would make of where a case is now; `None` for a case that no playbook
    /// moves.
    #[must_use]
    pub fn playbook_move(&self, playbooks: &PlaybookSet, snapshot: &SupportSnapshot) -> Option<PlaybookMove> {
        let file = snapshot.case.as_ref()?;
        let (case, state) = (file.support.as_ref()?, file.effective(&snapshot.dispute)?);
        let position =
            case.position.as_ref().filter(|_| state != State::Resolved && case.owner == Owner::Automation)?;
        let kind: Kind = kind_of(snapshot);
        Some(match playbooks.of(kind) {
            Some(playbook) if playbook.name() != position.playbook => PlaybookMove::BeginsAgain,
            Some(playbook) if playbook.has_step(&position.step) => PlaybookMove::GoesOn,
            Some(_) | None => PlaybookMove::ToAgent,
        })
    }
}

#[cfg(test)]
mod tests {
    use recourse_support::case::Fact;
    use recourse_support::event::ProviderAnswer;
    use recourse_support::playbook::Playbooks;
    use recourse_support::reason::Reason;
    use recourse_support::templates::Question;

    use super::*;
    use crate::CaseInput;
    use crate::tests::Run;

    const PHOTO: Rehearsed = Rehearsed::Decided(Decision::Ask(Question::VoucherPhoto));
    const PROVIDER: Rehearsed = Rehearsed::Decided(Decision::AskProvider { notify: None });

    fn support(run: &mut Run) -> &mut recourse_support::case::SupportCase {
        run.snapshot.case.as_mut().unwrap().support.as_mut().unwrap()
    }

    fn own(start: &str) -> PlaybookSet {
        let voucher = format!(
            r#"{{"name":"voucher","start":"{start}","steps":{{"pause":{{"do":"wait","seconds":60,"then":"person"}},
            "person":{{"do":"escalate"}}}}}}"#
        );
        let voucher = recourse_support::playbook::Playbook::parse("own", &voucher).unwrap();
        PlaybookSet::Ready(Playbooks::shipped().unwrap().with(Kind::Voucher, voucher))
    }

    #[test]
    fn the_way_goes_as_far_as_the_answers() {
        let mut run = Run::reported(&[]);
        let shipped = PlaybookSet::shipped().unwrap();
        let way = |run: &Run| run.casework.rehearse(&shipped, &run.snapshot);
        assert_eq!(way(&run), [PHOTO]);
        support(&mut run).facts.provided.insert(Fact::Photo);
        assert_eq!(way(&run), [PHOTO, Rehearsed::CustomerAnswered, PROVIDER]);
        let answer = |state| ProviderAnswer::new(state, None, None, None);
        support(&mut run).facts.provider = Some(answer(ProviderState::Pending));
        assert_eq!(way(&run).len(), 3, "pending is no answer");
        support(&mut run).facts.provider = Some(answer(ProviderState::Failed));
        let end = way(&run).split_off(3);
        assert_eq!(end[0], Rehearsed::ProviderAnswered(ProviderState::Failed));
        assert!(matches!(end[1], Rehearsed::Decided(Decision::Close { .. })), "{end:?}");
        run.snapshot.provider_secret = None;
        let person = Rehearsed::Decided(Decision::Escalate(Reason::PlaybookEscalated));
        assert_eq!(way(&run).split_off(2), std::slice::from_ref(&person), "nobody can be asked");
        let pause = Rehearsed::Decided(Decision::Wait { seconds: 60, notify: None });
        assert_eq!(run.casework.rehearse(&own("pause"), &run.snapshot), [pause, person]);
        run.snapshot.case = None;
        assert!(way(&run).is_empty());
    }

    #[test]
    fn a_case_at_a_step_that_is_gone_goes_to_an_agent() {
        let mut run = Run::reported(&[]);
        let shipped = PlaybookSet::shipped().unwrap();
        assert_eq!(run.casework.playbook_move(&shipped, &run.snapshot), None, "no playbook was asked yet");
        run.step(&CaseInput::Opened);
        let moved = |run: &Run, playbooks: &PlaybookSet| run.casework.playbook_move(playbooks, &run.snapshot);
        assert_eq!(moved(&run, &shipped), Some(PlaybookMove::GoesOn));
        assert_eq!(moved(&run, &own("pause")), Some(PlaybookMove::ToAgent));
        let lost = PlaybookSet::Unreadable("gone".to_owned());
        assert_eq!(moved(&run, &lost), Some(PlaybookMove::ToAgent));
        support(&mut run).position.as_mut().unwrap().playbook = "other".to_owned();
        assert_eq!(moved(&run, &shipped), Some(PlaybookMove::BeginsAgain));
        support(&mut run).state = State::Resolved;
        assert_eq!(moved(&run, &shipped), None);
    }
}
