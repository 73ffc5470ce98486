//! The ways a case goes, one by one.

use std::sync::LazyLock;

use super::*;
use crate::case::Owner;
use crate::case::{AgentName, Fact, Kind, Language};
use crate::decision::{Decision, Ruling};
use crate::event::InFavourOf;
use crate::event::{CustomerMessage, Intent, ProviderAnswer, ProviderState, SenderTag};
use crate::limits::Limits;
use crate::limits::MAX_AUTOMATIC_MAILS;
use crate::playbook::Playbooks;
use crate::reason::Reason;
use crate::templates::{Question, Slot, SlotValue};
use crate::templates::{Slots, TemplateId};

pub(crate) const T0: UnixSeconds = UnixSeconds(1_780_000_000);
const HOUR: u32 = 3_600;
const DAY: u32 = 24 * HOUR;

static LIMITS: LazyLock<Limits> = LazyLock::new(|| Limits::shipped().unwrap());
static PLAYBOOKS: LazyLock<Playbooks> = LazyLock::new(|| Playbooks::shipped().unwrap());

pub(crate) fn setup() -> Setup {
    Setup { limits: *LIMITS, max_model_calls: 0, has_provider: true }
}

pub(crate) fn message(intent: Intent) -> CustomerMessage {
    CustomerMessage {
        sender: SenderTag::parse("a1").unwrap(),
        is_verified: true,
        accepted_attachments: 0,
        refused_attachments: 0,
        intent,
        has_account_number: false,
        has_topup_number: false,
    }
}

fn photo() -> Event {
    Event::CustomerWrote(CustomerMessage { accepted_attachments: 1, ..message(Intent::Nothing) })
}

fn wrote(intent: Intent) -> Event {
    Event::CustomerWrote(message(intent))
}

fn provider(state: ProviderState) -> Event {
    Event::ProviderAnswered(ProviderAnswer::new(state, Some("REF-1"), Some("Token used on the meter"), None))
}

/// A case and its clock.
pub(crate) struct Run {
    pub(crate) case: SupportCase,
    pub(crate) now: UnixSeconds,
    pub(crate) setup: Setup,
    pub(crate) playbooks: Playbooks,
    pub(crate) effects: Vec<Effect>,
}

impl Run {
    pub(crate) fn new(kind: Kind, setup: Setup) -> Self {
        let case = SupportCase::new(kind, Language::english(), T0, &setup);
        Self { case, now: T0, setup, playbooks: PLAYBOOKS.clone(), effects: Vec::new() }
    }

    fn opened(kind: Kind, setup: Setup) -> Self {
        let mut run = Self::new(kind, setup);
        run.bring(&Event::Opened);
        run
    }

    pub(crate) fn bring(&mut self, event: &Event) -> &[Effect] {
        let done = advance(&self.case, event, self.now, &self.setup, &self.playbooks);
        self.case = done.case;
        self.effects = done.effects;
        &self.effects
    }

    fn after(&mut self, seconds: u32, event: &Event) -> &[Effect] {
        self.now = self.now.plus(seconds);
        self.bring(event)
    }

    /// Goes to the next time that the case is due.
    fn wait(&mut self) -> &[Effect] {
        self.now = self.case.due_at().unwrap();
        self.bring(&Event::TimeReached)
    }

    fn mails(&self) -> Vec<TemplateId> {
        let mail = |effect: &Effect| match effect {
            Effect::SendMail(order) => Some(order.template),
            _ => None,
        };
        self.effects.iter().filter_map(mail).collect()
    }

    fn closes(&self) -> Option<InFavourOf> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::CloseDispute { in_favour_of, .. } => Some(*in_favour_of),
            _ => None,
        })
    }

    fn is(&self) -> (State, Reason) {
        (self.case.state, self.case.reason)
    }
}

#[test]
fn a_voucher_is_asked_for_looked_up_answered_and_objected_to() {
    let mut run = Run::opened(Kind::Voucher, setup());
    assert_eq!(
        (run.is(), run.mails()),
        ((State::WaitingForCustomer, Reason::QuestionAsked), vec![TemplateId::AskVoucherPhoto])
    );
    run.after(2 * HOUR, &photo());
    assert_eq!(run.is(), (State::WaitingForProvider, Reason::ProviderAsked));
    assert!(run.effects.contains(&Effect::AskProvider { attempt: 1 }));
    run.after(5, &provider(ProviderState::Delivered));
    assert_eq!((run.is(), run.mails()), ((State::Answered, Reason::ProviderDelivered), vec![TemplateId::Delivered]));
    let Some(Effect::SendMail(order)) = run.effects.iter().find(|effect| matches!(effect, Effect::SendMail(_))) else {
        panic!()
    };
    assert_eq!(order.slots.text(Slot::ProviderReference), Some("REF-1"));
    assert_eq!(order.slots.get(Slot::Date), Some(&SlotValue::Day(run.now.plus(7 * DAY))));
    run.after(DAY, &wrote(Intent::Objection));
    assert_eq!(
        (run.is(), run.mails()),
        ((State::WaitingForAgent, Reason::CustomerObjected), vec![TemplateId::HandedToAgent])
    );
    let agent = AgentName::parse("Aisyah").unwrap();
    run.after(60, &Event::AgentReplied(agent.clone()));
    assert_eq!(run.is(), (State::WaitingForCustomer, Reason::AgentReplied));
    run.after(60, &Event::AgentResolved { by: agent, in_favour_of: InFavourOf::Customer });
    assert_eq!((run.is(), run.closes()), ((State::Resolved, Reason::AgentResolved), Some(InFavourOf::Customer)));
    assert_eq!(run.case.due_at(), None);
}

#[test]
fn the_history_says_who_decided_and_what_it_saw() {
    let run = Run::opened(Kind::Voucher, setup());
    let entries: Vec<_> = run
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Record(entry) => Some((entry.from, entry.to, entry.reason, entry.decided_by.clone())),
            _ => None,
        })
        .collect();
    let version = run.playbooks.of(Kind::Voucher).unwrap().version().to_owned();
    let playbook = DecidedBy::Playbook { name: "voucher".into(), version };
    assert_eq!(
        entries,
        [
            (State::New, State::New, Reason::Reported, DecidedBy::Platform),
            (State::New, State::WaitingForCustomer, Reason::QuestionAsked, playbook),
        ]
    );
    let saw = run.effects.iter().find_map(|effect| match effect {
        Effect::Record(entry) if entry.reason == Reason::QuestionAsked => Some(entry.saw.clone()),
        _ => None,
    });
    assert_eq!(saw, Some(vec!["step:photo".to_owned()]));
}

#[test]
fn a_second_mail_within_the_hour_waits_for_it() {
    let mut run = Run::opened(Kind::Voucher, setup());
    run.after(60, &photo());
    run.after(5, &provider(ProviderState::Delivered));
    assert_eq!((run.mails(), run.case.state), (vec![], State::Answered));
    assert_eq!(run.case.due_at(), Some(T0.plus(HOUR)));
    run.wait();
    assert_eq!(run.mails(), [TemplateId::Delivered]);
    assert_eq!(run.case.due_at(), Some(T0.plus(HOUR + 7 * DAY)), "the customer's time begins with the mail");
}

#[test]
fn a_worker_that_comes_weeks_late_takes_no_time_from_the_customer() {
    let mut run = Run::opened(Kind::Voucher, setup());
    run.after(60, &photo());
    run.after(5, &provider(ProviderState::Delivered));
    run.after(30 * DAY, &Event::TimeReached);
    assert_eq!((run.case.state, run.mails()), (State::Answered, vec![TemplateId::Delivered]));
    assert_eq!(run.case.due_at(), Some(run.now.plus(7 * DAY)));
    let told = run.effects.iter().find_map(|effect| match effect {
        Effect::SendMail(order) => order.slots.get(Slot::Date).cloned(),
        _ => None,
    });
    assert_eq!(told, Some(SlotValue::Day(run.now.plus(7 * DAY))));
}

#[test]
fn nobody_replies() {
    let mut run = Run::opened(Kind::Voucher, setup());
    run.wait();
    assert_eq!((run.now, run.mails()), (T0.plus(3 * DAY), vec![TemplateId::Reminder]));
    run.wait();
    assert_eq!((run.now, run.is()), (T0.plus(7 * DAY), (State::WaitingForAgent, Reason::CustomerSilent)));
    assert_eq!((run.mails(), run.closes()), (vec![TemplateId::HandedToAgent], None), "silence decides nothing");
    assert_eq!((run.case.owner.clone(), run.case.due_at()), (Owner::Nobody, Some(run.now.plus(8 * HOUR))));
}

#[test]
fn nobody_objects_or_it_works() {
    for (event, reason) in [(None, Reason::NoObjection), (Some(Intent::WorksNow), Reason::CustomerSaysWorks)] {
        let mut run = Run::opened(Kind::Voucher, setup());
        run.after(2 * HOUR, &photo());
        run.bring(&provider(ProviderState::Delivered));
        match event {
            Some(intent) => run.after(2 * HOUR, &wrote(intent)),
            None => run.wait(),
        };
        assert_eq!((run.is(), run.closes()), ((State::Resolved, reason), Some(InFavourOf::Merchant)));
    }
}

#[test]
fn a_provider_that_is_down_is_asked_ever_more_slowly_and_then_a_person_has_the_case() {
    let mut run = Run::opened(Kind::Topup, setup());
    assert_eq!(run.mails(), [TemplateId::ProviderAsked]);
    let mut pauses = Vec::new();
    while run.case.state == State::WaitingForProvider {
        let before = run.now;
        run.bring(&Event::ProviderUnreachable);
        run.wait();
        pauses.push(run.now.0 - before.0);
    }
    assert_eq!(pauses[..7], [60, 120, 240, 480, 960, 1_920, 3_600]);
    assert_eq!((run.is(), run.now), ((State::WaitingForAgent, Reason::ProviderLate), T0.plus(DAY)));
    assert_eq!(run.mails(), [TemplateId::HandedToAgent]);
}

#[test]
fn a_worker_that_dies_after_storing_asks_again() {
    let mut run = Run::opened(Kind::Topup, setup());
    run.wait();
    assert!(run.effects.contains(&Effect::AskProvider { attempt: 2 }));
    // The answer was stored, and the decision about it was lost.
    let stored = step(&run.case, &provider(ProviderState::Delivered), run.now, &run.setup);
    run.case = stored.case;
    run.wait();
    assert_eq!(run.is(), (State::Answered, Reason::ProviderDelivered));
    // A case whose first decision was lost.
    let mut run = Run::new(Kind::Voucher, setup());
    run.wait();
    assert_eq!(run.is(), (State::WaitingForCustomer, Reason::QuestionAsked));
}

#[test]
fn pending_waits_as_long_as_the_provider_asks_for() {
    let mut run = Run::opened(Kind::Topup, setup());
    let pending = |retry| Event::ProviderAnswered(ProviderAnswer::new(ProviderState::Pending, None, None, retry));
    run.bring(&pending(Some(7_200)));
    assert_eq!(
        (run.is(), run.case.due_at()),
        ((State::WaitingForProvider, Reason::ProviderPending), Some(T0.plus(7_200)))
    );
    run.bring(&pending(Some(u32::MAX)));
    assert_eq!(run.case.due_at(), Some(T0.plus(DAY)), "the limit comes first");
    run.bring(&pending(Some(0)));
    assert_eq!(run.case.due_at(), Some(T0.plus(60)));
}

#[test]
fn failed_closes_for_the_customer_and_unknown_goes_by_the_playbook() {
    let mut run = Run::opened(Kind::Topup, setup());
    run.after(2 * HOUR, &provider(ProviderState::Failed));
    assert_eq!((run.is(), run.closes()), ((State::Resolved, Reason::ProviderFailed), Some(InFavourOf::Customer)));
    assert_eq!(run.mails(), [TemplateId::ProviderFailed]);
    let mut run = Run::opened(Kind::Topup, setup());
    run.after(2 * HOUR, &provider(ProviderState::Unknown));
    assert_eq!((run.case.state, run.mails()), (State::WaitingForCustomer, vec![TemplateId::AskTopupNumber]));
    let number = CustomerMessage { has_topup_number: true, ..message(Intent::Unclear) };
    run.after(2 * HOUR, &Event::CustomerWrote(number));
    assert_eq!(run.is(), (State::WaitingForAgent, Reason::PlaybookEscalated));
}

#[test]
fn a_bill_that_the_provider_does_not_know_yet_is_given_time() {
    let mut run = Run::opened(Kind::Bill, setup());
    let number = CustomerMessage { has_account_number: true, ..message(Intent::Unclear) };
    run.after(2 * HOUR, &Event::CustomerWrote(number));
    run.after(2 * HOUR, &provider(ProviderState::Unknown));
    assert_eq!((run.is(), run.mails()), ((State::WaitingForProvider, Reason::Waiting), vec![TemplateId::StillWaiting]));
    run.wait();
    assert_eq!(run.is(), (State::WaitingForProvider, Reason::ProviderAsked));
    run.bring(&provider(ProviderState::Unknown));
    assert_eq!(run.is(), (State::WaitingForAgent, Reason::PlaybookEscalated));
}

#[test]
fn agents_are_mailed_about_again_and_again() {
    let mut run = Run::opened(Kind::Topup, Setup { has_provider: false, ..setup() });
    assert_eq!(run.case.state, State::WaitingForCustomer);
    run.bring(&wrote(Intent::Unclear));
    assert_eq!((run.is(), run.mails()), ((State::WaitingForAgent, Reason::CustomerUnclear), vec![]));
    run.wait();
    assert_eq!(run.mails(), [TemplateId::HandedToAgent], "its hour has come");
    let limit = T0.plus(8 * HOUR);
    assert!(!run.case.is_overdue(UnixSeconds(limit.0 - 1)) && run.case.is_overdue(limit));
    for times in 1..=3 {
        run.wait();
        assert_eq!(run.now, T0.plus(times * 8 * HOUR));
        assert!(run.effects.contains(&Effect::MailSupervisors { reason: Reason::CustomerUnclear }));
        assert_eq!(run.case.limit_at, Some(limit), "the time does not begin anew");
        assert!(run.case.is_overdue(run.now));
    }
    let (one, two) = (AgentName::parse("One").unwrap(), AgentName::parse("Two").unwrap());
    let next = Some(run.now.plus(8 * HOUR));
    run.after(60, &Event::AgentTook(one.clone()));
    let times = |run: &Run| (run.case.owner.clone(), run.case.limit_at, run.case.due_at());
    assert_eq!(times(&run), (Owner::Agent(one.clone()), Some(limit), next), "nor when somebody takes it");
    run.now = run.now.plus(60);
    assert!(run.bring(&Event::AgentTook(one.clone())).is_empty(), "taking again gives no more time");
    run.bring(&Event::AgentAssigned { by: one.clone(), to: Some(two.clone()) });
    assert_eq!(times(&run), (Owner::Agent(two.clone()), Some(limit), next));
    run.bring(&Event::MailRefused);
    assert_eq!(times(&run), (Owner::Agent(two.clone()), Some(limit), next));
    run.bring(&Event::AgentReplied(two.clone()));
    assert_eq!(run.case.due_at(), Some(run.now.plus(7 * 24 * HOUR)), "now the customer has the time");
    assert!(!run.case.is_overdue(run.now));
    run.bring(&wrote(Intent::WorksNow));
    assert_eq!(run.case.limit_at, Some(run.now.plus(8 * HOUR)), "and now an agent has it again");
    assert_eq!(
        (run.is(), run.case.owner.clone()),
        ((State::WaitingForAgent, Reason::CustomerWroteToAgent), Owner::Agent(two))
    );
    run.bring(&Event::AgentAssigned { by: one.clone(), to: None });
    assert_eq!(run.case.owner, Owner::Nobody);
    run.bring(&Event::AgentReplied(one.clone()));
    run.wait();
    assert_eq!(
        (run.is(), run.case.owner.clone()),
        ((State::WaitingForAgent, Reason::CustomerSilent), Owner::Agent(one))
    );
}

#[test]
fn a_case_does_not_wait_for_a_customer_whom_no_mail_reaches() {
    let mut run = Run::opened(Kind::Voucher, setup());
    assert_eq!(run.case.state, State::WaitingForCustomer);
    run.bring(&Event::CustomerUnreachable);
    assert_eq!(run.is(), (State::WaitingForAgent, Reason::CustomerUnreachable));
    assert!(!run.effects.iter().any(|effect| matches!(effect, Effect::SendMail(_))), "{:?}", run.effects);
    let agent = AgentName::parse("alice").unwrap();
    run.bring(&Event::AgentReplied(agent.clone()));
    run.bring(&Event::CustomerUnreachable);
    assert_eq!((run.case.state, run.case.owner.clone()), (State::WaitingForAgent, Owner::Agent(agent)));
    for state in [State::New, State::WaitingForProvider, State::WaitingForAgent, State::Resolved] {
        let mut other = Run::opened(Kind::Voucher, setup());
        other.case.state = state;
        let done = step(&other.case, &Event::CustomerUnreachable, other.now, &other.setup);
        assert!(done.is_ignored(&other.case), "{state:?}");
    }
}

#[test]
fn what_moves_nothing_is_noted() {
    let mut run = Run::opened(Kind::Voucher, setup());
    let before = run.case.clone();
    for event in [Event::AutoReplyNoted, wrote(Intent::Thanks), wrote(Intent::Nothing)] {
        run.bring(&event);
        assert!(matches!(run.effects[..], [Effect::Record(_)]), "{event:?}");
        assert_eq!((run.case.state, run.case.due_at()), (before.state, before.due_at()));
    }
    run.bring(&Event::ThirdPartyWrote);
    assert!(run.case.facts.third_party_wrote && run.case.due_at() == before.due_at());
    for event in [Event::TimeReached, Event::ModelFailed { call: 1 }, Event::Opened, Event::ProviderUnreachable] {
        let done = step(&run.case, &event, run.now, &run.setup);
        assert!(done.is_ignored(&run.case), "{event:?}");
    }
}

#[test]
fn floods_and_forged_senders_wait_for_a_person_without_a_mail() {
    let mut run = Run::opened(Kind::Voucher, setup());
    for _ in 0..5 {
        run.bring(&wrote(Intent::Thanks));
        assert_eq!(run.case.state, State::WaitingForCustomer);
    }
    let other = CustomerMessage { sender: SenderTag::parse("b2").unwrap(), ..message(Intent::Thanks) };
    run.bring(&Event::CustomerWrote(other));
    assert_eq!(run.case.state, State::WaitingForCustomer, "another sender");
    let mut later = Run { case: run.case.clone(), ..Run::new(Kind::Voucher, setup()) };
    later.after(60, &wrote(Intent::Thanks));
    assert_eq!(later.case.state, State::WaitingForCustomer, "a minute later");
    run.bring(&wrote(Intent::WorksNow));
    assert_eq!((run.is(), run.mails()), ((State::WaitingForAgent, Reason::TooManyMails), vec![]));
    let mut run = Run::opened(Kind::Voucher, setup());
    let forged = CustomerMessage { is_verified: false, accepted_attachments: 1, ..message(Intent::WorksNow) };
    run.after(2 * HOUR, &Event::CustomerWrote(forged));
    assert_eq!(
        (run.is(), run.mails(), run.closes()),
        ((State::WaitingForAgent, Reason::SenderNotVerified), vec![], None)
    );
    assert!(run.case.facts.provided.is_empty());
}

#[test]
fn the_21st_automatic_mail_is_not_sent() {
    let mut run = Run::opened(Kind::Voucher, setup());
    run.case.counters.automatic_mails = MAX_AUTOMATIC_MAILS;
    run.wait();
    assert_eq!((run.is(), run.mails()), ((State::WaitingForAgent, Reason::MailLimit), vec![]));
}

#[test]
fn the_platforms_word_ends_every_state_and_the_dispute_is_not_closed_twice() {
    for (event, reason, mail) in [
        (Event::TransactionRefunded, Reason::TransactionRefunded, vec![TemplateId::TransactionRefunded]),
        (Event::TransactionFailed, Reason::TransactionFailed, vec![TemplateId::TransactionFailed]),
        (Event::DisputeEnded, Reason::DisputeEnded, vec![]),
    ] {
        let mut run = Run::opened(Kind::Voucher, setup());
        run.after(2 * HOUR, &event);
        assert_eq!((run.is(), run.mails(), run.closes()), ((State::Resolved, reason), mail, None));
        run.bring(&event);
        assert!(run.effects.is_empty());
        run.after(2 * HOUR, &wrote(Intent::Unclear));
        assert_eq!(run.is(), (State::WaitingForAgent, Reason::CustomerWroteAfterEnd));
        run.bring(&Event::AgentResolved { by: AgentName::parse("A").unwrap(), in_favour_of: InFavourOf::Customer });
        assert_eq!((run.case.state, run.closes()), (State::Resolved, None));
    }
}

#[test]
fn a_refused_mail_brings_a_person() {
    let mut run = Run::opened(Kind::Voucher, setup());
    run.bring(&Event::MailRefused);
    assert_eq!((run.is(), run.mails()), ((State::WaitingForAgent, Reason::GuardRefused), vec![]));
}

fn model() -> Setup {
    Setup { max_model_calls: 2, ..setup() }
}

fn chosen(decision: Decision) -> Ruling {
    Ruling { decision, by: DecidedBy::Model("m".into()), position: None, saw: Vec::new() }
}

#[test]
fn a_model_reads_what_rules_cannot_and_the_case_waits_on() {
    let mut run = Run::opened(Kind::Topup, model());
    run.after(2 * HOUR, &wrote(Intent::Unclear));
    assert_eq!(run.is(), (State::New, Reason::ModelAsked));
    assert!(run.effects.contains(&Effect::AskModel { call: 1 }));
    let limit = run.case.resume.clone().unwrap().limit_at;
    let answer = Decision::Answer { template: TemplateId::StillWaiting, slots: Slots::new() };
    run.bring(&Event::ModelAnswered { call: 7, ruling: chosen(answer.clone()), language: None });
    assert!(run.effects.is_empty(), "another call's answer");
    run.bring(&Event::ModelAnswered { call: 1, ruling: chosen(answer.clone()), language: None });
    assert_eq!((run.case.state, run.mails()), (State::WaitingForProvider, vec![TemplateId::StillWaiting]));
    assert_eq!(run.case.limit_at, Some(limit), "no more time than it had");
    run.bring(&Event::ModelAnswered { call: 1, ruling: chosen(answer), language: Some(Language::english()) });
    assert!(run.effects.is_empty(), "twice is once");
}

#[test]
fn a_model_can_neither_close_nor_answer_without_a_basis() {
    let close = Decision::Close { in_favour_of: InFavourOf::Customer, reason: Reason::ProviderFailed };
    for decision in [
        close,
        Decision::AskProvider { notify: None },
        Decision::Wait { seconds: 1, notify: None },
        Decision::Answer { template: TemplateId::Delivered, slots: Slots::new() },
        Decision::Answer { template: TemplateId::TransactionRefunded, slots: Slots::new() },
        Decision::Escalate(Reason::ModelEscalated),
    ] {
        let mut run = Run::opened(Kind::Topup, model());
        run.after(2 * HOUR, &wrote(Intent::Unclear));
        run.bring(&Event::ModelAnswered { call: 1, ruling: chosen(decision.clone()), language: None });
        assert_eq!(
            (run.case.state, run.mails(), run.closes()),
            (State::WaitingForAgent, vec![TemplateId::HandedToAgent], None),
            "{decision:?}"
        );
    }
    let mut run = Run::opened(Kind::Topup, model());
    run.after(2 * HOUR, &wrote(Intent::Unclear));
    run.bring(&Event::ModelAnswered { call: 1, ruling: chosen(Decision::Ask(Question::Details)), language: None });
    assert_eq!((run.case.state, run.mails()), (State::WaitingForCustomer, vec![TemplateId::AskDetails]));
    run.after(2 * HOUR, &wrote(Intent::Unclear));
    assert!(run.case.facts.provided.contains(&Fact::Details));
}

#[test]
fn a_model_that_fails_is_silent_or_refuses_brings_a_person() {
    for (event, reason) in [
        (Event::ModelFailed { call: 1 }, Reason::ModelFailed),
        (Event::ModelRefused { call: 1, code: "malformed", is_unsure: false }, Reason::ModelRefused),
        (Event::ModelRefused { call: 1, code: "below_threshold", is_unsure: true }, Reason::ModelUnsure),
    ] {
        let mut run = Run::opened(Kind::Topup, model());
        run.after(2 * HOUR, &wrote(Intent::Unclear));
        run.bring(&event);
        assert_eq!(run.is(), (State::WaitingForAgent, reason));
    }
    let mut run = Run::opened(Kind::Topup, model());
    run.after(2 * HOUR, &wrote(Intent::Unclear));
    run.wait();
    assert!(run.effects.contains(&Effect::AskModel { call: 2 }));
    run.wait();
    assert_eq!(run.is(), (State::WaitingForAgent, Reason::ModelLimit));
}

#[test]
fn an_objection_goes_to_a_person_also_while_a_model_reads() {
    let mut run = Run::opened(Kind::Topup, model());
    run.after(2 * HOUR, &provider(ProviderState::Delivered));
    run.after(2 * HOUR, &wrote(Intent::Unclear));
    assert_eq!(run.case.state, State::New);
    run.bring(&wrote(Intent::Objection));
    assert_eq!(run.is(), (State::WaitingForAgent, Reason::CustomerObjected));
}

#[test]
fn rests_as_json() {
    let mut run = Run::opened(Kind::Voucher, setup());
    run.after(60, &photo());
    run.after(5, &provider(ProviderState::Delivered));
    let stored = serde_json::to_string(&run.case).unwrap();
    assert_eq!(serde_json::from_str::<SupportCase>(&stored).unwrap(), run.case);
    assert!(stored.contains(r#""state":"answered","owner":"automation","reason":"provider_delivered""#), "{stored}");
}
