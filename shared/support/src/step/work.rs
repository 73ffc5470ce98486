//! What the events' functions are made of: moves, mails, hand-overs, entries of the history.

use super::Work;
use crate::case::{HeldMail, Owner, Resume, State};
use crate::decision::{DecidedBy, DecisionRequest, HistoryEntry};
use crate::effect::{Effect, MailOrder};
use crate::event::InFavourOf;
use crate::limits::MAX_AUTOMATIC_MAILS;
use crate::reason::Reason;
use crate::templates::{Slots, TemplateId};

impl Work<'_> {
    /// Writes the history's entry of what was just done.
    pub(super) fn record(&mut self, reason: Reason, decided_by: DecidedBy, saw: Vec<String>) {
        let (from, to) = (self.from, self.case.state);
        self.effects.push(Effect::Record(HistoryEntry { at: self.now, from, to, reason, decided_by, saw }));
        self.from = to;
    }

    /// Asks the engine; where its answer is lost, it is asked again at `next_at`. A mail that waits
    /// tells what was so before, and the decision brings its own.
    pub(super) fn decide(&mut self, request: DecisionRequest) {
        self.case.held = None;
        self.case.next_at = Some(self.now.plus(self.setup.limits.decision_retry));
        self.effects.push(Effect::Decide(request));
    }

    /// Moves the case. A mail that was held belongs to the state before, so it is not sent any
    /// more. A case that waits for an agent and goes on waiting keeps its times, whoever has it.
    pub(super) fn move_to(&mut self, state: State, owner: Owner, reason: Reason, limit: Option<u32>) {
        let case = &mut self.case;
        if (case.state, state) != (State::WaitingForAgent, State::WaitingForAgent) {
            case.limit_at = limit.map(|seconds| self.now.plus(seconds));
            case.next_at = case.limit_at.filter(|_| state == State::WaitingForAgent);
        }
        case.state = state;
        case.owner = owner;
        case.reason = reason;
        case.held = None;
        case.model_pending = false;
        case.resume = None;
        case.asked = None;
        case.reminded = false;
    }

    /// Orders an automatic mail to the customer, or holds it until the last one is an hour old. The
    /// newest mail is the one that is held. Returns whether the case may have another mail at all.
    pub(super) fn mail(&mut self, template: TemplateId, slots: Slots) -> bool {
        if self.case.counters.automatic_mails >= MAX_AUTOMATIC_MAILS {
            self.case.held = None;
            return false;
        }
        let last = self.case.counters.last_automatic_mail_at;
        let not_before = last.map(|at| at.plus(self.setup.limits.mail_interval)).filter(|at| *at > self.now);
        match not_before {
            Some(not_before) => self.case.held = Some(HeldMail { template, slots, not_before }),
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
    pub(super) fn mail_or_agent(&mut self, template: TemplateId, slots: Slots) {
        if !self.mail(template, slots) {
            self.hand_over_quietly(Reason::MailLimit, DecidedBy::Limits, Vec::new());
        }
    }

    /// Hands the case to a person, after the model where there is one that may try.
    pub(super) fn escalate(&mut self, reason: Reason, by: DecidedBy, saw: Vec<String>) {
        let may_ask = self.case.counters.model_calls < self.setup.max_model_calls;
        if reason.is_for_model() && may_ask {
            self.ask_model(reason, by, saw);
        } else {
            self.hand_over(reason, by, saw);
        }
    }

    /// Hands the case to a person, and tells the customer.
    pub(super) fn hand_over(&mut self, reason: Reason, by: DecidedBy, saw: Vec<String>) {
        self.hand_over_quietly(reason, by, saw);
        self.mail(TemplateId::HandedToAgent, Slots::new());
    }

    /// Hands the case to a person, without a mail. Its agent keeps it.
    pub(super) fn hand_over_quietly(&mut self, reason: Reason, by: DecidedBy, saw: Vec<String>) {
        let owner = match &self.case.owner {
            Owner::Agent(name) => Owner::Agent(name.clone()),
            Owner::Nobody | Owner::Automation => Owner::Nobody,
        };
        self.move_to(State::WaitingForAgent, owner, reason, Some(self.setup.limits.agent));
        self.record(reason, by, saw);
    }

    /// Asks the model. The case goes back to where it was when the model's answer is to wait.
    pub(super) fn ask_model(&mut self, reason: Reason, by: DecidedBy, mut saw: Vec<String>) {
        saw.push(reason.code().to_owned());
        let (state, limit_at) = (self.case.state, self.case.limit_at);
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
        self.call_model();
        self.record(Reason::ModelAsked, by, saw);
    }

    pub(super) fn call_model(&mut self) {
        self.case.counters.model_calls += 1;
        self.case.model_pending = true;
        self.case.next_at = Some(self.now.plus(self.setup.limits.decision_retry));
        self.effects.push(Effect::AskModel { call: self.case.counters.model_calls });
    }

    /// Ends the case. The dispute stays as it is; see [`Self::close_dispute`].
    pub(super) fn resolve(&mut self, reason: Reason, by: DecidedBy, saw: Vec<String>) {
        self.move_to(State::Resolved, Owner::Nobody, reason, None);
        self.record(reason, by, saw);
    }

    /// Closes the dispute where it is still open.
    pub(super) fn close_dispute(&mut self, in_favour_of: InFavourOf, reason: Reason) {
        if std::mem::take(&mut self.case.dispute_open) {
            self.effects.push(Effect::CloseDispute { in_favour_of, reason });
        }
    }
}
