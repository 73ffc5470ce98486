//! The state machine of the support process.
//!
//! [`step`] is total: every event is defined in every state. An event that means nothing in a
//! state, such as a late answer of a model, changes nothing and has no effects.
//!
//! Each state but `resolved` has a time limit, after which the case moves by itself or, where an
//! agent has it, the supervisors are mailed: docs/support.md lists them. A customer who cannot be
//! reached neither answers nor objects, so the states that wait for the customer then end at once,
//! and a person has the case.
//!
//! What a customer or an agent does counts even after a limit has passed, as long as the deadline
//! worker has not come: [`step`] looks at the event first and at the time after it.

mod agent;
mod customer;
mod decided;
mod provider;
mod time;
mod work;

use crate::case::{State, SupportCase};
use crate::decision::{DecidedBy, DecisionRequest, Engine};
use crate::effect::Effect;
use crate::event::Event;
use crate::limits::Setup;
use crate::reason::Reason;
use crate::templates::{Slots, TemplateId};
use crate::time::UnixSeconds;

/// How many decisions follow each other in one call of [`advance`]: one, and one more for safety.
const MAX_ROUNDS: usize = 4;
/// How many time limits can pass in one step: a mail's hour, a state's limit and what follows.
const MAX_LIMITS_AT_ONCE: usize = 8;

/// What became of a case, and what has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The case afterwards.
    pub case: SupportCase,
    /// What the caller does, in this order.
    pub effects: Vec<Effect>,
}

impl Step {
    /// Whether the event meant nothing: there is nothing to store.
    #[must_use]
    pub fn is_ignored(&self, before: &SupportCase) -> bool {
        self.effects.is_empty() && self.case == *before
    }
}

/// What an event makes of a case.
#[must_use]
pub fn step(case: &SupportCase, event: &Event, now: UnixSeconds, setup: &Setup) -> Step {
    let mut work = Work::new(case, now, setup);
    work.event(event);
    for _ in 0..MAX_LIMITS_AT_ONCE {
        if work.case.due_at().is_none_or(|due| due > now) {
            break;
        }
        work.time_reached();
    }
    Step { case: work.case, effects: work.effects }
}

/// [`step`], and the decisions of an engine that answers at once. No effect is
/// [`Effect::Decide`] afterwards.
#[must_use]
pub fn advance(case: &SupportCase, event: &Event, now: UnixSeconds, setup: &Setup, engine: &dyn Engine) -> Step {
    let mut done = step(case, event, now, setup);
    for _ in 0..MAX_ROUNDS {
        let mut request = None;
        done.effects.retain(|effect| match effect {
            Effect::Decide(wanted) => {
                request = Some(*wanted);
                false
            }
            _ => true,
        });
        let Some(request) = request else { break };
        let ruling = engine.decide(&crate::decision::CaseView::of(&done.case, setup.has_provider, request));
        let next = step(&done.case, &Event::Decided(ruling), now, setup);
        done.case = next.case;
        done.effects.extend(next.effects);
    }
    // A case whose decision is still open is asked for again at `next_at`.
    done.effects.retain(|effect| !matches!(effect, Effect::Decide(_)));
    done
}

/// A step in the making.
struct Work<'a> {
    case: SupportCase,
    from: State,
    effects: Vec<Effect>,
    now: UnixSeconds,
    setup: &'a Setup,
}

impl<'a> Work<'a> {
    fn new(case: &SupportCase, now: UnixSeconds, setup: &'a Setup) -> Self {
        Self { case: case.clone(), from: case.state, effects: Vec::new(), now, setup }
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::Opened => self.opened(),
            Event::CustomerWrote(message) => self.customer_wrote(message),
            Event::AutoReplyNoted => self.record(Reason::AutoReply, DecidedBy::Limits, Vec::new()),
            Event::AccountWrote => self.account_wrote(),
            Event::ThirdPartyWrote => {
                self.case.facts.third_party_wrote = true;
                self.record(Reason::ThirdPartyWrote, DecidedBy::Limits, Vec::new());
            }
            Event::CustomerUnreachable => self.customer_unreachable(),
            Event::ProviderAnswered(answer) => self.provider_answered(answer),
            Event::ProviderUnreachable => self.provider_unreachable(),
            Event::Decided(ruling) => self.decided(ruling),
            Event::ModelAnswered { call, ruling, language } => self.model_answered(*call, ruling, language.as_ref()),
            Event::ModelRefused { call, code, is_unsure } => {
                let reason = if *is_unsure { Reason::ModelUnsure } else { Reason::ModelRefused };
                self.model_failed(*call, reason, vec![(*code).to_owned()]);
            }
            Event::ModelFailed { call } => self.model_failed(*call, Reason::ModelFailed, Vec::new()),
            Event::MailRefused => self.hand_over_quietly(Reason::GuardRefused, DecidedBy::Limits, Vec::new()),
            Event::TimeReached => {}
            Event::AgentTook(name) => self.agent_has(Some(name), name, Reason::AgentTook),
            Event::AgentAssigned { by, to: None } => self.agent_has(None, by, Reason::AgentReleased),
            Event::AgentAssigned { by, to } => self.agent_has(to.as_ref(), by, Reason::AgentAssigned),
            Event::AgentNoted(name) => self.agent_noted(name),
            Event::AgentReplied(name) => self.agent_replied(name),
            Event::AgentResolved { by, in_favour_of } => self.agent_resolved(by, *in_favour_of),
            Event::TransactionRefunded => {
                self.transaction_ended(Reason::TransactionRefunded, TemplateId::TransactionRefunded);
            }
            Event::TransactionFailed => {
                self.transaction_ended(Reason::TransactionFailed, TemplateId::TransactionFailed);
            }
            Event::DisputeEnded => self.dispute_ended(),
        }
    }

    fn opened(&mut self) {
        if self.case.state == State::New && self.case.counters.decisions == 0 && !self.case.model_pending {
            self.record(Reason::Reported, DecidedBy::Platform, Vec::new());
            self.decide(DecisionRequest::default());
        }
    }

    fn transaction_ended(&mut self, reason: Reason, template: TemplateId) {
        self.case.dispute_open = false;
        if self.case.state != State::Resolved {
            self.resolve(reason, DecidedBy::Platform, Vec::new());
            self.mail(template, Slots::new());
        }
    }

    fn dispute_ended(&mut self) {
        self.case.dispute_open = false;
        if self.case.state != State::Resolved {
            self.resolve(Reason::DisputeEnded, DecidedBy::Platform, Vec::new());
        }
    }
}

#[cfg(test)]
pub(crate) mod properties;
#[cfg(test)]
mod tests;
