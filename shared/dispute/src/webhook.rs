//! The events that webhooks send: which there are, what makes them, and their JSON.
//!
//! An entry of a dispute's history makes one event, or two where a decision settles the
//! transaction. A step of a support case and a received message make the `case.` events.
//!
//! **Invariant:** an event holds no address, no name of a person and no text that somebody wrote.
//! What not every role may read is left out by [`crate::policy::visibility`].

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::dispute::Dispute;
use crate::environment::Environment;
use crate::event::{EventKind, HistoryEntry};
use crate::lifecycle::{Action, Actor, Closing, State};
use crate::policy::visibility::{Field, Viewer};
use crate::time::UnixMillis;

pub use crate::ids::WebhookId;

/// The version of the events' form. Members may be added under one version; a reader passes over
/// those that it does not know.
pub const VERSION: u32 = 1;

/// The type of an event that an operator sends to try an endpoint out. No endpoint can leave it
/// out.
pub const TEST: &str = "webhook.test";

listed! {
    /// What an event says that happened.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub enum EventType {
        /// A dispute was opened, or its draft created.
        #[serde(rename = "dispute.opened")]
        DisputeOpened,
        /// It is at another stage, or its details changed, or a party commented.
        #[serde(rename = "dispute.updated")]
        DisputeUpdated,
        /// A draft was submitted.
        #[serde(rename = "dispute.submitted")]
        DisputeSubmitted,
        /// The party that has to act was reminded.
        #[serde(rename = "dispute.deadline_approaching")]
        DisputeDeadlineApproaching,
        /// It ended for the customer or for the merchant, or with its transaction.
        #[serde(rename = "dispute.decided")]
        DisputeDecided,
        /// Its opener took it back, or its draft ran out.
        #[serde(rename = "dispute.cancelled")]
        DisputeCancelled,
        /// What was decided is open again.
        #[serde(rename = "dispute.reopened")]
        DisputeReopened,
        /// A file came onto its record.
        #[serde(rename = "evidence.added")]
        EvidenceAdded,
        /// A mail came in.
        #[serde(rename = "case.message_received")]
        CaseMessageReceived,
        /// The support case waits for a person.
        #[serde(rename = "case.escalated")]
        CaseEscalated,
        /// The support case is over.
        #[serde(rename = "case.resolved")]
        CaseResolved,
        /// The dispute was decided for the customer, so the disputed amount is to be paid back.
        #[serde(rename = "transaction.settled_by_dispute")]
        TransactionSettledByDispute,
    }
}

impl EventType {
    /// The name on the wire: `dispute.decided`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DisputeOpened => "dispute.opened",
            Self::DisputeUpdated => "dispute.updated",
            Self::DisputeSubmitted => "dispute.submitted",
            Self::DisputeDeadlineApproaching => "dispute.deadline_approaching",
            Self::DisputeDecided => "dispute.decided",
            Self::DisputeCancelled => "dispute.cancelled",
            Self::DisputeReopened => "dispute.reopened",
            Self::EvidenceAdded => "evidence.added",
            Self::CaseMessageReceived => "case.message_received",
            Self::CaseEscalated => "case.escalated",
            Self::CaseResolved => "case.resolved",
            Self::TransactionSettledByDispute => "transaction.settled_by_dispute",
        }
    }

    /// Reads [`Self::name`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }

    /// Whether somebody with these roles gets events of this type. Those of the support case are
    /// for who reads of it ([`Field::SupportCase`]).
    #[must_use]
    pub fn is_for(self, viewer: &Viewer) -> bool {
        match self {
            Self::CaseMessageReceived | Self::CaseEscalated | Self::CaseResolved => viewer.may_see(Field::SupportCase),
            Self::DisputeOpened
            | Self::DisputeUpdated
            | Self::DisputeSubmitted
            | Self::DisputeDeadlineApproaching
            | Self::DisputeDecided
            | Self::DisputeCancelled
            | Self::DisputeReopened
            | Self::EvidenceAdded
            | Self::TransactionSettledByDispute => true,
        }
    }
}

/// The events of an entry of a dispute's history, in their order: at least one.
#[must_use]
pub fn events_of(entry: &HistoryEntry) -> Vec<EventType> {
    let action = match entry.kind {
        EventKind::Opened => return vec![EventType::DisputeOpened],
        EventKind::Commented => return vec![EventType::DisputeUpdated],
        EventKind::Reminded => return vec![EventType::DisputeDeadlineApproaching],
        EventKind::Attached => return vec![EventType::EvidenceAdded],
        EventKind::Did(action) => action,
    };
    match (action, entry.state.closing()) {
        (Action::UploadEvidence, _) => vec![EventType::EvidenceAdded],
        (Action::Reopen(_), _) => vec![EventType::DisputeReopened],
        (Action::Submit, _) => vec![EventType::DisputeSubmitted],
        (Action::Update, _) | (_, None) => vec![EventType::DisputeUpdated],
        (_, Some(Closing::Customer)) => vec![EventType::DisputeDecided, EventType::TransactionSettledByDispute],
        (_, Some(Closing::Merchant | Closing::Refunded | Closing::ClosedOnCreation)) => {
            vec![EventType::DisputeDecided]
        }
        (_, Some(Closing::Cancelled | Closing::Withdrawn)) => vec![EventType::DisputeCancelled],
    }
}

/// An event of a dispute, as far as it is the same for every reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookEvent {
    /// Its id: `evt_`, the dispute's number and the sequence number. The same event has the same
    /// id at every endpoint and in every attempt.
    pub id: String,
    /// What happened.
    pub event_type: EventType,
    /// When.
    pub occurred_at: UnixMillis,
    /// Its place among the dispute's events, from 1.
    pub sequence: u64,
    /// Who did it, where it is an entry of the dispute's history.
    pub by: Option<Actor>,
    /// The state of the dispute after it.
    pub state: State,
    /// The state of the support case after it and the reason, where it is about one.
    pub case: Option<(&'static str, String)>,
    /// The place in the thread of the message that came in, from 1.
    pub message: Option<u64>,
}

impl WebhookEvent {
    /// The event's JSON for somebody with these roles.
    #[must_use]
    pub fn body(&self, dispute: &Dispute, viewer: &Viewer) -> String {
        let facts = &dispute.facts;
        let (amount, paid) = (dispute.amount, facts.amount);
        let mut shown = Map::new();
        let mut add = |name: &str, value: Value| shown.insert(name.to_owned(), value);
        add("id", json!(dispute.number.case_id()));
        add("api", json!(dispute.channel));
        add("category", json!(dispute.category));
        add("state", json!(state(self.state)));
        add("stage", json!(self.state.stage()));
        add("outcome", json!(self.state.closing()));
        add("amount", json!(amount.decimal()));
        add("currency", json!(amount.currency().code()));
        add("opened_at", json!(dispute.opened_at.iso8601()));
        let deadline = dispute.deadline.filter(|_| dispute.state == self.state && dispute.state.is_open());
        if let Some(deadline) = deadline.filter(|_| viewer.may_see(Field::DueDate)) {
            add("due_at", json!(deadline.ends_at.iso8601()));
        }
        let mut transaction = json!({
            "trxid": facts.trxid,
            "amount": paid.decimal(),
            "currency": paid.currency().code(),
            "occurred_at": facts.occurred_at.iso8601(),
        });
        if let Some(transaction) = transaction.as_object_mut().filter(|_| viewer.may_see(Field::Refid)) {
            transaction.insert("refid".to_owned(), json!(facts.refid));
        }
        let mut data = json!({ "dispute": shown, "transaction": transaction });
        if let Some(data) = data.as_object_mut() {
            data.extend(self.by.map(|by| ("by".to_owned(), json!(by))));
            let case = self.case.as_ref().map(|(state, reason)| json!({ "state": state, "reason": reason }));
            data.extend(case.map(|case| ("case".to_owned(), case)));
            data.extend(self.message.map(|place| ("message".to_owned(), json!({ "place": place }))));
        }
        envelope(self.event_type.name(), &self.id, self.occurred_at, facts.environment, self.sequence, data)
    }
}

/// The JSON of an event that tries an endpoint out.
#[must_use]
pub fn test_body(id: &str, at: UnixMillis, environment: Environment) -> String {
    envelope(TEST, id, at, environment, 0, json!({}))
}

fn envelope(
    event_type: &str,
    id: &str,
    at: UnixMillis,
    environment: Environment,
    sequence: u64,
    data: Value,
) -> String {
    json!({
        "id": id,
        "type": event_type,
        "version": VERSION,
        "occurred_at": at.iso8601(),
        "environment": environment.name(),
        "sequence": sequence,
        "data": data,
    })
    .to_string()
}

fn state(state: State) -> &'static str {
    match state {
        State::Draft => "draft",
        State::Live(_) => "live",
        State::Closed { .. } => "closed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addresses::{MailAddress, Recipients};
    use crate::channel::Channel;
    use crate::dispute::tests::dispute;
    use crate::event::PerformedBy;
    use crate::lifecycle::{Level, Stage};

    fn entry(kind: EventKind, state: State) -> HistoryEntry {
        let by = PerformedBy { actor: Actor::Issuer, name: "secret-name".to_owned() };
        HistoryEntry { version: 3, at: UnixMillis(0), by, kind, state, note: Some("secret-note".to_owned()) }
    }

    #[test]
    fn names_are_stable() {
        for event in EventType::ALL {
            assert_eq!(serde_json::to_string(&event).unwrap(), format!("\"{}\"", event.name()));
            assert_eq!(EventType::parse(event.name()), Some(event));
        }
        assert_eq!((EventType::parse(TEST), EventType::parse("dispute")), (None, None));
    }

    #[test]
    fn each_entry_of_a_history_makes_its_events() {
        use EventType::*;
        let live = State::Live(Stage::Representment);
        let closed = |closing| State::Closed { closing, stage: Stage::First };
        for (kind, state, events) in [
            (EventKind::Opened, State::Draft, vec![DisputeOpened]),
            (EventKind::Opened, State::CLOSED_ON_CREATION, vec![DisputeOpened]),
            (EventKind::Commented, live, vec![DisputeUpdated]),
            (EventKind::Reminded, live, vec![DisputeDeadlineApproaching]),
            (EventKind::Attached, live, vec![EvidenceAdded]),
            (EventKind::Did(Action::UploadEvidence), closed(Closing::Merchant), vec![EvidenceAdded]),
            (EventKind::Did(Action::Submit), live, vec![DisputeSubmitted]),
            (EventKind::Did(Action::Represent), live, vec![DisputeUpdated]),
            (EventKind::Did(Action::Update), closed(Closing::Customer), vec![DisputeUpdated]),
            (EventKind::Did(Action::Reopen(Level::One)), live, vec![DisputeReopened]),
            (
                EventKind::Did(Action::Accept),
                closed(Closing::Customer),
                vec![DisputeDecided, TransactionSettledByDispute],
            ),
            (
                EventKind::Did(Action::Expire),
                closed(Closing::Customer),
                vec![DisputeDecided, TransactionSettledByDispute],
            ),
            (EventKind::Did(Action::Withdraw), closed(Closing::Merchant), vec![DisputeDecided]),
            (EventKind::Did(Action::Refund), closed(Closing::Refunded), vec![DisputeDecided]),
            (EventKind::Did(Action::Cancel), closed(Closing::Withdrawn), vec![DisputeCancelled]),
            (EventKind::Did(Action::Expire), closed(Closing::Cancelled), vec![DisputeCancelled]),
        ] {
            assert_eq!(events_of(&entry(kind, state)), events, "{kind:?} {state:?}");
        }
    }

    fn event(state: State) -> WebhookEvent {
        WebhookEvent {
            id: "evt_551_2".to_owned(),
            event_type: EventType::DisputeUpdated,
            occurred_at: UnixMillis(1_780_000_000_000),
            sequence: 2,
            by: Some(Actor::Issuer),
            state,
            case: None,
            message: None,
        }
    }

    #[test]
    fn a_reader_gets_what_its_role_may_read() {
        let live = dispute(Channel::Arbiter);
        let refid = live.facts.refid.as_str().to_owned();
        let of = |roles: &[Actor]| event(live.state).body(&live, &Viewer::new(roles.to_vec()));
        for (roles, reads) in [
            (&[Actor::Platform][..], true),
            (&[Actor::Account], true),
            (&[Actor::Opener], false),
            (&[Actor::Issuer], false),
            (&[Actor::Issuer, Actor::Account], true),
        ] {
            let body: Value = serde_json::from_str(&of(roles)).unwrap();
            assert_eq!(body.pointer("/data/transaction/refid").is_some(), reads, "{roles:?}");
            if reads {
                assert_eq!(body["data"]["transaction"]["refid"], refid.as_str());
            }
            assert_eq!(body["data"]["dispute"]["id"], live.number.case_id());
            assert_eq!((&body["sequence"], &body["version"]), (&json!(2), &json!(1)));
            assert_eq!(body["data"]["by"], "issuer");
        }
    }

    /// A bank that is a party of a dispute learns nothing of how its account answers its customer.
    #[test]
    fn events_of_a_support_case_are_for_the_account_the_opener_and_the_platform() {
        let gets = |role| {
            let viewer = Viewer::new(vec![role]);
            let gets: Vec<_> = EventType::ALL.into_iter().filter(|event| event.is_for(&viewer)).collect();
            let is_of_case = |event: &EventType| event.name().starts_with("case.");
            assert_eq!(gets.iter().filter(|event| !is_of_case(event)).count(), EventType::ALL.len() - 3, "{role:?}");
            gets.into_iter().filter(is_of_case).count()
        };
        for role in [Actor::Account, Actor::Opener, Actor::Platform] {
            assert_eq!(gets(role), 3, "{role:?}");
        }
        for role in [Actor::Issuer, Actor::Acquirer, Actor::Merchant] {
            assert_eq!(gets(role), 0, "{role:?}");
        }
        let both = Viewer::new(vec![Actor::Issuer, Actor::Account]);
        assert!(EventType::ALL.into_iter().all(|event| event.is_for(&both)));
    }

    #[test]
    fn nothing_personal_is_in_an_event() {
        let account = MailAddress::parse("account@client.example").unwrap();
        let recipients = Recipients::parse(&["user@customer.example".to_owned()], &account).ok();
        let live = Dispute { recipients, ..dispute(Channel::Iimmpact) };
        let whole = serde_json::to_string(&live).unwrap();
        let body = event(live.state).body(&live, &Viewer::new(Actor::ALL.to_vec()));
        assert!(!body.contains('@') && !body.contains("secret"), "{body}");
        assert!(whole.contains('@'), "the dispute has an address that could have been shown");
        let case = WebhookEvent { case: Some(("resolved", "provider_delivered".to_owned())), ..event(live.state) };
        let body: Value = serde_json::from_str(&case.body(&live, &Viewer::new(vec![Actor::Account]))).unwrap();
        assert_eq!(body["data"]["case"], json!({"state": "resolved", "reason": "provider_delivered"}));
        let test: Value = serde_json::from_str(&test_body("evt_test_1", UnixMillis(0), Environment::Staging)).unwrap();
        assert_eq!((&test["type"], &test["environment"]), (&json!(TEST), &json!("staging")));
    }
}
