//! The state machine of the support process.
//!
//! [`step`] is total: every event is defined in every state. An event that means nothing in a state,
//! such as a late answer of a model, changes nothing and has no effects.
//!
//! | state | ends by itself at | and then |
//! |---|---|---|
//! | `new` | `first_answer` | a person has the case |
//! | `waiting_for_provider` | `provider` | a person has the case |
//! | `waiting_for_customer`, asked by the automation | `customer`, a reminder before | it is resolved for the merchant |
//! | `waiting_for_customer`, written to by an agent | `customer` | the agent has the case again |
//! | `answered` | `objection` | it is resolved for the merchant |
//! | `waiting_for_agent` | `agent` | the supervisors are mailed, again each time |
//!
//! What a customer or an agent does counts even after a limit has passed, as long as the deadline
//! worker has not come: [`step`] looks at the event first and at the time after it.

mod agent;
mod customer;
mod decided;
mod provider;
mod time;

use crate::case::{Owner, Resume, State, SupportCase};
use crate::decision::{DecidedBy, Decision, DecisionRequest, Engine, HistoryEntry, Ruling};
use crate::effect::{Effect, MailOrder};
use crate::event::{Event, InFavourOf};
use crate::limits::{MAX_AUTOMATIC_MAILS, Setup};
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
            Event::ThirdPartyWrote => {
                self.case.facts.third_party_wrote = true;
                self.record(Reason::ThirdPartyWrote, DecidedBy::Limits, Vec::new());
            }
            Event::ProviderAnswered(answer) => self.provider_answered(answer),
            Event::ProviderUnreachable => self.provider_unreachable(),
            Event::Decided(ruling) => self.decided(ruling),
            Event::ModelAnswered { call, ruling } => self.model_answered(*call, ruling),
            Event::ModelRefused { call, code, is_unsure } => {
                let reason = if *is_unsure { Reason::ModelUnsure } else { Reason::ModelRefused };
                self.model_failed(*call, reason, vec![(*code).to_owned()]);
            }
            Event::ModelFailed { call } => self.model_failed(*call, Reason::ModelFailed, Vec::new()),
            Event::MailRefused => self.to_agent_quietly(Reason::GuardRefused, DecidedBy::Limits, Vec::new()),
            Event::TimeReached => {}
            Event::AgentTook(name) => self.agent_has(Some(name), name, Reason::AgentTook),
            Event::AgentAssigned { by, to } => self.agent_has(to.as_ref(), by, Reason::AgentAssigned),
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

    /// Writes the history's entry of what was just done.
    fn record(&mut self, reason: Reason, decided_by: DecidedBy, saw: Vec<String>) {
        let (from, to) = (self.from, self.case.state);
        self.effects.push(Effect::Record(HistoryEntry { at: self.now, from, to, reason, decided_by, saw }));
        self.from = to;
    }

    /// Asks the engine; where its answer is lost, it is asked again at `next_at`.
    fn decide(&mut self, request: DecisionRequest) {
        self.case.next_at = Some(self.now.plus(self.setup.limits.decision_retry));
        self.effects.push(Effect::Decide(request));
    }

    /// Moves the case. A mail that was held belongs to the state before, so it is not sent any more.
    fn move_to(&mut self, state: State, owner: Owner, reason: Reason, limit: Option<u32>) {
        let case = &mut self.case;
        case.state = state;
        case.owner = owner;
        case.reason = reason;
        case.limit_at = limit.map(|seconds| self.now.plus(seconds));
        case.next_at = None;
        case.held = None;
        case.model_pending = false;
        case.resume = None;
        case.asked = None;
        case.reminded = false;
    }

    /// Orders an automatic mail to the customer, or holds it until the last one is an hour old. The
    /// newest mail is the one that is held. Returns whether the case may have another mail at all.
    fn mail(&mut self, template: TemplateId, slots: Slots) -> bool {
        if self.case.counters.automatic_mails >= MAX_AUTOMATIC_MAILS {
            self.case.held = None;
            return false;
        }
        let last = self.case.counters.last_automatic_mail_at;
        let not_before = last.map(|at| at.plus(self.setup.limits.mail_interval)).filter(|at| *at > self.now);
        match not_before {
            Some(not_before) => self.case.held = Some(crate::case::HeldMail { template, slots, not_before }),
            None => {
                self.case.held = None;
                self.case.counters.automatic_mails += 1;
                self.case.counters.last_automatic_mail_at = Some(self.now);
                self.effects.push(Effect::SendMail(MailOrder { template, slots }));
            }
        }
        true
    }

    /// As [`Self::mail`]; a case that may have no more automatic mails goes to a person.
    fn mail_or_agent(&mut self, template: TemplateId, slots: Slots) {
        if !self.mail(template, slots) {
            self.to_agent_quietly(Reason::MailLimit, DecidedBy::Limits, Vec::new());
        }
    }

    /// Hands the case to a person, after the model where there is one that may try.
    fn escalate(&mut self, reason: Reason, by: DecidedBy, saw: Vec<String>) {
        let may_ask = self.case.counters.model_calls < self.setup.max_model_calls;
        if reason.is_for_model() && may_ask {
            self.ask_model(reason, by, saw);
        } else {
            self.to_agent(reason, by, saw);
        }
    }

    /// Hands the case to a person, and tells the customer.
    fn to_agent(&mut self, reason: Reason, by: DecidedBy, saw: Vec<String>) {
        self.to_agent_quietly(reason, by, saw);
        self.mail(TemplateId::HandedToAgent, Slots::new());
    }

    /// Hands the case to a person, without a mail. Its agent keeps it.
    fn to_agent_quietly(&mut self, reason: Reason, by: DecidedBy, saw: Vec<String>) {
        let owner = match &self.case.owner {
            Owner::Agent(name) => Owner::Agent(name.clone()),
            Owner::Nobody | Owner::Automation => Owner::Nobody,
        };
        self.move_to(State::WaitingForAgent, owner, reason, Some(self.setup.limits.agent));
        self.record(reason, by, saw);
    }

    /// Asks the model. The case goes back to where it was when the model's answer is to wait.
    fn ask_model(&mut self, reason: Reason, by: DecidedBy, mut saw: Vec<String>) {
        saw.push(reason.code().to_owned());
        let (held, state, limit_at) = (self.case.held.take(), self.case.state, self.case.limit_at);
        let (asked, resume) = (self.case.asked, self.case.resume.take());
        let first = state != State::New;
        self.move_to(State::New, Owner::Automation, Reason::ModelAsked, Some(self.setup.limits.first_answer));
        if first {
            self.case.resume = limit_at.filter(|_| state != State::Resolved).map(|limit_at| Resume { state, limit_at });
        } else {
            // A second mail while the model reads does not give it more time.
            self.case.limit_at = limit_at;
            self.case.resume = resume;
        }
        self.case.asked = asked;
        self.case.held = held;
        self.call_model();
        self.record(Reason::ModelAsked, by, saw);
    }

    fn call_model(&mut self) {
        self.case.counters.model_calls += 1;
        self.case.model_pending = true;
        self.case.next_at = Some(self.now.plus(self.setup.limits.decision_retry));
        self.effects.push(Effect::AskModel { call: self.case.counters.model_calls });
    }

    /// Ends the case. The dispute stays as it is; see [`Self::close_dispute`].
    fn resolve(&mut self, reason: Reason, by: DecidedBy, saw: Vec<String>) {
        self.move_to(State::Resolved, Owner::Nobody, reason, None);
        self.record(reason, by, saw);
    }

    /// Closes the dispute where it is still open.
    fn close_dispute(&mut self, in_favour_of: InFavourOf, reason: Reason) {
        if std::mem::take(&mut self.case.dispute_open) {
            self.effects.push(Effect::CloseDispute { in_favour_of, reason });
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
